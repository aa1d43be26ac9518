import { describe, expect, it } from 'vitest';
import { describeTime } from '../../src/tools/current-time.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { builtinTool, callTool } from './builtin.js';

const AFTERNOON = new Date('2026-01-31T13:05:09.123Z');

describe('describeTime', () => {
  it('gives date, time, offset, weekday and zone', () => {
    expect(describeTime(AFTERNOON, 'Europe/Berlin')).toBe('2026-01-31T14:05:09+01:00, Saturday, Europe/Berlin');
    expect(describeTime(AFTERNOON, 'asia/kolkata')).toMatch(
      /^2026-01-31T18:35:09\+05:30, Saturday, Asia\/(Kolkata|Calcutta)$/,
    );
    expect(describeTime(AFTERNOON, 'UTC')).toBe('2026-01-31T13:05:09+00:00, Saturday, UTC');
    expect(describeTime(AFTERNOON, 'Pacific/Kiritimati')).toBe('2026-02-01T03:05:09+14:00, Sunday, Pacific/Kiritimati');
    expect(describeTime(new Date('2026-07-01T00:00:00Z'), 'America/New_York')).toBe(
      '2026-06-30T20:00:00-04:00, Tuesday, America/New_York',
    );
    expect(describeTime(new Date('2026-07-01T00:00:00Z'), 'UTC')).toMatch(/T00:00:00/);
  });
});

describe('current_time', () => {
  it('tells the time of now, in the zone of the settings or the one that is asked for', async () => {
    const folder = temporaryFolder();
    const tool = await builtinTool('current_time', folder, { time_zone: 'Asia/Tokyo' });
    expect(await callTool(tool, {})).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+09:00, [A-Z][a-z]+day, Asia\/Tokyo$/);
    expect(await callTool(tool, { time_zone: 'UTC' })).toMatch(/\+00:00, [A-Z][a-z]+day, UTC$/);
    expect([tool.isCacheable, tool.isOutside, tool.effects]).toEqual([false, undefined, 'none']);
  });

  it('suggests a zone for one that there is not', async () => {
    const folder = temporaryFolder();
    const tool = await builtinTool('current_time', folder);
    const refusals = await Promise.all(
      ['Berlin', 'new york', 'Europe/Belin', 'Atlantis/Center of it all'].map((zone) =>
        callTool(tool, { time_zone: zone }),
      ),
    );
    expect(refusals).toMatchInlineSnapshot(`
      [
        "refused: there is no time zone "Berlin"; did you mean Europe/Berlin?",
        "refused: there is no time zone "new york"; did you mean America/New_York?",
        "refused: there is no time zone "Europe/Belin"; did you mean Europe/Berlin?",
        "refused: there is no time zone "Atlantis/Center of it all"; give one like Europe/Berlin or UTC",
      ]
    `);
    await expect(builtinTool('current_time', folder, { time_zone: 'Mars' })).rejects.toThrow(
      'current_time: there is no time zone "Mars"',
    );
  });
});
