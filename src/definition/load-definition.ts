import { basename, dirname, extname } from 'node:path';
import { checkAgents } from './check-agents.js';
import { checkInputFiles } from './check-input-files.js';
import { checkOrder } from './check-order.js';
import { checkPlaceholders } from './check-placeholders.js';
import { checkPromptSettings } from './check-prompt-settings.js';
import { checkToolUse } from './check-tool-use.js';
import { readShape, type CrewShape } from './crew-shape.js';
import { DefinitionError } from './definition-error.js';
import { readEnvironment, type Environment } from './environment.js';
import { reportMissingKeys } from './missing-keys.js';
import { keyVariablesOf, passedVariablesOf, reportMissingToolKeys } from './missing-tool-keys.js';
import { findProvider } from './providers.js';
import type { ReadFile } from './read-source.js';
import { resolveAgent } from './resolve-agents.js';
import { resolveConditions } from './resolve-condition.js';
import { resolveCrewSettings } from './resolve-crew-settings.js';
import { resolveInputDefinitions } from './resolve-inputs.js';
import { resolveLimits } from './resolve-limits.js';
import { resolveManager } from './resolve-manager.js';
import { createModelResolver, type ModelResolver } from './resolve-models.js';
import { resolveMcpServers } from './resolve-mcp-servers.js';
import { resolvePermissions } from './resolve-permissions.js';
import { resolvePromptTexts } from './resolve-prompts.js';
import { resolveTasks } from './resolve-tasks.js';
import { createToolResolver, type ToolResolver } from './resolve-tools.js';
import { readTree, type SourceTree } from './source-tree.js';
import type { CrewDefinition, Problem } from './types.js';
import { createRedactor, redactFields } from '../util/redact.js';
import { createVariables, type Variables } from './variables.js';

export interface LoadOptions {
  readonly env: Environment;
  /** Absolute; a relative path starts here, and problems name files relative to it. */
  readonly workingDirectory: string;
  /** Names of inputs that were given without being declared; they count as known. */
  readonly givenInputs?: readonly string[] | undefined;
  /** Where the definition's files are read from. Default: the disk. `.env` is always read from the disk. */
  readonly readFile?: ReadFile | undefined;
  /** The model of the chat will be called too. */
  readonly isForChat?: boolean | undefined;
}

export interface CheckedDefinition {
  /** Undefined where there are errors. */
  readonly definition: CrewDefinition | undefined;
  /** Errors and warnings in the order of files and lines. Missing keys are not among them. */
  readonly problems: readonly Problem[];
}

/** Loads a definition. Rejects with DefinitionError, which holds every error and warning, where it is not sound. */
export async function loadDefinition(path: string, options: LoadOptions): Promise<CrewDefinition> {
  const { definition, problems } = await checkDefinition(path, options);
  if (!definition) throw new DefinitionError(problems);
  return definition;
}

/** Loads a definition and tells everything that is wrong with it. */
export async function checkDefinition(path: string, options: LoadOptions): Promise<CheckedDefinition> {
  const tree = await readTree(path, options);
  const { root, report, directory } = tree;
  if (!root) return { definition: undefined, problems: report.list() };
  const { environment, trouble } = await readEnvironment(directory, options.env);
  if (trouble !== undefined) report.warn([], `.env beside it was not read: ${trouble}`, { target: 'key' });
  const variables = createVariables(environment, report);
  const shape = await readShape(root, tree, variables);
  const definition = await resolve(shape, tree, variables, options);
  const problems = withoutSecrets(report.list(), variables);
  if (report.errorCount > 0) return { definition: undefined, problems };
  return { definition: { ...definition, warnings: problems }, problems };
}

/** Problems quote values, in which variables are put in already. */
function withoutSecrets(problems: readonly Problem[], { secrets, environment }: Variables): Problem[] {
  const redactor = createRedactor([...secrets].map((name) => ({ name, value: environment[name] ?? '' })));
  return problems.map((problem) => redactFields(redactor, problem, ['message', 'hint']));
}

/** The second pass. What it gives is whole only where nothing was reported. */
async function resolve(
  shape: CrewShape,
  tree: SourceTree,
  variables: Variables,
  { givenInputs = [], isForChat = false }: LoadOptions,
): Promise<CrewDefinition> {
  const { report, directory } = tree;
  const { crew, modelNames, toolNames, serverNames } = shape;
  const servers = resolveMcpServers(crew.mcp_servers ?? {}, serverNames, { directory, report, variables });
  const tools = createToolResolver({ tools: crew.tools ?? {}, toolNames, servers, directory, report });
  const options = { directory, report, crew, tools };
  const inputs = resolveInputDefinitions(crew.inputs ?? {}, report);
  const models = createModelResolver({ models: crew.models ?? {}, modelNames, variables, report });
  const agents = shape.agents.map((agent) => resolveAgent(agent, models, options));
  const knownInputs = [...Object.keys(inputs), ...givenInputs];
  const conditions = await resolveConditions(shape, { ...options, inputs: knownInputs });
  const tasks = resolveTasks(shape, models, { ...options, conditions });
  const manager = resolveManager(shape, models, options);
  checkAgents(shape, report);
  checkInputFiles({ agents, manager, tasks }, shape, report);
  checkOrder(shape, conditions, report);
  checkPlaceholders(shape, knownInputs, report);
  checkPromptSettings(shape, report);
  const promptTexts = await resolvePromptTexts(shape, tree, variables);
  // Before the keys are checked, as it uses models too.
  const settings = resolveCrewSettings(shape, models, { ...options, isForChat });
  checkToolUse(tools, servers, tree);
  const permissions = resolvePermissions(shape.permissions, { tools, servers: serverNames, report });
  const missing = tree.createReport();
  reportMissingKeys(models.used, variables, missing);
  const missingForTools = tree.createReport();
  reportMissingToolKeys(tools.used, variables, missingForTools);
  const source = tree.source();
  return {
    name: crew.name?.trim() ?? defaultName(source.path),
    process: crew.process ?? 'sequential',
    inputs,
    agents,
    tasks,
    manager,
    taskOrder: crew.process === 'hierarchical' ? (crew.task_order ?? 'file') : 'file',
    ...resolveLimits(shape, report),
    ...settings,
    promptTexts,
    source,
    secretVariables: secretVariablesOf(models, tools, variables),
    warnings: [],
    namedTools: tools.named,
    mcpServers: servers.definitions,
    permissions,
    missingKeys: missing.list(),
    missingToolKeys: missingForTools.list(),
    environment: variables.environment,
  };
}

/** The file's name without its ending; for `crew.yaml` that says nothing, so its folder's. */
function defaultName(path: string): string {
  const name = basename(path, extname(path));
  return name === 'crew' ? basename(dirname(path)) || name : name;
}

function secretVariablesOf(models: ModelResolver, tools: ToolResolver, { secrets }: Variables): string[] {
  const keys = models.used.flatMap(({ model }) => findProvider(model.provider)?.keyVariables ?? []);
  const references = [...Object.values(tools.named), ...tools.used.map(({ reference }) => reference)];
  const toolKeys = references.flatMap((reference) => [...keyVariablesOf(reference), ...passedVariablesOf(reference)]);
  return [...new Set([...secrets, ...keys, ...toolKeys])];
}
