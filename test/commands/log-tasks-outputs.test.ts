import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { createLogTasksOutputsCommand } from '../../src/commands/log-tasks-outputs.js';
import { openStore } from '../../src/store/open-store.js';
import { writeHistory } from '../helpers/history.js';
import { type CommandOutcome, runCommand } from '../helpers/run-command.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { sharedFolder } from '../helpers/temporary-folder.js';

const cwd = sharedFolder();
const log = (...args: string[]): Promise<CommandOutcome> => runCommand(createLogTasksOutputsCommand, args, { cwd });

beforeAll(async () => {
  const store = openStore(join(cwd, '.crew', 'crew.db'));
  await writeHistory(store);
  store.close();
});

it('shows the outputs of the latest run in full', async () => {
  const { exitCode, stdout, stderr } = await log();
  expect(stdout).toMatchInlineSnapshot(`
    "Task 1: research
    id      bbbb3333/research
    status  failed
    agent   Crew Manager
    error
    openai/gpt-4o refused the key (401)

    Task 2: article
    id      bbbb3333/article
    status  pending
    agent   -
    no output
    "
  `);
  expect([exitCode, stderr]).toEqual([0, '']);
});

it('shows those of a run by the beginning of its id', async () => {
  expect((await log('--run', 'aaaa')).stdout).toMatchInlineSnapshot(`
    "Task 1: research
    id      aaaa2222/research
    status  completed
    agent   Analyst
    output
    Solar grew.

    - by a third
    - in a year

    Task 2: article
    id      aaaa2222/article
    status  completed
    agent   Senior writer
    output
    {
      "title": "Sun"
    }
    "
  `);
});

it('shows one line for each task', async () => {
  expect((await log('--all', '--brief')).stdout).toMatchInlineSnapshot(`
    "1  bbbb3333/research  failed     Crew Manager   openai/gpt-4o refused the key (401)
    2  bbbb3333/article   pending    -
    1  aaaa2222/research  completed  Analyst        Solar grew. - by a third - in a year
    2  aaaa2222/article   completed  Senior writer  { "title": "Sun" }
    "
  `);
});

it('takes a task by key, number or id', async () => {
  const { stdout } = await log('--run', 'aaaa', '--task', 'article');
  expect(stdout).toBe(
    'Task 2: article\nid      aaaa2222/article\nstatus  completed\nagent   Senior writer\noutput\n{\n  "title": "Sun"\n}\n',
  );
  expect((await log('--run', 'aaaa', '--task', '2')).stdout).toBe(stdout);
  expect((await log('--task', 'aaaa2222/article')).stdout).toBe(stdout);
  expect((await log('--all', '--task', '2', '--brief')).stdout).toMatchInlineSnapshot(`
    "2  bbbb3333/article  pending    -
    2  aaaa2222/article  completed  Senior writer  { "title": "Sun" }
    "
  `);
});

it('gives programs an array of objects', async () => {
  const outputs = JSON.parse((await log('--run', 'aaaa', '--format', 'json')).stdout) as unknown[];
  expect(outputs).toHaveLength(2);
  expect(outputs[1]).toMatchInlineSnapshot(`
    {
      "agent": "Senior writer",
      "cost_usd": null,
      "description": "Write it.",
      "duration_ms": 500,
      "ended_at": "2026-01-02T03:03:06.500Z",
      "error": null,
      "expected_output": "Words.",
      "json_dict": {
        "title": "Sun",
      },
      "name": "article",
      "number": 2,
      "output_file": "/project/out.json",
      "output_format": "json",
      "pydantic": null,
      "raw": "{"title":"Sun"}",
      "run_id": "aaaa2222",
      "started_at": "2026-01-02T03:03:06.000Z",
      "status": "completed",
      "task_id": "aaaa2222/article",
      "token_usage": {
        "cached_prompt_tokens": 0,
        "completion_tokens": 30,
        "prompt_tokens": 200,
        "reasoning_tokens": 0,
        "successful_requests": 1,
        "total_tokens": 230,
      },
    }
  `);
});

it('refuses what is not there', async () => {
  expect(await log('--task', 'artcle')).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: 'error: run bbbb3333 has no task "artcle"\nhint: Its tasks: 1 research, 2 article.\n',
  });
  expect((await log('--run', 'zzzz')).stderr).toBe(
    'error: there is no run "zzzz"\nhint: `crew runs` lists the runs.\n',
  );
  expect((await log('--all', '--task', 'none')).stderr).toBe('error: no run has a task "none"\n');
  await expect(log('--all', '--run', 'aaaa')).rejects.toThrow("option '--all' cannot be used with option '--run <id>'");
});

it('says kindly that there is nothing yet', async () => {
  const empty = temporaryFolder();
  const outcome = { exitCode: 0, stdout: '', stderr: 'No runs yet: `crew kickoff <file>` makes the first one.\n' };
  const run = (...args: string[]) => runCommand(createLogTasksOutputsCommand, args, { cwd: empty });
  expect(await run()).toEqual(outcome);
  expect((await run('--format', 'json')).stdout).toBe('[]\n');
  expect((await run('--run', 'abc')).stderr).toBe(
    'error: there are no runs yet\nhint: `crew kickoff <file>` makes the first one.\n',
  );
  openStore(join(empty, '.crew', 'crew.db')).close();
  expect(await run('--all')).toEqual(outcome);
  expect(await run()).toEqual(outcome);
});
