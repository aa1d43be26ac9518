import type { CrewShape } from './crew-shape.js';
import { resolveModule, resolveModules } from './resolve-module.js';
import type { PathOptions } from './code-files.js';
import type { CrewCallbacks, ModuleReference } from './types.js';

/** Code of the user that a crew calls; what is wrong with it is reported. */
export function resolveCallbacks(shape: CrewShape, options: PathOptions): CrewCallbacks {
  const { crew } = shape;
  if (crew.process === 'sequential' && shape.given.has('manager_callbacks')) {
    const hint = 'remove it, or write process: hierarchical';
    options.report.warn(['manager_callbacks'], 'only a hierarchical crew has a manager', { target: 'key', hint });
  }
  return {
    step: resolveModule(crew.step_callback, ['step_callback'], options),
    task: resolveModule(crew.task_callback, ['task_callback'], options),
    manager: resolveModules(crew.manager_callbacks, ['manager_callbacks'], options),
    beforeKickoff: resolveKickoff('before_kickoff', shape, options),
    afterKickoff: resolveKickoff('after_kickoff', shape, options),
  };
}

/** The field under either of its names. */
function resolveKickoff(
  name: 'before_kickoff' | 'after_kickoff',
  { crew, given }: CrewShape,
  options: PathOptions,
): ModuleReference[] {
  const alias = `${name}_callbacks` as const;
  const isBoth = given.has(name) && given.has(alias);
  if (isBoth) options.report.error([alias], `${name} is there already, and means the same`, { target: 'key' });
  const used = given.has(alias) && !isBoth ? alias : name;
  return resolveModules(crew[used], [used], options);
}
