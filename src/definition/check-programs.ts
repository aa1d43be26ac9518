import { basename } from 'node:path';
import type { ValuePath as Path } from '../util/format-path.js';
import type { Report } from './report.js';

const SHELLS =
  'sh bash rbash zsh dash ash fish ksh mksh csh tcsh busybox toybox nu elvish xonsh cmd powershell pwsh wsl';
/** What they run is said by their arguments, so that any other program could be run. */
const LAUNCHERS =
  'env xargs sudo su doas pkexec runuser nohup setsid setpriv nice ionice chrt taskset timeout time watch parallel ' +
  'exec eval command builtin nsenter unshare chroot stdbuf script strace ltrace start-stop-daemon systemd-run';

const isShell = namedIn(SHELLS);
const isLauncher = namedIn(LAUNCHERS);

/** Reports programs that `run_command` must not be given, because they run whatever they are told to. */
export function checkPrograms(programs: readonly string[], path: Path, report: Report): void {
  for (const [index, program] of programs.entries()) {
    const place = [...path, index];
    const name = basename(program.trim().replaceAll('\\', '/'))
      .toLowerCase()
      .replace(/\.(?:exe|bat|cmd|com)$/, '');
    if (/\s/.test(program.trim())) {
      const hint = `write ${program.trim().split(/\s/, 1)[0]}: its arguments come from the model`;
      report.error(place, 'must be the name of one program, without arguments', { hint });
    } else if (isShell(name)) {
      const hint = 'name the programs themselves; for a script of yours write its path, ./check.sh';
      report.error(place, `${program} is a shell, which would run whatever a model writes`, { hint });
    } else if (isLauncher(name)) {
      const hint = 'name the programs themselves';
      report.error(place, `${program} starts other programs, whichever a model writes`, { hint });
    }
  }
}

function namedIn(list: string): (name: string) => boolean {
  const names = new Set(list.split(' '));
  // Versions too, such as bash5.
  return (name) => names.has(name) || names.has(name.replace(/[-\d.]+$/, ''));
}
