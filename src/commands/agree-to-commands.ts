import type { RunOptions } from '../crew/run-options.js';
import type { Io } from '../util/io.js';
import { nearPath } from '../util/real-path.js';

/** Lets a person agree to the commands of a definition; nothing where nobody can be asked. */
export function agreementOption(io: Io): Pick<RunOptions, 'agreeToCommands'> {
  if (!io.isInteractive) return {};
  return {
    async agreeToCommands({ path, commands }) {
      const [{ confirm }, { describeCommands }] = await Promise.all([
        import('./confirm.js'),
        import('../crew/shell-permission.js'),
      ]);
      io.stderr.write(`${nearPath(path, io.cwd)} checks outputs with these commands:\n${describeCommands(commands)}\n`);
      return confirm(io, 'Run them, now and later?');
    },
  };
}
