import { spawnSync } from 'node:child_process';

/** Whether a process is gone. What was killed may stay as a zombie that nobody asks for: that counts as gone. */
export function isProcessGone(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return /^(?:Z.*)?$/.test(stdout.trim());
}
