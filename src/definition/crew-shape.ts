import { isJsonObject } from '../util/json.js';
import { checkFields } from './check-shape.js';
import { readParts, type CrewParts } from './crew-parts.js';
import { checkName, withoutNulls } from './entries.js';
import { inheritFields, mainLayer, readExtended } from './extend.js';
import { crewSchema, type CrewFields } from './schema.js';
import type { SourceTree } from './source-tree.js';
import type { Variables } from './variables.js';

/** Fields in which environment variables are put. */
const SETTINGS = ['manager_llm', 'function_calling_llm', 'planning_llm', 'chat_llm', 'output_log_file'];
/** Fields that are put together from several files, and checked there. */
const ASSEMBLED = ['agents', 'tasks', 'manager_agent', 'extends', 'config'] as const;

/** A definition after the first pass: each part has the right shape or is left out. */
export interface CrewShape extends CrewParts {
  readonly crew: Partial<Omit<CrewFields, (typeof ASSEMBLED)[number]>>;
  /** The top keys that are written, sound or not. */
  readonly given: ReadonlySet<string>;
  /** The names under `models`, sound or not. */
  readonly modelNames: readonly string[];
}

/** The first pass: puts the files of the definition together, puts variables into settings and checks shapes. */
export async function readShape(
  root: Readonly<Record<string, unknown>>,
  tree: SourceTree,
  variables: Variables,
): Promise<CrewShape> {
  const { report } = tree;
  const before = report.errorCount;
  const extended = await readExtended(root, tree, variables);
  const isExtendedWhole = report.errorCount === before;
  const written = withoutNulls(inheritFields(root, extended, tree), [], tree);
  const { models } = written;
  const expanded = isJsonObject(models) ? variables.expandFields(models, Object.keys(models), ['models']) : models;
  const top = {
    ...variables.expandFields(written, SETTINGS, []),
    ...(expanded !== undefined && { models: expanded }),
  };
  const { fields, given, meant } = checkFields(crewSchema, top, [], report, { level: 'crew', skip: ASSEMBLED });
  if (fields.share_crew) {
    report.warn(['share_crew'], 'nothing of a crew is ever sent to anybody', { target: 'key', hint: 'remove it' });
  }
  const modelNames = isJsonObject(models) ? Object.keys(models) : [];
  for (const name of modelNames) checkName(name, ['models', name], 'model', report);

  const layers = [...extended, mainLayer(withoutNulls(root, [], tree), tree)];
  const manager = Object.hasOwn(written, 'manager_agent') ? written['manager_agent'] : undefined;
  const isSequential = (fields.process ?? 'sequential') === 'sequential';
  const parts = await readParts(layers, { manager, isSequential }, { tree, variables });
  for (const key of ['agents', 'tasks'] as const) {
    const isWritten = layers.some((layer) => Object.hasOwn(layer.root, key) || Object.hasOwn(layer.root, 'config'));
    if (!isWritten && isExtendedWhole && !meant.has(key)) {
      report.error([], `${key} is missing`, { hint: crewSchema.shape[key].description, target: 'key' });
    }
  }
  return { crew: fields, given, modelNames, ...parts };
}
