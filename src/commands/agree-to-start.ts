import type { RunOptions } from '../crew/run-options.js';
import type { Io } from '../util/io.js';
import { nearPath } from '../util/real-path.js';

/** Lets a person agree to what a definition does on this machine; nothing where nobody can be asked. */
export function agreementOption(io: Io): Pick<RunOptions, 'agreeToStart'> {
  if (!io.isInteractive) return {};
  return {
    async agreeToStart({ path, wants }) {
      const [{ confirm }, { describeWants }] = await Promise.all([import('./confirm.js'), import('../crew/trust.js')]);
      io.stderr.write(`${nearPath(path, io.cwd)} does more than call models:\n${describeWants(wants)}\n`);
      return confirm(io, 'Let it, now and later?');
    },
  };
}
