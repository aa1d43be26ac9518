import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { kill, pid } from 'node:process';
import type { RunRecord } from './records.js';

/** How often a process shows that it still has its run, and how long it may be silent before it counts as dead, milliseconds. */
export const HEARTBEAT_MS = 5_000;
const SILENCE_MS = 30_000;
/** A process that exists may be silent for longer: a tool can block it, a laptop can sleep. Then another one may have its number. */
const LIVING_SILENCE_MS = 10 * 60_000;

const PLACE = placeOfProcesses();

/** This process as `runs.holder` names it: where it lives, when it was born and its number there. */
export const HOLDER = `${PLACE}/${birthOf(pid)}/${pid}`;

const HOLDER_PARTS = /^(.*)\/(\d*)\/(\d+)$/;

/** A holder for people: `process 4711 on build-3`. */
export function describeHolder(holder: string): string {
  const [, place = '', , number = ''] = HOLDER_PARTS.exec(holder) ?? [];
  return `process ${number} on ${place.split(' ')[0]}`;
}

/**
 * Whether the process that has the run is still at work. On this machine that is seen at once; elsewhere by the sign of
 * life that it gives every few seconds. `now` is milliseconds since 1970.
 */
export function isHeld(
  { status, holder, heartbeatAt }: Pick<RunRecord, 'status' | 'holder' | 'heartbeatAt'>,
  now: number,
): boolean {
  if (status !== 'running' || holder === null || heartbeatAt === null) return false;
  const silenceMs = now - heartbeatAt;
  const [, place, birth, number] = HOLDER_PARTS.exec(holder) ?? [];
  if (place !== PLACE) return silenceMs < SILENCE_MS;
  return isAlive(Number(number)) && birthOf(Number(number)) === birth && silenceMs < LIVING_SILENCE_MS;
}

/** Signal 0 only asks whether the process is there: https://nodejs.org/api/process.html#processkillpid-signal */
function isAlive(processId: number): boolean {
  try {
    return kill(processId, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Where process numbers mean the same process: the host, and on Linux the namespace that a container has of its own. */
function placeOfProcesses(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/**
 * When a process began, in ticks since the machine did; empty where only the number tells processes apart. In a container
 * every start has the same number, 1. Field 22 of https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
function birthOf(processId: number): string {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
