import { UsageError } from '../errors.js';
import { suggest } from '../util/suggest.js';
import type { BuiltinTool } from './builtin-tool.js';
import { ToolError } from './tool-error.js';

/** Tells date and time. */
export const currentTimeTool: BuiltinTool<'current_time'> = {
  description: 'Tells the date, the weekday and the time.',
  effects: 'none',
  isCacheable: false,
  parameters: {
    type: 'object',
    properties: { time_zone: { type: 'string', description: 'Such as Europe/Berlin' } },
    additionalProperties: false,
  },
  prepare: ({ time_zone: zone }) => {
    const problem = zone === undefined ? undefined : zoneProblem(zone);
    if (problem !== undefined) return Promise.reject(new UsageError(`current_time: ${problem}`));
    return Promise.resolve(async ({ time_zone: wanted = zone }) =>
      describeTime(new Date(), wanted as string | undefined),
    );
  },
};

/**
 * The time in a zone, by default that of the machine: `2026-01-31T14:05:09+01:00, Saturday, Europe/Berlin`. Throws ToolError
 * for a zone that there is not.
 */
export function describeTime(time: Date, zone?: string): string {
  const problem = zone === undefined ? undefined : zoneProblem(zone);
  if (problem !== undefined) throw new ToolError(problem);
  const format = new Intl.DateTimeFormat('en-US', {
    ...(zone !== undefined && { timeZone: zone }),
    hourCycle: 'h23',
    weekday: 'long',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'longOffset',
  });
  const part = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]));
  const offset = part['timeZoneName']?.replace('GMT', '') || '+00:00';
  const clock = `${part['hour']}:${part['minute']}:${part['second']}`;
  const date = `${part['year']}-${part['month']}-${part['day']}`;
  return `${date}T${clock}${offset}, ${part['weekday']}, ${format.resolvedOptions().timeZone}`;
}

/** Why that is no time zone, or undefined. */
function zoneProblem(zone: string): string | undefined {
  try {
    return void Intl.DateTimeFormat('en-US', { timeZone: zone });
  } catch {
    const known = Intl.supportedValuesOf('timeZone');
    const word = zone.trim().replaceAll(' ', '_').toLowerCase();
    const close = known.find((name) => name.toLowerCase().endsWith(`/${word}`)) ?? suggest(zone, known);
    const hint = close === undefined ? 'give one like Europe/Berlin or UTC' : `did you mean ${close}?`;
    return `there is no time zone "${zone}"; ${hint}`;
  }
}
