import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from './file-trouble.js';

/** Environment variable by which what a program started is found, also where it has left the group. */
const MARK_VARIABLE = 'CREW_PROCESS';
/** A process that is killed is there for a moment still: looked for again after so long, so often at most. */
const AGAIN_MS = 10;
const MOST_ROUNDS = 100;

/** A program and everything that it starts. */
export interface ProcessGroup {
  /** What the program's environment has to hold beside its own. */
  readonly environment: Readonly<Record<string, string>>;
  /** Takes the process id of the program, which leads a group of its own. From now on it does not outlive this process. */
  begin(leader: number): void;
  /** Sends a signal to the whole group. Nothing where all of it is gone. */
  signal(name: NodeJS.Signals): void;
  /**
   * Kills what is left of it: the group, and on Linux also what has left it and still has its environment. Resolves when
   * that is gone.
   */
  end(): Promise<void>;
}

/** Those that may have something at work. */
const living = new Map<ProcessGroup, () => void>();

/** A group that nothing belongs to yet. */
export function createProcessGroup(): ProcessGroup {
  // With those of the crew that may have started this one: it has to find what we leave behind.
  const mark = randomUUID();
  const marks = [process.env[MARK_VARIABLE], mark].filter((text) => text !== undefined).join(' ');
  let leader: number | undefined;
  const signal: ProcessGroup['signal'] = (name) => {
    if (leader !== undefined) send(-leader, name);
  };
  const killAll = (): number => {
    signal('SIGKILL');
    const marked = findMarked(mark);
    for (const pid of marked) send(pid, 'SIGKILL');
    return marked.length;
  };
  const group: ProcessGroup = {
    environment: { [MARK_VARIABLE]: marks },
    begin: (pid) => {
      leader = pid;
      if (living.size === 0) process.on('exit', killLiving);
      living.set(group, killAll);
    },
    signal,
    end: async () => {
      for (let round = 0; round < MOST_ROUNDS && killAll() > 0; round += 1) await sleep(AGAIN_MS);
      // Another process may get its number.
      leader = undefined;
      living.delete(group);
      if (living.size === 0) process.off('exit', killLiving);
    },
  };
  return group;
}

function killLiving(): void {
  for (const killAll of living.values()) killAll();
}

function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // Gone; or it belongs to somebody else by now, as a group of which only the dead are left does on macOS.
    if (errorCode(error) !== 'ESRCH' && errorCode(error) !== 'EPERM') throw error;
  }
}

/** Processes whose environment holds the mark; none where the system does not show environments. */
function findMarked(mark: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && environmentHas(name, mark))
    .map(Number);
}

function environmentHas(pid: string, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`).includes(mark);
  } catch (error) {
    // Gone meanwhile, or of another user.
    if (errorCode(error) === undefined) throw error;
    return false;
  }
}
