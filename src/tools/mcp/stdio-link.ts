import type { Readable } from 'node:stream';
import { serializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { Environment } from '../../definition/environment.js';
import type { McpServerDefinition } from '../../definition/tool-types.js';
import { printable } from '../../util/printable.js';
import { programVariables } from '../../util/program-variables.js';
import { type RunningProgram, startProgram } from '../../util/run-program.js';
import { createMessageLines } from './message-lines.js';
import type { ServerLink } from './server-link.js';

/** Of the end of what it writes to stderr. */
const STDERR_BYTES = 4096;
/** How long a program has to end by itself when its stdin is closed, and again when it is told to, milliseconds. */
const GRACE_MS = 1000;

/** Starts a server and speaks to it over stdin and stdout. Rejects where it cannot be started. */
export async function openStdioLink(
  { command, args, env, cwd }: McpServerDefinition['connection'] & { readonly kind: 'stdio' },
  environment: Environment,
): Promise<ServerLink> {
  const program = await startProgram({ command, args, cwd, env: { ...programVariables(environment), ...env } });
  const { child } = program;
  const stderr = keepEnd(child.stderr);
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= program.stop(GRACE_MS));
  let isLost = false;
  const lose = (): void => {
    if (isLost) return;
    isLost = true;
    transport.onclose?.();
    void stop();
  };
  // What is about to end says more about it when it has.
  const loseSoon = (): void => void setTimeout(lose, GRACE_MS).unref();
  const messages = createMessageLines((message) => transport.onmessage?.(message));
  const transport: Transport = {
    start: async () => {
      child.once('close', lose);
      child.stdout.once('end', loseSoon);
      child.stdout.on('data', (chunk: Buffer) => {
        if (!isLost && !messages.take(chunk)) lose();
      });
    },
    send: (message) =>
      new Promise((resolve) => {
        child.stdin.write(serializeMessage(message), (error) => {
          if (error) loseSoon();
          resolve();
        });
      }),
    close: async () => {
      lose();
      await stop();
    },
  };
  return {
    transport,
    trouble: () => {
      const ways = [endWords(child), messages.trouble()].filter((text) => text !== '').join('; ');
      const said = stderr();
      return said === '' ? ways : `${ways}\n${said.replaceAll(/^/gm, '  ')}`;
    },
    close: transport.close,
  };
}

function endWords({ exitCode, signalCode }: RunningProgram['child']): string {
  if (exitCode !== null) return `it ended with exit ${exitCode}`;
  return signalCode === null ? '' : `it was ended by ${signalCode}`;
}

/** Reads a stream to its end and gives the end of what came. */
function keepEnd(stream: Readable): () => string {
  let end: Buffer = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    end = Buffer.concat([end, chunk]).subarray(-STDERR_BYTES);
  });
  return () => printable(end.toString()).trim();
}
