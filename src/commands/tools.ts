import type { LoadedCrewTool } from '../crew/crew-tools.js';
import type { DescribedTool } from '../crew/describe-tools.js';
import type { ListedTool } from '../reporters/tool-list.js';
import type { Tool } from '../tools/tool.js';
import { EXIT } from '../errors.js';
import type { Io } from '../util/io.js';
import { type CommandFactory, createCommand, formatOption } from './command.js';
import { findDefault } from './definition-file.js';
import { jsonText } from './history.js';
import { trustOption } from './run-flags.js';
import { type ToolFlags, toolFileOption, useToolOptions } from './tool-flags.js';
import { createToolsCallCommand } from './tools-call.js';

interface ToolsFlags extends ToolFlags {
  readonly all?: boolean;
}

/** `crew tools`: lists the built-in tools and those of a crew, or shows one; `crew tools call` tries one. */
export const createToolsCommand: CommandFactory = (io, end) =>
  createCommand('tools', 'list the tools that agents can have')
    .argument('[name]', 'a tool to show in full, or a definition whose tools are listed too')
    .addOption(toolFileOption())
    .option('--all', "load the crew's own tools and connect to its MCP servers, to list what they offer")
    .addOption(trustOption())
    .addOption(formatOption())
    .action(async (name: string | undefined, flags: ToolsFlags) => {
      await (name === undefined || isDefinition(name)
        ? listTools(io, { ...flags, ...(name !== undefined && { file: name }) })
        : showTool(io, name, flags));
      end(EXIT.done);
    })
    .helpCommand(false)
    .hook('preSubcommand', (tools, subcommand) => void subcommand.configureOutput(tools.configureOutput()))
    .addCommand(createToolsCallCommand(io, end));

function isDefinition(name: string): boolean {
  return /\.(ya?ml|jsonc?)$/i.test(name);
}

async function listTools(io: Io, flags: ToolsFlags): Promise<void> {
  const { describeBuiltinTools } = await import('../crew/describe-tools.js');
  const builtin = await describeBuiltinTools();
  const file = flags.file ?? (await findDefault(io));
  if (flags.format === 'json') {
    const crew = file === undefined ? null : crewJson(file, await crewTools(io, file, flags));
    io.stdout.write(jsonText({ builtin: builtin.map(builtinJson), crew }));
    return;
  }
  const [{ renderTools, renderCrewTools }, { loadPaint }] = await Promise.all([
    import('../reporters/tool-list.js'),
    import('../reporters/paint.js'),
  ]);
  const paint = await loadPaint(io.stdout.color);
  // Also for somebody whose definition is refused because it names a tool that there is not.
  io.stdout.write(renderTools(builtin.map(toListed), paint));
  if (file === undefined) return;
  const tools = await crewTools(io, file, flags);
  io.stdout.write(`\n${paint('faint', `Tools of ${file}:`)}\n`);
  if (tools.length > 0) io.stdout.write(renderCrewTools(tools, paint));
  else io.stdout.write('none\n');
  const loaded = tools.filter(({ reference }) => reference.kind !== 'builtin').flatMap((tool) => tool.tools);
  if (loaded.length > 0) io.stdout.write(`\n${renderTools(loaded.map(loadedToListed), paint)}`);
}

/** The crew's tools; what they are for models only where all is to be loaded. */
async function crewTools(io: Io, file: string, flags: ToolsFlags): Promise<readonly LoadedCrewTool[]> {
  const [{ loadDefinition }, { listCrewTools, loadCrewTools }] = await Promise.all([
    import('../definition/load-definition.js'),
    import('../crew/crew-tools.js'),
  ]);
  const definition = await loadDefinition(file, { env: io.env, workingDirectory: io.cwd });
  if (flags.all) return loadCrewTools(definition, useToolOptions(io, flags));
  return listCrewTools(definition).map((tool) => ({ ...tool, tools: [] }));
}

async function showTool(io: Io, name: string, flags: ToolsFlags): Promise<void> {
  const [{ isBuiltinTool }, { CREWAI_TOOLS }, { describeBuiltinTool }] = await Promise.all([
    import('../definition/tool-settings.js'),
    import('../definition/crewai-tools.js'),
    import('../crew/describe-tools.js'),
  ]);
  const builtin = Object.hasOwn(CREWAI_TOOLS, name) ? CREWAI_TOOLS[name]?.use : name;
  if (builtin !== undefined && isBuiltinTool(builtin) && flags.file === undefined) {
    const tool = await describeBuiltinTool(builtin);
    await writeWhole(io, [{ listed: toListed(tool), parameters: tool.parameters, json: builtinJson(tool) }], flags);
    return;
  }
  const { inspectTools } = await import('../crew/call-tool.js');
  const file = flags.file ?? (await findDefault(io));
  const tools = await inspectTools({ name, settings: {}, file }, useToolOptions(io, flags));
  await writeWhole(
    io,
    tools.map((tool) => ({ listed: loadedToListed(tool), parameters: tool.parameters, json: toolJson(tool) })),
    flags,
  );
}

interface WholeTool {
  readonly listed: ListedTool;
  readonly parameters: Tool['parameters'];
  readonly json: object;
}

async function writeWhole(io: Io, tools: readonly WholeTool[], { format }: ToolsFlags): Promise<void> {
  if (format === 'json') {
    io.stdout.write(jsonText(tools.length === 1 ? tools[0]?.json : tools.map(({ json }) => json)));
    return;
  }
  const [{ renderWholeTool }, { loadPaint }] = await Promise.all([
    import('../reporters/tool-list.js'),
    import('../reporters/paint.js'),
  ]);
  const paint = await loadPaint(io.stdout.color);
  io.stdout.write(tools.map(({ listed, parameters }) => renderWholeTool(listed, parameters, paint)).join('\n'));
}

function toListed({ effects, hasOtherEffects, ...tool }: DescribedTool): ListedTool {
  return { ...tool, effects: hasOtherEffects ? `${effects}; settings can change that` : effects };
}

function loadedToListed({ name, description, effects }: Tool): ListedTool {
  return { name, description, effects, settings: [], variables: [] };
}

function builtinJson({ name, description, effects, parameters, settings, variables }: DescribedTool): object {
  const fields = settings.map((setting) => [
    setting.name,
    { ...setting.schema, description: setting.description, required: setting.isRequired },
  ]);
  return { name, description, effects, parameters, settings: Object.fromEntries(fields), environment: variables };
}

function toolJson({ name, id = name, description, effects, parameters }: Tool): object {
  return { name, id, description, effects, parameters };
}

function crewJson(file: string, tools: readonly LoadedCrewTool[]): object {
  return {
    file,
    tools: tools.map(({ reference, holders, tools: loaded }) => ({
      name: reference.label,
      kind: reference.kind,
      holders,
      tools: loaded.map(toolJson),
    })),
  };
}
