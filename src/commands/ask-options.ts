import type { RunOptions } from '../crew/run-options.js';
import type { Io } from '../util/io.js';
import { agreementOption } from './agree-to-start.js';
import type { RunFlags } from './run-flags.js';

/**
 * Who is asked where a run needs a person, or a definition has to be trusted: the file of `--answers`, else whoever is at the
 * terminal, else nobody. Only a person at the terminal can agree to trust it.
 */
export async function toAskOptions(
  io: Io,
  { answers }: Pick<RunFlags, 'answers'>,
): Promise<Pick<RunOptions, 'answers' | 'askHuman' | 'agreeToStart'>> {
  if (answers !== undefined) {
    const { loadAnswers } = await import('../crew/load-answers.js');
    return { ...agreementOption(io), answers: await loadAnswers(answers, io.cwd) };
  }
  if (!io.isInteractive) return {};
  return {
    ...agreementOption(io),
    askHuman: async (question) => {
      const { askOnTerminal } = await import('./terminal-questions.js');
      return askOnTerminal(io, question);
    },
  };
}
