import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { createLogTasksOutputsCommand } from '../../src/commands/log-tasks-outputs.js';
import { openStore } from '../../src/store/open-store.js';
import { writeHistory, writeReplay } from '../helpers/history.js';
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
      "skip_reason": null,
      "source_task_id": null,
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
    stderr:
      'error: run bbbb3333 has no task "artcle"\nhint: did you mean "article"? Its tasks: 1 research, 2 article; name one as bbbb3333/research.\n',
  });
  expect((await log('--run', 'zzzz')).stderr).toBe(
    'error: there is no run "zzzz"\nhint: `crew runs` lists the runs.\n',
  );
  expect((await log('--all', '--task', 'none')).stderr).toBe('error: no run has a task "none"\n');
  await expect(log('--all', '--run', 'aaaa')).rejects.toThrow("option '--all' cannot be used with option '--run <id>'");
});

it('says where reused outputs come from', async () => {
  const folder = temporaryFolder();
  const store = openStore(join(folder, '.crew', 'crew.db'));
  await writeHistory(store);
  await writeReplay(store, 'eeee6666');
  store.close();
  const run = async (...args: string[]) =>
    (await runCommand(createLogTasksOutputsCommand, args, { cwd: folder })).stdout;
  expect(await run()).toMatchInlineSnapshot(`
    "Task 1: research
    id      eeee6666/research
    status  reused from aaaa2222/research
    agent   Analyst
    output
    Solar grew.

    - by a third
    - in a year

    Task 2: article
    id      eeee6666/article
    status  set by hand
    agent   -
    output
    Written by hand.
    "
  `);
  expect(await run('--brief')).toMatchInlineSnapshot(`
    "1  eeee6666/research  reused from aaaa2222/research  Analyst  Solar grew. - by a third - in a year
    2  eeee6666/article   set by hand                    -        Written by hand.
    "
  `);
  expect(await run('--search', 'solar', '--brief')).toMatchInlineSnapshot(`
    "1  aaaa2222/research  completed  Analyst  Solar grew. - by a third - in a year
    "
  `);
  expect(await run('--search', 'solar', '--brief', '--run', 'eeee')).toMatchInlineSnapshot(`
    "1  eeee6666/research  reused from aaaa2222/research  Analyst  Solar grew. - by a third - in a year
    "
  `);
});

describe('a search', () => {
  it('shows where the words are, of all runs', async () => {
    const { exitCode, stdout, stderr } = await log('--search', 'third', 'GREW');
    expect(stdout).toMatchInlineSnapshot(`
      "Task 1: research
      id      aaaa2222/research
      status  completed
      agent   Analyst
      found
      Solar grew. - by a third - in a year
      "
    `);
    expect([exitCode, stderr]).toEqual([0, '']);
  });

  it('shows one line for each task, around what was found', async () => {
    const folder = temporaryFolder();
    const store = openStore(join(folder, '.crew', 'crew.db'));
    await writeHistory(store);
    const raw = `It begins \u001b[31mlike this,\nwith a first sentence before the needle, and a second sentence after it, and more.`;
    await store.updateTask('bbbb3333', 'article', { status: 'completed', agent: 'Writer', raw });
    store.close();
    const args = ['--search', 'needle', 'sentence', '--brief'];
    const { stdout } = await runCommand(createLogTasksOutputsCommand, args, { cwd: folder });
    expect(stdout).toMatchInlineSnapshot(`
      "2  bbbb3333/article  completed  Writer  …s, with a first sentence before the needle, and a second s…
      "
    `);
    const painted = (await runCommand(createLogTasksOutputsCommand, args, { cwd: folder, color: true })).stdout;
    expect(painted).toContain('\u001b[1msentence\u001b[22m before the \u001b[1mneedle\u001b[22m');
    expect(stripVTControlCharacters(painted)).toBe(stdout);
  });

  it('keeps to a run and to a task', async () => {
    expect((await log('--search', 'sun', '--run', 'aaaa')).stdout).toMatchInlineSnapshot(`
      "Task 2: article
      id      aaaa2222/article
      status  completed
      agent   Senior writer
      found
      {"title":"Sun"}
      "
    `);
    expect((await log('--search', 'sun', '--task', 'research')).stderr).toBe('No output has this: sun\n');
    expect((await log('--search', 'sun', '--task', 'aaaa/2', '--brief')).stdout).toMatchInlineSnapshot(`
      "2  aaaa2222/article  completed  Senior writer  {"title":"Sun"}
      "
    `);
    expect((await log('--search', 'sun', '--run', 'zzzz')).stderr).toBe(
      'error: there is no run "zzzz"\nhint: `crew runs` lists the runs.\n',
    );
  });

  it('gives programs the tasks with the place', async () => {
    expect(JSON.parse((await log('--search', 'sun', '--format', 'json')).stdout)).toMatchObject([
      { task_id: 'aaaa2222/article', raw: '{"title":"Sun"}', json_dict: { title: 'Sun' }, snippet: '{"title":"Sun"}' },
    ]);
    expect((await log('--search', 'rain', '--format', 'json')).stdout).toBe('[]\n');
  });

  it('says that there is more than it shows', async () => {
    const { stdout, stderr } = await log('--search', 's', '--limit', '1', '--brief');
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(stderr).toBe('There are more: --limit 2 shows them.\n');
    expect((await log('--limit', '1')).stderr).toBe('error: --limit is for --search\nhint: Without it all is shown.\n');
  });

  it('refuses what is no word, and says kindly where there is nothing', async () => {
    expect(await log('--search', '"-*"')).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'error: there is no word to search for in: "-*"\nhint: Name one or more words, or the beginnings of words: crew log-tasks-outputs --search solar\n',
    });
    const empty = temporaryFolder();
    expect(await runCommand(createLogTasksOutputsCommand, ['--search', 'sun'], { cwd: empty })).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'No runs yet: `crew kickoff <file>` makes the first one.\n',
    });
  });
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
