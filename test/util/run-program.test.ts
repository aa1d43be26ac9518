import { existsSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ProgramEnd, runProgram, type RunProgramOptions, startProgram } from '../../src/util/run-program.js';
import { isProcessGone } from '../helpers/is-process-gone.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const PATH = process.env['PATH'];

/** Runs a script with sh, which only the tests do. */
function sh(script: string, options: Partial<RunProgramOptions> = {}): Promise<ProgramEnd> {
  return runProgram({
    command: '/bin/sh',
    args: ['-c', script],
    cwd: temporaryFolder(),
    env: { PATH },
    signal: new AbortController().signal,
    ...options,
  });
}

const pidOf = (folder: string): number => Number(readFileSync(join(folder, 'pid'), 'utf8'));

/** Resolves as soon as a number stands in the file `pid`. */
function pidIn(folder: string): Promise<number> {
  return new Promise((resolve) => {
    const watcher = watch(folder, () => {
      const pid = existsSync(join(folder, 'pid')) ? pidOf(folder) : 0;
      if (pid === 0) return;
      watcher.close();
      resolve(pid);
    });
  });
}

describe('a program', () => {
  it('gives what it writes and how it ends', async () => {
    expect(await sh('cat; echo trouble >&2; exit 3', { input: 'given' })).toEqual({
      exitCode: 3,
      signalName: null,
      isTimeout: false,
      stdout: 'given',
      stderr: 'trouble\n',
      isCut: false,
    });
    expect(await sh('kill -SEGV $$')).toMatchObject({ exitCode: null, signalName: 'SIGSEGV' });
  });

  it('has an empty stdin, may leave a full one alone, and knows nothing of our environment', async () => {
    expect(await sh('cat')).toMatchObject({ exitCode: 0, stdout: '' });
    expect(await sh('exit 0', { input: 'x'.repeat(1_000_000) })).toMatchObject({ exitCode: 0 });
    const { stdout } = await sh('env | cut -d= -f1 | grep -v -e PWD -e SHLVL -e "^_$" | sort', {
      env: { PATH, A: '1' },
    });
    expect(stdout).toBe('A\nCREW_PROCESS\nPATH\n');
  });

  it('gets its arguments as they are', async () => {
    const args = ['%s\\n', '; rm -rf /', '$(id)', '`id`', 'two\nlines', '*', '-x', ''];
    const end = await runProgram({
      command: 'printf',
      args,
      cwd: temporaryFolder(),
      env: { PATH },
      signal: new AbortController().signal,
    });
    expect(end.stdout).toBe(`${args.slice(1).join('\n')}\n`);
  });

  it.each([
    [{ command: 'no-such-program' }, 'no-such-program cannot be started: there is no such program'],
    [{ cwd: '/no/such/folder' }, 'true cannot be started: there is no folder /no/such/folder'],
    [{ command: '/' }, '/ cannot be started: it is no file that may be executed'],
    [{ args: ['x'.repeat(3_000_000)] }, 'true cannot be started: its arguments are too long'],
    [{ args: ['\0'] }, 'true cannot be started: its name, arguments and environment must not hold a zero byte'],
  ])('that cannot be started says why: %#', async (options, message) => {
    const wrong = {
      command: 'true',
      args: [],
      cwd: temporaryFolder(),
      env: { PATH },
      signal: new AbortController().signal,
      ...options,
    };
    await expect(runProgram(wrong)).rejects.toMatchObject({ name: 'TaskError', message });
  });

  it('writes more than is kept: the beginning, or that and the end, without half characters', async () => {
    const cut = await sh('head -c 3000000 /dev/zero | tr "\\0" x; echo end', { maxBytes: 10 });
    expect(cut).toMatchObject({ stdout: 'xxxxxxxxxx', isCut: true });
    const script = 'printf "aé%0.s" $(seq 1 1000); echo end';
    expect(await sh(script, { maxBytes: 8 })).toMatchObject({ stdout: 'aéaéa', isCut: true });
    expect(await sh(script, { maxBytes: 16, keepsEnd: true })).toMatchObject({
      stdout: 'aéaéa\n[… 2,988 bytes left out …]\naéend\n',
      isCut: true,
    });
    expect(await sh('printf 0123456789', { maxBytes: 10, keepsEnd: true })).toMatchObject({
      stdout: '0123456789',
      isCut: false,
    });
  });
});

describe('what a program started', () => {
  it.each([
    ['in the background', 'sleep 60 & echo $! > pid'],
    ['in a session of its own', 'setsid sleep 60 & echo $! > pid'],
    [
      'that nobody is the parent of',
      '(setsid sh -c "echo \\$\\$ > pid; exec sleep 60" &) ; while ! test -s pid; do :; done',
    ],
    [
      'that ignores every signal it can',
      'sh -c "trap \\"\\" TERM HUP INT; echo \\$\\$ > pid; sleep 60" & while ! test -s pid; do :; done',
    ],
  ])('%s is gone when it has ended', async (_where, script) => {
    const cwd = temporaryFolder();
    expect(await sh(script, { cwd })).toMatchObject({ exitCode: 0 });
    expect(isProcessGone(pidOf(cwd))).toBe(true);
  });

  it('is gone when it takes too long, also where it ignores SIGTERM or has closed its streams', async () => {
    const cwd = temporaryFolder();
    const script = 'trap "" TERM; exec >&- 2>&-; setsid sleep 60 & echo $! > pid; wait';
    expect(await sh(script, { cwd, timeoutMs: 300 })).toMatchObject({ signalName: 'SIGKILL', isTimeout: true });
    expect(isProcessGone(pidOf(cwd))).toBe(true);
  });

  it('is gone when the work is given up', async () => {
    const cwd = temporaryFolder();
    const controller = new AbortController();
    const started = pidIn(cwd);
    const running = sh('setsid sleep 60 & echo $! > pid; wait', { cwd, signal: controller.signal });
    void started.then(() => controller.abort(new Error('given up')));
    await expect(running).rejects.toThrow('given up');
    expect(isProcessGone(await started)).toBe(true);
  });
});

describe('a program that goes on', () => {
  it('is given time to end by itself, then told to, then killed', async () => {
    const start = (script: string) =>
      startProgram({ command: '/bin/sh', args: ['-c', script], cwd: temporaryFolder(), env: { PATH } });
    const willing = await start('cat > /dev/null; exit 5');
    await willing.stop(60_000);
    expect(await willing.ended).toEqual({ exitCode: 5, signalName: null });

    const told = await start('exec sleep 60');
    await told.stop(50);
    expect(await told.ended).toEqual({ exitCode: null, signalName: 'SIGTERM' });

    const stubborn = await start('trap "" TERM; echo ready; while :; do sleep 1; done');
    await new Promise((resolve) => stubborn.child.stdout.once('data', resolve));
    await Promise.all([stubborn.stop(50), stubborn.stop(50)]);
    expect(await stubborn.ended).toEqual({ exitCode: null, signalName: 'SIGKILL' });
  });

  it('that ends by itself leaves nothing behind', async () => {
    const cwd = temporaryFolder();
    const program = await startProgram({
      command: 'sh',
      args: ['-c', 'setsid sleep 60 & echo $! > pid'],
      cwd,
      env: { PATH },
    });
    await program.ended;
    expect(isProcessGone(pidOf(cwd))).toBe(true);
  });
});
