import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { beforeEach, expect, it } from 'vitest';
import { createRunsCommand } from '../../src/commands/runs.js';
import { openStore } from '../../src/store/open-store.js';
import { writeDeadRun, writeHistory, writeOpenRun } from '../helpers/history.js';
import { type CommandOutcome, runCommand } from '../helpers/run-command.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

let cwd: string;
let path: string;
const prune = (...args: string[]): Promise<CommandOutcome> =>
  runCommand(createRunsCommand, ['prune', ...args], { cwd });

beforeEach(async () => {
  process.env.TZ = 'UTC';
  cwd = temporaryFolder();
  path = join(cwd, '.crew', 'crew.db');
  const store = openStore(path);
  await writeHistory(store);
  await writeDeadRun(store, 'dddd5555');
  store.close();
});

/** Ids of the runs that are there, newest first. */
function idsLeft(): string[] {
  const store = openStore(path);
  const runs = store.listRuns();
  store.close();
  return runs.map(({ id }) => id);
}

it('deletes all but the newest runs, and says what is gone', async () => {
  const { exitCode, stdout, stderr } = await prune('--keep', '1');
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(stdout.replace(/[\d,]+ bytes/, '… bytes')).toBe('Deleted 2 runs (1 of them unfinished); … bytes freed.\n');
  expect(idsLeft()).toEqual(['dddd5555']);
  expect((await prune('--keep', '1')).stdout).toBe('There are no such runs to delete.\n');
});

it('deletes what ended longer ago than a time', async () => {
  const database = new Sqlite(path);
  database.prepare("UPDATE runs SET ended_at = ? WHERE id = 'bbbb3333'").run(Date.now() - 3_000_000);
  database.close();
  expect((await prune('--older-than', '1h', '--keep', '2')).stdout).toMatch(/^Deleted 1 run; /);
  expect(idsLeft()).toEqual(['dddd5555', 'bbbb3333']);
  expect((await prune('--older-than', '1h')).stdout).toMatch(/^Deleted 1 run \(1 of them unfinished\); /);
  expect(idsLeft()).toEqual(['bbbb3333']);
});

it('only lists what it would delete where it is asked to', async () => {
  const { stdout } = await prune('--keep', '0', '--dry-run');
  expect(stdout).toMatchInlineSnapshot(`
    "RUN       CREW        STATUS       STARTED               TIME  TASKS  TOKENS      COST  REPLAY OF
    dddd5555  brief       interrupted  2026-01-02 03:05:05  4.0 s    0/2       0        $0
    bbbb3333  市場 brief  failed       2026-01-02 03:04:05  3.0 s    0/2   1,580   $0.0132  aaaa2222
    aaaa2222  brief       completed    2026-01-02 03:03:05  1.5 s    2/2     350  unpriced

    Would delete 3 runs (2 of them unfinished).
    "
  `);
  expect(idsLeft()).toHaveLength(3);
});

it('gives programs one object', async () => {
  const listed = JSON.parse((await prune('--keep', '1', '--dry-run', '--format', 'json')).stdout) as object;
  expect(listed).toMatchObject({
    dry_run: true,
    deleted: 0,
    unfinished: 1,
    freed_bytes: null,
    runs: [{ run_id: 'bbbb3333' }, { run_id: 'aaaa2222' }],
  });
  expect(JSON.parse((await prune('--keep', '1', '--format', 'json')).stdout)).toEqual({
    ...listed,
    dry_run: false,
    deleted: 2,
    freed_bytes: expect.any(Number) as number,
  });
  expect(JSON.parse((await prune('--keep', '1', '--format', 'json')).stdout)).toMatchObject({ deleted: 0, runs: [] });
});

it('leaves a run that is under way, and the file as large as it is', async () => {
  const store = openStore(path);
  await writeOpenRun(store, 'cccc4444');
  expect(await prune('--keep', '0')).toEqual({
    exitCode: 0,
    stdout: 'Deleted 3 runs (2 of them unfinished).\n',
    stderr: 'The database file keeps its size, as it is in use: later runs fill the space.\n',
  });
  expect(store.listRuns().map(({ id }) => id)).toEqual(['cccc4444']);
  store.close();
});

it('takes the database and the format before and after its name', async () => {
  expect((await prune('--db', 'none.db', '--keep', '1')).stderr).toContain(`there is no database at ${cwd}/none.db`);
  const args = ['--db', path, '--format', 'json', 'prune', '--keep', '2'];
  const { stdout } = await runCommand(createRunsCommand, args, { cwd: '/' });
  expect(JSON.parse(stdout)).toMatchObject({ deleted: 1 });
});

it('refuses options that only the list has', async () => {
  for (const [name, value] of [
    ['--status', 'failed'],
    ['--crew', 'brief'],
    ['--limit', '3'],
  ] as const)
    for (const args of [
      [name, value, 'prune', '--keep', '0'],
      ['prune', '--keep', '0', name, value],
    ])
      expect(await runCommand(createRunsCommand, args, { cwd })).toEqual({
        exitCode: 2,
        stdout: '',
        stderr: `error: prune has no ${name}\nhint: \`crew runs prune --help\` lists its options.\n`,
      });
  expect(idsLeft()).toHaveLength(3);
});

it('refuses to guess which runs are old', async () => {
  expect(await prune()).toMatchInlineSnapshot(`
    {
      "exitCode": 2,
      "stderr": "error: prune needs to know which runs are old
    hint: \`crew runs prune --keep 100\` keeps the newest 100, \`--older-than 30d\` those of the last 30 days; with both, runs that either one keeps stay. \`--dry-run\` shows what would go.
    ",
      "stdout": "",
    }
  `);
  await expect(prune('--older-than', '30')).rejects.toThrow(
    "error: option '--older-than <time>' argument '30' is invalid. It has to be a time such as 30d, 12h or 90m.",
  );
  await expect(prune('--keep', 'all')).rejects.toThrow(
    "error: option '--keep <n>' argument 'all' is invalid. It has to be a whole number.",
  );
  await expect(prune('--keep', '1', 'extra')).rejects.toThrow('too many arguments');
  expect(idsLeft()).toHaveLength(3);
});

it('has nothing to do where there is no database, and makes none', async () => {
  cwd = temporaryFolder();
  expect(await prune('--keep', '1')).toEqual({
    exitCode: 0,
    stdout: 'There are no such runs to delete.\n',
    stderr: '',
  });
  expect(existsSync(join(cwd, '.crew'))).toBe(false);
});
