import { Option } from 'commander';
import type { OpenQuestion, OpenQuestions } from '../crew/answer.js';
import { EXIT, type ExitCode, UsageError } from '../errors.js';
import type { HumanAnswer } from '../journal/human-question.js';
import type { Io } from '../util/io.js';
import { formatIsoTime } from '../util/local-time.js';
import { printable, printableLine } from '../util/printable.js';
import { type CommandFactory, createCommand } from './command.js';
import { jsonText } from './history.js';
import { presentRun } from './present-run.js';
import { addResumeFlags, type ResumeFlags, toResumeOptions } from './resume-flags.js';

interface AnswerFlags extends ResumeFlags {
  readonly approve?: boolean;
  readonly revise?: string;
  readonly answer?: string;
  readonly always?: boolean;
  readonly deny?: string | true;
  readonly abort?: boolean;
  readonly task?: string;
}

/** `crew answer`: says what a run waits for and goes on with it, or shows what that is. */
export const createAnswerCommand: CommandFactory = (io, end) =>
  addResumeFlags(
    createCommand('answer', 'answer what a run asks a person, and go on with it; without an answer, show the questions')
      .argument('[run]', 'id of a run, or its beginning (default: the latest that waits for an answer)')
      .option('--approve', 'take the output as it is, or let the tool be called this once')
      .option('--revise <text>', 'have the output made again, with what to change')
      .option('--answer <text>', 'the answer to a question of an agent')
      .option('--always', 'let the tool be called, and whenever the same rule asks in this run')
      .option('--deny [why]', 'do not let the tool be called; the agent is told why and goes on')
      .option('--abort', 'end the run')
      .addOption(new Option('--task <key>', 'the task whose question it is, where several wait')),
  ).action(async (runId: string | undefined, flags: AnswerFlags) => {
    const given = readAnswer(flags);
    end(await (given ? answerNow(io, runId, { given, flags }) : showQuestions(io, runId, flags)));
  });

function answerNow(
  io: Io,
  runId: string | undefined,
  { given, flags }: { readonly given: HumanAnswer; readonly flags: AnswerFlags },
): Promise<ExitCode> {
  return presentRun(io, flags, async (onEvent) => {
    const { answer } = await import('../crew/answer.js');
    const { task } = flags;
    const options = { ...(await toResumeOptions(io, flags)), onEvent, ...(task !== undefined && { task }) };
    return answer(runId, given, options);
  });
}

/** The answer that the flags give; undefined for none. Throws UsageError for two, or an empty text. */
function readAnswer({ approve, revise, answer, always, deny, abort }: AnswerFlags): HumanAnswer | undefined {
  const given: HumanAnswer[] = [
    ...(approve ? [{ decision: 'approve' } as const] : []),
    ...(revise === undefined ? [] : [{ decision: 'revise', text: revise.trim() } as const]),
    ...(answer === undefined ? [] : [{ decision: 'answer', text: answer.trim() } as const]),
    ...(always ? [{ decision: 'always' } as const] : []),
    ...(deny === undefined ? [] : [{ decision: 'deny', text: deny === true ? '' : deny.trim() } as const]),
    ...(abort ? [{ decision: 'abort' } as const] : []),
  ];
  const [first, ...others] = given;
  if (others.length > 0)
    throw new UsageError(`--${given.map(({ decision }) => decision).join(' and --')}: give one of them`);
  if (first && 'text' in first && first.text === '' && first.decision !== 'deny')
    throw new UsageError(`--${first.decision} needs a text`);
  return first;
}

async function showQuestions(io: Io, runId: string | undefined, { db, format }: AnswerFlags): Promise<ExitCode> {
  const { listOpenQuestions } = await import('../crew/answer.js');
  const open = listOpenQuestions(runId, { env: io.env, workingDirectory: io.cwd, db });
  const questions = open?.questions ?? [];
  if (format === 'json') {
    const { id = null, crew = null } = open?.run ?? {};
    io.stdout.write(jsonText({ run_id: id, crew, questions: questions.map(toJson) }));
  } else if (format === 'jsonl') {
    for (const question of questions)
      io.stdout.write(`${JSON.stringify({ run_id: open?.run.id, ...toJson(question) })}\n`);
  } else if (open && questions.length > 0) {
    const { ANSWER_FLAGS } = await import('../run/ask-human.js');
    io.stdout.write(questionsText(open, ANSWER_FLAGS));
  } else {
    io.stderr.write(`${open ? `Run ${open.run.id} has no open question.` : 'No run waits for an answer.'}\n`);
  }
  return EXIT.done;
}

function questionsText(
  { run, questions }: OpenQuestions,
  answerFlags: Readonly<Record<OpenQuestion['kind'], string>>,
): string {
  const isOfOneTask = new Set(questions.map(({ taskKey }) => taskKey)).size === 1;
  return questions
    .map(({ kind, text, rule, taskKey, agent }) => {
      const who = printableLine(agent);
      const heads = {
        review: `output of ${who}`,
        question: `${who} asks`,
        permission: `${who} wants to call (rule ${printableLine(rule ?? '')})`,
      };
      const head = `${taskKey}: ${heads[kind]}`;
      const body = printable(text)
        .trimEnd()
        .replaceAll(/^(?=.)/gm, '  ');
      const task = isOfOneTask ? '' : ` --task ${taskKey}`;
      return `${head}\n\n${body}\n\ncrew answer ${run.id}${task} ${answerFlags[kind]}\n`;
    })
    .join('\n');
}

function toJson({ taskKey, kind, agent, path, text, rule, askedAt }: OpenQuestion): object {
  const asked = { asked_at: formatIsoTime(askedAt), text };
  return { task: taskKey, kind, agent, path, ...asked, ...(rule !== undefined && { rule }) };
}
