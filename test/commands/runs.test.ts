import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { beforeAll, expect, it } from 'vitest';
import { createRunsCommand } from '../../src/commands/runs.js';
import { openStore } from '../../src/store/open-store.js';
import { writeDeadRun, writeHistory, writeOpenRun } from '../helpers/history.js';
import { type CommandOutcome, runCommand } from '../helpers/run-command.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { sharedFolder } from '../helpers/temporary-folder.js';

const cwd = sharedFolder();
const runs = (...args: string[]): Promise<CommandOutcome> => runCommand(createRunsCommand, args, { cwd });

beforeAll(async () => {
  process.env.TZ = 'UTC';
  const store = openStore(join(cwd, '.crew', 'crew.db'));
  await writeHistory(store);
  await writeOpenRun(store, 'cccc4444');
  store.close();
});

it('lists the runs, newest first', async () => {
  const { exitCode, stdout, stderr } = await runs();
  expect(stdout).toMatchInlineSnapshot(`
    "RUN       CREW        STATUS     STARTED               TIME  TASKS  TOKENS      COST  REPLAY OF
    cccc4444  brief       running    2026-01-02 03:05:05           0/2       0        $0
    bbbb3333  市場 brief  failed     2026-01-02 03:04:05  3.0 s    0/2   1,580   $0.0132  aaaa2222
    aaaa2222  brief       completed  2026-01-02 03:03:05  1.5 s    2/2     350  unpriced
    "
  `);
  expect([exitCode, stderr]).toEqual([0, '']);
});

it('lists runs of one crew or status, without a column that would be empty', async () => {
  expect((await runs('--status', 'completed')).stdout).toMatchInlineSnapshot(`
    "RUN       CREW   STATUS     STARTED               TIME  TASKS  TOKENS      COST
    aaaa2222  brief  completed  2026-01-02 03:03:05  1.5 s    2/2     350  unpriced
    "
  `);
  expect((await runs('--crew', '市場 brief', '--status', 'completed')).stderr).toBe('No such runs.\n');
});

it('shows a run whose process died as interrupted', async () => {
  const folder = temporaryFolder();
  const store = openStore(join(folder, '.crew', 'crew.db'));
  await writeHistory(store);
  await writeDeadRun(store, 'dddd5555');
  store.close();
  const { stdout } = await runCommand(createRunsCommand, ['--status', 'interrupted'], { cwd: folder });
  expect(stdout).toMatchInlineSnapshot(`
    "RUN       CREW   STATUS       STARTED               TIME  TASKS  TOKENS  COST
    dddd5555  brief  interrupted  2026-01-02 03:05:05  4.0 s    0/2       0    $0
    "
  `);
  const json = await runCommand(createRunsCommand, ['--format', 'json', '--limit', '1'], { cwd: folder });
  expect(JSON.parse(json.stdout)).toMatchObject([
    {
      run_id: 'dddd5555',
      status: 'interrupted',
      exit_code: 130,
      error: { code: 'interrupted', hint: 'Go on with: crew resume dddd5555' },
    },
  ]);
});

it('lists a dead run as it is while another process writes', async () => {
  const folder = temporaryFolder();
  const store = openStore(join(folder, '.crew', 'crew.db'));
  await writeDeadRun(store, 'dddd5555');
  store.close();
  const other = new Sqlite(store.path);
  other.exec('BEGIN IMMEDIATE');
  const { exitCode, stdout, stderr } = await runCommand(createRunsCommand, ['--format', 'json'], { cwd: folder });
  other.close();
  expect({ exitCode, runs: JSON.parse(stdout) as unknown, stderr }).toMatchObject({
    exitCode: 0,
    runs: [{ run_id: 'dddd5555', status: 'running' }],
    stderr: '',
  });
});

it('says that there are older runs than it shows', async () => {
  const { stdout, stderr } = await runs('--limit', '2');
  expect(stdout.trim().split('\n')).toHaveLength(3);
  expect(stderr).toBe('There are older runs: --limit 4 shows more.\n');
});

it('gives programs an array of objects', async () => {
  const { stdout } = await runs('--format', 'json', '--limit', '2');
  const [open, failed] = JSON.parse(stdout) as unknown[];
  expect(open).toMatchObject({
    run_id: 'cccc4444',
    status: 'running',
    exit_code: null,
    ended_at: null,
    duration_ms: null,
  });
  expect(failed).toMatchInlineSnapshot(`
    {
      "cost_usd": 0.0132,
      "crew": "市場 brief",
      "definition_path": "/project/crew.yaml",
      "duration_ms": 3000,
      "ended_at": "2026-01-02T03:04:08.000Z",
      "error": {
        "code": "provider",
        "hint": "Set OPENAI_API_KEY.",
        "message": "openai/gpt-4o refused the key (401)",
      },
      "exit_code": 6,
      "inputs": {
        "topic": "solar",
      },
      "parent_run_id": "aaaa2222",
      "process": "hierarchical",
      "run_id": "bbbb3333",
      "started_at": "2026-01-02T03:04:05.000Z",
      "status": "failed",
      "tasks_done": 0,
      "tasks_skipped": 0,
      "tasks_total": 2,
      "token_usage": {
        "cached_prompt_tokens": 0,
        "completion_tokens": 80,
        "prompt_tokens": 1500,
        "reasoning_tokens": 0,
        "successful_requests": 3,
        "total_tokens": 1580,
      },
    }
  `);
  expect(JSON.parse((await runs('--format', 'json', '--crew', 'none')).stdout)).toEqual([]);
});

it('colours the table on a terminal', async () => {
  const { stdout } = await runCommand(createRunsCommand, ['--status', 'completed'], { cwd, color: true });
  expect(stdout.split('\n')[1]).toContain('\u001b[32mcompleted\u001b[39m');
});

it('refuses a limit that is none', async () => {
  await expect(runs('--limit', '0')).rejects.toThrow(
    "error: option '-n, --limit <n>' argument '0' is invalid. It has to be a whole number above 0.",
  );
});

it('says kindly that there is nothing yet, and makes no database', async () => {
  const empty = temporaryFolder();
  expect(await runCommand(createRunsCommand, [], { cwd: empty })).toEqual({
    exitCode: 0,
    stdout: '',
    stderr: 'No runs yet: `crew kickoff <file>` makes the first one.\n',
  });
  expect((await runCommand(createRunsCommand, ['--format', 'json'], { cwd: empty })).stdout).toBe('[]\n');
  expect(existsSync(join(empty, '.crew'))).toBe(false);
});

it('refuses a database that was named and is not there', async () => {
  const { exitCode, stderr } = await runs('--db', 'none.db');
  expect(stderr.replace(cwd, '…')).toMatchInlineSnapshot(`
    "error: there is no database at …/none.db
    hint: Check the path, or leave --db out to use the nearest .crew/crew.db.
    "
  `);
  expect(exitCode).toBe(2);
});
