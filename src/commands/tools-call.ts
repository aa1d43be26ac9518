import type { Command } from 'commander';
import { EXIT } from '../errors.js';
import type { Io } from '../util/io.js';
import { type CommandFactory, createCommand, flagsOfParent, formatOption } from './command.js';
import { findDefault } from './definition-file.js';
import { jsonText } from './history.js';
import { collect, trustOption } from './run-flags.js';
import { type ToolFlags, toolFileOption, useToolOptions } from './tool-flags.js';

interface ToolsCallFlags extends ToolFlags {
  readonly input?: string;
  readonly set?: readonly string[];
}

/** `crew tools call`: tries one tool without a model. */
export const createToolsCallCommand: CommandFactory = (io, end) =>
  createCommand('call', 'try a tool without a model, and print its result')
    .argument('<name>', 'as under the tools of an agent: read_file, ./tools/price.ts#lookup, mcp:server/tool')
    .argument('[arguments...]', 'name=value; a list is given one by one or as JSON')
    .option('--input <json>', 'more arguments, as a JSON object')
    .option('--set <name=value>', 'a setting of the tool, as YAML (repeatable)', collect)
    .addOption(toolFileOption())
    .addOption(trustOption())
    .addOption(formatOption())
    .option('--no-color', 'no colours (also: NO_COLOR)')
    .action(async (name: string, words: readonly string[], flags: ToolsCallFlags, command: Command) => {
      await callOneTool(io, name, words, { ...flags, ...flagsOfParent<ToolsCallFlags>(command) });
      end(EXIT.done);
    });

async function callOneTool(io: Io, name: string, words: readonly string[], flags: ToolsCallFlags): Promise<void> {
  const [{ callTool }, { toSettings }] = await Promise.all([
    import('../crew/call-tool.js'),
    import('../crew/tool-arguments.js'),
  ]);
  const file = flags.file ?? (await findDefault(io));
  const request = { name, settings: toSettings(flags.set ?? []), file, words, input: flags.input };
  const { text, note } = await callTool(request, useToolOptions(io, flags));
  if (flags.format === 'json') {
    io.stdout.write(jsonText({ result: text, note: note ?? null }));
    return;
  }
  io.stdout.write(text === '' || text.endsWith('\n') ? text : `${text}\n`);
  if (note !== undefined) io.stderr.write(`${note}\n`);
}
