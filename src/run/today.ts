import { everyoneIn } from '../definition/crew-agents.js';
import type { AgentDefinition, CrewDefinition } from '../definition/types.js';
import { parseWallTime } from '../util/local-time.js';

/** The day of a run, which is the same however often the run is taken up again. */
export interface Today {
  /** `2026-01-31T14:05:09.000+01:00`: the time on the clock where it was read, so that it is told the same everywhere. */
  readonly moment: string;
  /** The date in the form that the agent is told it in; undefined where it is told none. */
  textFor(agent: Pick<AgentDefinition, 'dateFormat'>): string | undefined;
}

/** The day that holds a moment, in the forms of the crew's agents. Undefined where none of them is told the date. */
export async function createToday(
  crew: Pick<CrewDefinition, 'agents' | 'manager'>,
  moment: string,
): Promise<Today | undefined> {
  const formats = everyoneIn(crew).flatMap(({ dateFormat }) => dateFormat ?? []);
  if (formats.length === 0) return undefined;
  const { utcFormat } = await import('d3-time-format');
  const { time, zone } = parseWallTime(moment);
  const texts = new Map(formats.map((format) => [format, utcFormat(withZone(format, zone))(time)]));
  return {
    moment,
    textFor: ({ dateFormat }) => (dateFormat === undefined ? undefined : texts.get(dateFormat)),
  };
}

/** The formatter only knows the zone of the process. */
function withZone(format: string, zone: string): string {
  return format.replaceAll(/%%|%[-_0]?Z/g, (directive) => (directive === '%%' ? directive : zone));
}
