import { isAbsolute, join } from 'node:path';
import { isJsonObject } from '../util/json.js';

type Fields = Readonly<Record<string, unknown>>;

/** Fields that may name files of the definition. Those of the working directory, such as output_file, are not among them. */
const FIELDS: ReadonlySet<string> = new Set([
  'tools',
  'guardrail',
  'guardrails',
  'callback',
  'condition',
  'when',
  'output_json',
  'output_pydantic',
  'response_model',
  'prompt_file',
  'language_file',
  'step_callback',
  'task_callback',
  'manager_callbacks',
  'before_kickoff',
  'after_kickoff',
  'before_kickoff_callbacks',
  'after_kickoff_callbacks',
  'manager_agent',
]);

/** The keys of a tool's or guardrail's map that may. */
const INNER: ReadonlySet<string> = new Set(['use', 'json_schema', 'cache_function']);

/** `./file.ts#export`, `schemas/report.json`: a path, and no sentence or name. */
const PATH = /^\.{1,2}[/\\]|^[^\s:{}]+\.(?:json|ya?ml|[cm]?[jt]s)(?:#[\w$]+)?$/;

/** The fields of a map from a file elsewhere, with its paths as seen from the definition; `folder` leads from there to it. */
export function rebasePaths(map: Fields, folder: string): Fields {
  if (folder === '') return map;
  return mapValues(map, (value, key) => {
    if (key === 'tools' && isJsonObject(value)) return mapValues(value, (tool) => rebase(tool, folder));
    if (key === 'mcp_servers' && isJsonObject(value)) return mapValues(value, (server) => rebaseServer(server, folder));
    return FIELDS.has(key) ? rebase(value, folder) : value;
  });
}

/** A server's folder is always a path, however it is written. */
function rebaseServer(server: unknown, folder: string): unknown {
  if (!isJsonObject(server) || typeof server['cwd'] !== 'string') return server;
  const cwd = server['cwd'].trim();
  return isAbsolute(cwd) || cwd.startsWith('${') ? server : { ...server, cwd: join(folder, cwd) };
}

function mapValues(map: Fields, change: (value: unknown, key: string) => unknown): Fields {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value, key)]));
}

function rebase(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => rebase(item, folder));
  if (isJsonObject(value)) {
    const inner = Object.entries(value).filter(([key, item]) => INNER.has(key) && typeof item === 'string');
    return { ...value, ...Object.fromEntries(inner.map(([key, item]) => [key, rebase(item, folder)])) };
  }
  if (typeof value !== 'string' || !PATH.test(value.trim()) || isAbsolute(value.trim())) return value;
  const path = join(folder, value.trim()).replaceAll('\\', '/');
  return path.startsWith('.') ? path : `./${path}`;
}
