import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { GuardrailContext, GuardrailVerdict } from '../../src/guardrails/guardrail.js';
import { createShellGuardrail } from '../../src/guardrails/shell.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

interface CheckOptions {
  readonly text?: string;
  readonly folder?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

async function check(command: string, options: CheckOptions = {}): Promise<GuardrailVerdict> {
  const { text = 'An output.', folder = temporaryFolder(), signal = new AbortController().signal, timeoutMs } = options;
  const guardrail = createShellGuardrail(
    { kind: 'shell', name: `shell: ${command}`, command },
    {
      environment: { PATH: process.env['PATH'], HOME: '/home/me', OPENAI_API_KEY: 'not-a-real-key' },
      ...(timeoutMs !== undefined && { timeoutMs }),
    },
  );
  const context: GuardrailContext = {
    signal,
    runId: 'run22221',
    workingDirectory: folder,
    judge: () => Promise.reject(new Error('not asked')),
  };
  return guardrail.check({ text, value: null, taskKey: 'write', agent: 'Writer' }, context);
}

/** Waits until a process is gone: what was killed may take a moment, and stay as a zombie that nobody asks for. */
const isGone = (pid: number): Promise<void> =>
  vi.waitFor(() => {
    const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
    expect(stdout.trim()).toMatch(/^(?:Z.*)?$/);
  });

/** Resolves with the number in a file as soon as it stands there. */
function pidIn(folder: string, name: string): Promise<number> {
  const read = (): number =>
    existsSync(join(folder, name)) ? Number(readFileSync(join(folder, name), 'utf8').trim()) : 0;
  return new Promise((resolve) => {
    const watcher = watch(folder, () => {
      const pid = read();
      if (pid === 0) return;
      watcher.close();
      resolve(pid);
    });
  });
}

describe('a command', () => {
  it('is given the output on stdin, in the working directory', async () => {
    const folder = temporaryFolder({ 'words.txt': 'output' });
    expect(await check('grep -qf words.txt', { folder })).toEqual({ passed: true });
  });

  it.each([
    ['echo seen; echo "no sources" >&2; exit 1', 'no sources'],
    ['echo only this; exit 3', 'only this'],
    ['exit 3', 'exit 3'],
  ])('%s', async (command, reason) => {
    expect(await check(command)).toEqual({ passed: false, reason });
  });

  it('knows nothing of the environment but where things are, and which run it is', async () => {
    const verdict = await check(
      'env | grep -v -e ^CREW_PROCESS= -e ^PWD= -e ^SHLVL= -e ^_= -e ^PATH= | sort >&2; exit 1',
    );
    expect(verdict).toEqual({ passed: false, reason: 'CREW_RUN_ID=run22221\nCREW_TASK=write\nHOME=/home/me' });
  });

  it('may leave its stdin alone, and write more than anyone reads', async () => {
    expect(await check('exit 0', { text: 'x'.repeat(1_000_000) })).toEqual({ passed: true });
    const verdict = await check('head -c 3000000 /dev/zero | tr "\\0" x >&2; exit 1');
    expect(verdict.passed ? '' : verdict.reason).toHaveLength(2000);
  });

  it.each([
    ['no-such-program', /^guardrail shell: no-such-program cannot be run: exit 127: .*not found$/],
    ['kill -SEGV $$', /^guardrail shell: kill -SEGV \$\$ was ended by SIGSEGV/],
  ])('%s fails the task', async (command, message) => {
    await expect(check(command)).rejects.toThrow(message);
  });

  it('in a folder that is not there fails the task', async () => {
    await expect(check('true', { folder: '/no/such/folder' })).rejects.toMatchObject({ name: 'TaskError' });
  });

  it('that takes too long is killed, with all that it started', async () => {
    const folder = temporaryFolder();
    const started = pidIn(folder, 'pid');
    await expect(check('sleep 60 & echo $! > pid; wait', { folder, timeoutMs: 300 })).rejects.toThrow(
      'took longer than 0.3 s',
    );
    await isGone(await started);
  });

  it('leaves nothing behind in the background, also where it passes', async () => {
    const folder = temporaryFolder();
    expect(await check('sleep 60 & echo $! > pid', { folder })).toEqual({ passed: true });
    await isGone(Number(readFileSync(join(folder, 'pid'), 'utf8')));
  });

  it('is killed when the run is stopped', async () => {
    const folder = temporaryFolder();
    const controller = new AbortController();
    const started = pidIn(folder, 'pid');
    const checking = check('sleep 60 & echo $! > pid; wait', { folder, signal: controller.signal });
    const [pid] = await Promise.all([
      started,
      started.then(() => controller.abort(new Error('stopped'))),
      expect(checking).rejects.toThrow('stopped'),
    ]);
    await isGone(pid);
  });
});
