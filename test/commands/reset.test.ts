import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createResetCommand } from '../../src/commands/reset.js';
import { openStore } from '../../src/store/open-store.js';
import { writeHistory, writeOpenRun } from '../helpers/history.js';
import { runCommand } from '../helpers/run-command.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

let cwd: string;
let path: string;

beforeEach(async () => {
  cwd = temporaryFolder();
  path = join(cwd, '.crew', 'crew.db');
  const store = openStore(path);
  await writeHistory(store);
  store.close();
});

function countRuns(): number {
  const store = openStore(path);
  const { length } = store.listRuns();
  store.close();
  return length;
}

it('deletes all runs and says how many, without asking where it is told so', async () => {
  expect(await runCommand(createResetCommand, ['--yes'], { cwd })).toEqual({
    exitCode: 0,
    stdout: 'Deleted 2 runs.\n',
    stderr: '',
  });
  expect(countRuns()).toBe(0);
  expect((await runCommand(createResetCommand, [], { cwd })).stdout).toBe('There are no runs to delete.\n');
});

it('asks on a terminal', async () => {
  const store = openStore(path);
  await writeOpenRun(store, 'cccc4444');
  store.close();
  const question = `Delete 3 runs (1 of them not ended) in ${path}? They cannot be brought back. [y/N] `;
  expect(await runCommand(createResetCommand, [], { cwd, typed: 'yes\n' })).toEqual({
    exitCode: 0,
    stdout: 'Deleted 3 runs.\n',
    stderr: question,
  });
});

it.each(['n\n', '\n', '', 'yesterday\n'])('deletes nothing when the answer is %j', async (typed) => {
  const { exitCode, stdout } = await runCommand(createResetCommand, [], { cwd, typed });
  expect([exitCode, stdout]).toEqual([0, 'Nothing was deleted.\n']);
  expect(countRuns()).toBe(2);
});

it('does nothing without a terminal where it is not told to', async () => {
  expect(await runCommand(createResetCommand, [], { cwd })).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: `error: reset deletes 2 runs in ${path} and cannot ask without a terminal\nhint: \`crew reset --yes\` does it without asking.\n`,
  });
  expect(countRuns()).toBe(2);
});

describe('kept results of tools', () => {
  beforeEach(async () => {
    const store = openStore(path);
    for (const key of ['a', 'b']) await store.toolResults.keep(key, { text: 'x', runId: 'r', path: 'p' });
    store.close();
  });

  it('are all that --cache deletes, without asking', async () => {
    expect(await runCommand(createResetCommand, ['--cache'], { cwd })).toEqual({
      exitCode: 0,
      stdout: 'Deleted 2 kept results.\n',
      stderr: '',
    });
    expect(countRuns()).toBe(2);
    expect((await runCommand(createResetCommand, ['--cache'], { cwd })).stdout).toBe(
      'There are no kept results to delete.\n',
    );
  });

  it('are deleted with the runs, and where there are no runs', async () => {
    expect(await runCommand(createResetCommand, [], { cwd, typed: 'y\n' })).toEqual({
      exitCode: 0,
      stdout: 'Deleted 2 runs and 2 kept results.\n',
      stderr: `Delete 2 runs and 2 kept results in ${path}? They cannot be brought back. [y/N] `,
    });
    const store = openStore(path);
    await store.toolResults.keep('a', { text: 'x', runId: 'r', path: 'p' });
    store.close();
    expect((await runCommand(createResetCommand, ['--yes'], { cwd })).stdout).toBe('Deleted 1 kept result.\n');
  });
});

it('has nothing to do where there is no database, and makes none', async () => {
  const empty = temporaryFolder();
  expect(await runCommand(createResetCommand, ['--yes'], { cwd: empty })).toEqual({
    exitCode: 0,
    stdout: 'There are no runs to delete.\n',
    stderr: '',
  });
  expect(existsSync(join(empty, '.crew'))).toBe(false);
});
