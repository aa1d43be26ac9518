import { CANCEL_SYMBOL, multiline, select, settings, text as readLine } from '@clack/prompts';
import { InterruptedError } from '../errors.js';
import type { HumanAnswer, HumanQuestion } from '../journal/human-question.js';
import type { Io } from '../util/io.js';
import { printable, printableLine } from '../util/printable.js';

/** Asks the person at the terminal. Ctrl-C stops the run, as it does elsewhere. */
export async function askOnTerminal(io: Io, question: HumanQuestion): Promise<HumanAnswer> {
  const { kind, text, taskKey, agent, rule } = question;
  // It would stop the run, and nobody expects that of it.
  settings.aliases.delete('escape');
  if (kind === 'question') {
    const asked = printable(text).trimEnd();
    return { decision: 'answer', text: await readText(question, `${printableLine(agent)} asks: ${asked}`) };
  }
  io.stderr.write(`\n${printable(text).trimEnd()}\n\n`);
  if (kind === 'permission') return askForLeave(question, `${printableLine(agent)} in ${taskKey} (rule ${rule})`);
  const decision = await answered(
    question,
    select<'approve' | 'revise' | 'abort'>({
      ...terminalOf(question),
      message: `Output of ${taskKey}, by ${printableLine(agent)}. What now?`,
      showInstructions: false,
      options: [
        { value: 'approve', label: 'Approve', hint: 'it is the output of the task' },
        { value: 'revise', label: 'Revise', hint: 'say what to change' },
        { value: 'abort', label: 'Abort', hint: 'end the run' },
      ],
    }),
  );
  return decision === 'revise' ? { decision, text: await readText(question, 'What should change?') } : { decision };
}

async function askForLeave(question: HumanQuestion, who: string): Promise<HumanAnswer> {
  const decision = await answered(
    question,
    select<'deny' | 'approve' | 'always' | 'abort'>({
      ...terminalOf(question),
      message: `May this be called by ${who}?`,
      showInstructions: false,
      options: [
        { value: 'deny', label: 'No', hint: 'the agent goes on without it' },
        { value: 'approve', label: 'Yes', hint: 'this once' },
        { value: 'always', label: 'Always', hint: 'whenever the rule asks in this run' },
        { value: 'abort', label: 'Abort', hint: 'end the run' },
      ],
    }),
  );
  if (decision !== 'deny') return { decision };
  const why = await answered(
    question,
    readLine({ ...terminalOf(question), message: 'Why not? (Enter for no reason)', defaultValue: '' }),
  );
  return { decision, text: why.trim() };
}

async function readText(question: HumanQuestion, message: string): Promise<string> {
  const text = await answered(
    question,
    multiline({
      ...terminalOf(question),
      message: `${message} (Tab, then Enter, to send)`,
      // Without it two line breaks would send, and so cut a text that is pasted.
      showSubmit: true,
      validate: (value) => ((value ?? '').trim() === '' ? 'Write something first.' : undefined),
    }),
  );
  return text.trim();
}

function terminalOf({ signal }: HumanQuestion) {
  // One that does not know its size, as in some containers, would be drawn one character a line.
  process.stderr.columns ||= 80;
  process.stderr.rows ||= 24;
  return { input: process.stdin, output: process.stderr, signal };
}

/** The answer of a prompt; where there is none, the run is stopped. */
async function answered<T>({ signal }: HumanQuestion, prompt: Promise<T | typeof CANCEL_SYMBOL>): Promise<T> {
  const value = await prompt;
  if (value !== CANCEL_SYMBOL) return value as T;
  // The prompt has taken the Ctrl-C that the terminal would have sent to the process.
  if (!signal.aborted) process.kill(process.pid, 'SIGINT');
  signal.throwIfAborted();
  throw new InterruptedError();
}
