import { readEnvironment } from '../definition/environment.js';
import { loadDefinition } from '../definition/load-definition.js';
import { keyVariablesOf, passedVariablesOf } from '../definition/missing-tool-keys.js';
import { createReport } from '../definition/report.js';
import { createToolResolver } from '../definition/resolve-tools.js';
import type { McpServerDefinition, ToolReference } from '../definition/tool-types.js';
import type { CrewDefinition } from '../definition/types.js';
import { createVariables } from '../definition/variables.js';
import { UsageError } from '../errors.js';
import { formatPath } from '../util/format-path.js';
import type { Redactor } from '../util/redact.js';
import { redactorOf } from './redactor-of.js';
import type { RunPlace } from './run-options.js';

/** One tool, as somebody names it on the command line. */
export interface ToolRequest {
  /** As under the `tools` of an agent: `read_file`, a name under the top `tools`, `./tools/price.ts#lookup`, `mcp:files/list`. */
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** The definition that it is named in; without one there are built-in tools and files. */
  readonly file: string | undefined;
}

/** The tool, and what it needs to be loaded. */
export interface ChosenTool {
  readonly reference: ToolReference;
  readonly definition: CrewDefinition | undefined;
  /** Absolute: where paths of code start. */
  readonly directory: string;
  readonly environment: RunPlace['env'];
  readonly servers: Readonly<Record<string, McpServerDefinition>>;
  readonly redactor: Redactor;
}

/** Finds the tool. Rejects with DefinitionError, and with UsageError where there is no such tool or it cannot have these settings. */
export async function chooseTool({ name, settings, file }: ToolRequest, place: RunPlace): Promise<ChosenTool> {
  const { env, workingDirectory } = place;
  const definition = file === undefined ? undefined : await loadDefinition(file, { env, workingDirectory });
  const directory = definition?.source.directory ?? workingDirectory;
  const environment = definition?.environment ?? (await readEnvironment(directory, env)).environment;
  const servers = definition?.mcpServers ?? {};
  const report = createReport(
    ({ severity, path, message, hint }) => {
      const where = formatPath(path.filter((part) => part !== 'use'));
      return { severity, file: '', line: 0, column: 0, path: where, message, hint, sourceLine: undefined, length: 1 };
    },
    () => [''],
  );
  const variables = createVariables(environment, report);
  const known = definition?.namedTools ?? {};
  const resolver = createToolResolver({
    tools: {},
    toolNames: Object.keys(known),
    known,
    servers: { names: Object.keys(servers), definitions: servers },
    directory,
    report,
  });
  const written = variables.expand(settings, []) as typeof settings;
  const value = Object.keys(written).length === 0 ? name : { ...written, use: name };
  // The list's own place says nothing to somebody who names one tool.
  const [reference] = resolver.resolve([value], []);
  throwProblems(report.list());
  if (!reference) throw new UsageError(`there is no tool "${name}"`);
  requireVariables(reference, servers, environment);
  const secrets = [
    ...(definition?.secretVariables ?? []),
    ...variables.secrets,
    ...keyVariablesOf(reference),
    ...passedVariablesOf(reference),
  ];
  return {
    reference,
    definition,
    directory,
    environment,
    servers,
    redactor: redactorOf({ secretVariables: [...new Set(secrets)], environment }),
  };
}

function throwProblems(
  problems: readonly { readonly path: string; readonly message: string; readonly hint: string | undefined }[],
): void {
  const [first, ...others] = problems;
  if (!first) return;
  const lines = problems.map(({ path, message }) => `${path.replace(/^\[0\]\.?/, '')}: ${message}`.replace(/^: /, ''));
  throw new UsageError(lines.join('\n'), { hint: others.length === 0 ? first.hint : undefined });
}

/** A variable that is not set stays in the text that names it, for whoever never calls the tool. */
function requireVariables(
  reference: ToolReference,
  servers: ChosenTool['servers'],
  environment: RunPlace['env'],
): void {
  const parts = [
    reference.kind === 'builtin' ? reference.settings : undefined,
    reference.kind === 'mcp' ? servers[reference.server]?.connection : undefined,
  ];
  const [, name] = /\$\{(\w+)\}/.exec(JSON.stringify(parts)) ?? [];
  const keys = keyVariablesOf(reference);
  const unset = name === undefined ? keys : [name];
  if (unset.length === 0 || (name === undefined && keys.some((key) => environment[key]?.trim()))) return;
  const words = unset.length === 1 ? `${unset[0]} is not set` : `none of ${unset.join(', ')} is set`;
  throw new UsageError(`${words}; ${reference.label} needs it`, { hint: 'Set it, or write it into .env.' });
}
