import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { describeHolder, HOLDER, isHeld } from '../../src/store/holder.js';
import { START } from './sample.js';

const MINUTE = 60_000;
const place = HOLDER.split('/').slice(0, -2).join('/');
const run = (holder: string | null) => ({ status: 'running', holder, heartbeatAt: START }) as const;

it('takes a run of this process as held, also while a tool blocks it, but not for ever', () => {
  expect(isHeld(run(HOLDER), START)).toBe(true);
  expect(isHeld(run(HOLDER), START + 9 * MINUTE)).toBe(true);
  expect(isHeld(run(HOLDER), START + 11 * MINUTE)).toBe(false);
});

it('sees at once that a process of this machine is dead', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(Boolean, 1000)']);
  await once(child, 'spawn');
  // Only this process knows when it was born itself; elsewhere than on Linux nobody does.
  const birth = HOLDER.split('/').at(-2) === '' ? '' : await birthOf(child.pid ?? 0);
  const holder = `${place}/${birth}/${child.pid}`;
  expect(isHeld(run(holder), START)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isHeld(run(holder), START)).toBe(false);
});

it.skipIf(process.platform !== 'linux')('does not take another process with the same number for it', () => {
  expect(isHeld(run(`${place}/1/${process.pid}`), START)).toBe(false);
});

it('knows of a process elsewhere only that it was silent for long', () => {
  expect(isHeld(run('other pid:[1]/5/7'), START + MINUTE / 4)).toBe(true);
  expect(isHeld(run('other pid:[1]/5/7'), START + MINUTE)).toBe(false);
});

it('takes what has ended, or has no holder, as not held', () => {
  expect(isHeld({ ...run(HOLDER), status: 'failed' }, START)).toBe(false);
  expect(isHeld(run(null), START)).toBe(false);
  expect(isHeld({ ...run(HOLDER), heartbeatAt: null }, START)).toBe(false);
});

it('names a holder for people', () => {
  expect(describeHolder('build-3 pid:[4026531836]/4321/77')).toBe('process 77 on build-3');
  expect(describeHolder('build-3//77')).toBe('process 77 on build-3');
});

async function birthOf(processId: number): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  const stat = await readFile(`/proc/${processId}/stat`, 'latin1');
  return stat.split(') ').at(-1)?.split(' ')[19] ?? '';
}
