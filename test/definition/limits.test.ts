import { describe, expect, it } from 'vitest';
import { definitionOf, problemsOf, SMALL_CREW } from '../helpers/check-text.js';

describe('limits', () => {
  it('are none by default', async () => {
    const { limits, maxRpm, shareRateLimit } = await definitionOf(SMALL_CREW);
    expect({ limits, maxRpm, shareRateLimit }).toEqual({ limits: {}, maxRpm: undefined, shareRateLimit: false });
  });

  it('take durations as text or as seconds', async () => {
    expect((await definitionOf(`limits: { timeout: 1h30m }\n${SMALL_CREW}`)).limits).toEqual({ timeoutMs: 5_400_000 });
    expect((await definitionOf(`limits: { timeout: 90 }\n${SMALL_CREW}`)).limits).toEqual({ timeoutMs: 90_000 });
  });

  it.each([
    ['max_rpm: 5', 5],
    ['limits: { max_rpm: 7 }', 7],
    ['max_rpm: 5\nlimits: { max_rpm: 7 }', 5],
    ['max_rpm: 9\nlimits: { max_rpm: 7 }', 7],
  ])('hold the smaller rate: %s', async (text, maxRpm) => {
    expect((await definitionOf(`${text}\n${SMALL_CREW}`)).maxRpm).toBe(maxRpm);
  });

  it('of agents and tasks are read', async () => {
    const { agents, tasks } = await definitionOf(`agents:
  writer: { role: Writer, goal: Write, backstory: Wrote, max_rpm: 3, max_execution_time: 15m }
tasks:
  essay: { description: Write, expected_output: Text, max_execution_time: 300 }
`);
    expect(agents[0]).toMatchObject({ maxRpm: 3, maxExecutionTimeMs: 900_000 });
    expect(tasks[0]).toMatchObject({ maxExecutionTimeMs: 300_000 });
  });

  it('are checked with their places', async () => {
    expect(
      await problemsOf(`limits: { budget_usd: 0, timeout: soon, max_model_calls: 0, max_tokens: 1.5, max_rpm: many, tokens: 5 }
max_rpm: -1
share_rate_limit: yes
agents:
  writer: { role: Writer, goal: Write, backstory: Wrote, max_rpm: 0, max_execution_time: 0 }
tasks:
  essay: { description: Write, expected_output: Text, max_execution_time: 5 minutes }
`),
    ).toMatchInlineSnapshot(`
      "
      crew.yaml:1:23 limits.budget_usd: must be an amount in US dollars, above 0, not 0
        1 | limits: { budget_usd: 0, timeout: soon, max_model_calls: 0, max_tokens: 1.5, max_rpm: many, tokens: 5 }
          |                       ^

      crew.yaml:1:35 limits.timeout: must be a duration such as 60s or 2m, or seconds as a number, not "soon"
        1 | limits: { budget_usd: 0, timeout: soon, max_model_calls: 0, max_tokens: 1.5, max_rpm: many, tokens: 5 }
          |                                   ^^^^

      crew.yaml:1:58 limits.max_model_calls: must be a whole number, 1 or more, not 0
        1 | limits: { budget_usd: 0, timeout: soon, max_model_calls: 0, max_tokens: 1.5, max_rpm: many, tokens: 5 }
          |                                                          ^

      crew.yaml:1:73 limits.max_tokens: must be a whole number, 1 or more, not 1.5
        1 | limits: { budget_usd: 0, timeout: soon, max_model_calls: 0, max_tokens: 1.5, max_rpm: many, tokens: 5 }
          |                                                                         ^^^

      crew.yaml:1:87 limits.max_rpm: must be a whole number, 1 or more, not text
        1 | limits: { budget_usd: 0, timeout: soon, max_model_calls: 0, max_tokens: 1.5, max_rpm: many, tokens: 5 }
          |                                                                                       ^^^^

      crew.yaml:1:93 limits.tokens: unknown key
        1 | limits: { budget_usd: 0, timeout: soon, max_model_calls: 0, max_tokens: 1.5, max_rpm: many, tokens: 5 }
          |                                                                                             ^^^^^^
          = did you mean "max_tokens"?

      crew.yaml:2:10 max_rpm: must be a whole number, 1 or more, not -1
        2 | max_rpm: -1
          |          ^^

      crew.yaml:3:19 share_rate_limit: must be true or false, not text
        3 | share_rate_limit: yes
          |                   ^^^
          = write true

      crew.yaml:5:67 agents.writer.max_rpm: must be a whole number, 1 or more, not 0
        5 |   writer: { role: Writer, goal: Write, backstory: Wrote, max_rpm: 0, max_execution_time: 0 }
          |                                                                   ^

      crew.yaml:5:90 agents.writer.max_execution_time: must be a duration such as 60s or 2m, or seconds as a number, not 0
        5 |   writer: { role: Writer, goal: Write, backstory: Wrote, max_rpm: 0, max_execution_time: 0 }
          |                                                                                          ^

      crew.yaml:7:75 tasks.essay.max_execution_time: must be a duration such as 60s or 2m, or seconds as a number, not "5 minutes"
        7 |   essay: { description: Write, expected_output: Text, max_execution_time: 5 minutes }
          |                                                                           ^^^^^^^^^
      "
    `);
  });

  it('warn of a shared rate limit that is not there', async () => {
    expect(await problemsOf(`share_rate_limit: true\n${SMALL_CREW}`)).toMatchInlineSnapshot(`
      "
      crew.yaml:1:1 warning share_rate_limit: there is no max_rpm or max_tpm to share
        1 | share_rate_limit: true
          | ^^^^^^^^^^^^^^^^
          = add max_rpm
      "
    `);
    expect(await problemsOf(`share_rate_limit: true\nmax_rpm: 5\n${SMALL_CREW}`)).toBe('\n\n');
  });
});
