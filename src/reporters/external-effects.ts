import type { ExternalEffect } from '../replay/external-effects.js';
import { excerpt } from '../util/excerpt.js';
import { printableLine } from '../util/printable.js';

/** Effects that are told one by one, and characters of the arguments of each. */
const MOST_TOLD = 20;
const MOST_ARGUMENTS = 200;

/** A line for each effect: the call, its task, and how often. */
export function describeEffects(effects: readonly ExternalEffect[]): string[] {
  const lines = effects.slice(0, MOST_TOLD).map(({ taskKey, tool, arguments: args, count }) => {
    const call = printableLine(`${tool} ${excerpt(JSON.stringify(args), MOST_ARGUMENTS)}`);
    return `${call} (${taskKey}${count > 1 ? `, ${count} times` : ''})`;
  });
  return effects.length > MOST_TOLD ? [...lines, `and ${effects.length - MOST_TOLD} more`] : lines;
}
