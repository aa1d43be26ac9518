import type { ValuePath as Path } from '../util/format-path.js';
import type { CrewShape } from './crew-shape.js';
import type { Entry } from './entries.js';
import type { Report } from './report.js';
import { contextName } from './resolve-context.js';
import type { TaskFields } from './task-schema.js';
import type { ConditionDefinition } from './types.js';

interface Link {
  readonly from: Entry<TaskFields>;
  readonly to: Entry<TaskFields>;
  /** Where the name of the other task stands. */
  readonly place: Path;
}

/** Reports tasks that wait for themselves, for each other in a circle, or for a later task; also because of their conditions. */
export function checkOrder(
  { tasks, crew }: CrewShape,
  conditions: ReadonlyMap<string, ConditionDefinition>,
  report: Report,
): void {
  const position = new Map(tasks.map((task, index) => [task, index]));
  const byKey = new Map(tasks.map((task) => [task.key, task]));
  const links = tasks.flatMap((task, index) => [
    ...linksOf(task, byKey),
    ...conditionLinks(task, conditions.get(task.key), {
      byKey,
      earlier: () => (crew.task_order === 'file' ? [] : tasks.slice(0, index)),
    }),
  ]);
  const goesBack = ({ from, to }: Link): boolean => (position.get(to) ?? 0) < (position.get(from) ?? 0);
  // A circle has to go forward somewhere; most files never do.
  if (links.every(goesBack)) return;
  const inCircle = new Set<Link>();
  for (const link of links.filter(({ from, to }) => from === to)) {
    inCircle.add(link);
    report.error(link.place, `task "${link.from.key}" waits for itself`, { hint: 'remove its own name' });
  }
  for (const circle of findCircles(tasks, links)) {
    const [first] = circle;
    if (!first) continue;
    for (const link of circle) inCircle.add(link);
    const keys = [...circle.map(({ from }) => from.key), first.from.key];
    report.error(first.place, `tasks wait for each other in a circle: ${keys.join(' → ')}`);
  }
  if (crew.task_order !== 'file') return;
  for (const link of links) {
    if (inCircle.has(link) || goesBack(link)) continue;
    const hint =
      crew.process === 'hierarchical'
        ? `move "${link.to.key}" before "${link.from.key}", or write task_order: manager`
        : `move "${link.to.key}" before "${link.from.key}"`;
    report.error(link.place, `task "${link.to.key}" comes later in the file`, { hint });
  }
}

function linksOf(from: Entry<TaskFields>, byKey: ReadonlyMap<string, Entry<TaskFields>>): Link[] {
  return (['context', 'depends_on'] as const).flatMap((field) =>
    (from.fields[field] ?? []).flatMap((entry, index) => {
      const to = byKey.get(contextName(entry).trim());
      return to ? [{ from, to, place: [...from.path, field, index] }] : [];
    }),
  );
}

/** A condition in code is told of all earlier tasks, which in the order of the file is no more than going back. */
function conditionLinks(
  from: Entry<TaskFields>,
  condition: ConditionDefinition | undefined,
  {
    byKey,
    earlier,
  }: {
    readonly byKey: ReadonlyMap<string, Entry<TaskFields>>;
    readonly earlier: () => readonly Entry<TaskFields>[];
  },
): Link[] {
  if (!condition) return [];
  const place = [...from.path, from.fields.when === undefined ? 'condition' : 'when'];
  const tasks = condition.kind === 'module' ? earlier() : condition.tasks.flatMap((key) => byKey.get(key) ?? []);
  return tasks.map((to) => ({ from, to, place }));
}

/** Circles of two and more tasks, each from its first task in the file; no link is in two of them. */
function findCircles(tasks: readonly Entry<TaskFields>[], links: readonly Link[]): Link[][] {
  const circles: Link[][] = [];
  const leaving = new Map<Entry<TaskFields>, Link[]>(tasks.map((task) => [task, []]));
  for (const link of links) leaving.get(link.from)?.push(link);
  const finished = new Set<Entry<TaskFields>>();
  const walk = (task: Entry<TaskFields>, trail: readonly Link[]): void => {
    if (finished.has(task)) return;
    const start = trail.findIndex(({ from }) => from === task);
    if (start >= 0) {
      circles.push(trail.slice(start));
      return;
    }
    for (const link of leaving.get(task) ?? []) if (link.to !== task) walk(link.to, [...trail, link]);
    finished.add(task);
  };
  for (const task of tasks) walk(task, []);
  return circles;
}
