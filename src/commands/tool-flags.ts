import { Option } from 'commander';
import type { UseToolOptions } from '../crew/call-tool.js';
import type { Io } from '../util/io.js';
import { agreementOption } from './agree-to-start.js';

/** The flags of commands that look at tools or try one. */
export interface ToolFlags {
  readonly file?: string;
  readonly trust?: boolean;
  readonly format: 'text' | 'json';
}

/** `--file <file>`: the definition that tools are named in. */
export function toolFileOption(): Option {
  return new Option(
    '--file <file>',
    'definition (default: crew.yaml or crew.jsonc, here or in crew/, if there is one)',
  );
}

/** What tools are loaded with, for the person at the terminal. */
export function useToolOptions(io: Io, { trust }: Pick<ToolFlags, 'trust'>): UseToolOptions {
  return {
    place: { env: io.env, workingDirectory: io.cwd },
    signal: io.signal,
    trust: { ...(trust && { trust }), ...agreementOption(io) },
    log: (line) => io.stderr.write(`${line}\n`),
  };
}
