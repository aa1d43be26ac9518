import { Command } from 'commander';
import type { StartedRun } from '../crew/chat-tools.js';
import type { Crew } from '../crew/load-crew.js';
import type { Inputs } from '../crew/run-options.js';
import { CrewError, EXIT, InterruptedError } from '../errors.js';
import type { RunResult } from '../result.js';
import type { Io } from '../util/io.js';
import { printable } from '../util/printable.js';
import type { Spend } from '../util/spend.js';
import { toAskOptions } from './ask-options.js';
import { type CommandFactory, createCommand } from './command.js';
import { chooseDefinition, writeWarnings } from './definition-file.js';
import { errorText } from './error-text.js';
import { presentRun } from './present-run.js';
import { addRunFlags, type RunFlags, toRunOptions } from './run-flags.js';

type ChatFlags = Omit<RunFlags, 'format'>;

/** The flags of runs that a chat has too: for each of its runs. */
const FLAGS: ReadonlySet<string | undefined> = new Set([
  '--budget',
  '--timeout',
  '--concurrency',
  '--allow-shell',
  '--allow-outside',
  '--db',
  '--quiet',
  '--verbose',
]);

/** `crew chat`: a model talks to the user, runs the crew for them and answers questions about what came out. */
export const createChatCommand: CommandFactory = (io, end) => {
  const command = createCommand('chat', 'talk to a crew: a model asks for its inputs, runs it and answers questions')
    .argument('[file]', 'definition (default: crew.yaml or crew.jsonc, here or in crew/)')
    .action(async (file: string | undefined, flags: ChatFlags) => {
      await chat(io, file, flags);
      end(EXIT.done);
    });
  for (const option of addRunFlags(new Command()).options) {
    if (FLAGS.has(option.long)) command.addOption(option);
  }
  return command;
};

async function chat(io: Io, file: string | undefined, flags: ChatFlags): Promise<void> {
  const crew = await load(io, file, flags);
  const [{ openChat }, { openChatLines }] = await Promise.all([import('../crew/chat.js'), import('./chat-lines.js')]);
  const say = (text: string): void => void (flags.quiet || io.stderr.write(`${text}\n`));
  const session = openChat({
    definition: crew.definition,
    place: { env: io.env, workingDirectory: io.cwd },
    db: flags.db,
    start: (inputs, signal) => startRun(io, crew, inputs, { ...flags, format: 'text' }, signal),
    onText: (text) => io.stdout.write(`${printable(text)}\n`),
    onNotice: (notice) => say(`warning: ${printable(notice)}`),
  });
  const lines = openChatLines(io);
  if (io.isInteractive) say(`${crew.definition.name}: say what you want; exit or Ctrl-D leaves`);
  try {
    for (let line = await lines.next(); line !== undefined && !isFarewell(line); line = await lines.next()) {
      if (line.trim() === '') continue;
      await withInterrupts(io, (signal) => session.say(line.trim(), signal)).catch((error: unknown) => {
        // A person may say it again, or something else.
        if (!(error instanceof CrewError) || !io.isInteractive || io.signal.aborted) throw error;
        io.stderr.write(printable(errorText(error)));
      });
    }
    io.signal.throwIfAborted();
  } finally {
    lines.close();
    if (session.spend.usage.requests > 0) say(await spendLine(session.spend));
  }
}

/** What the chat itself took; each run has said its own. */
async function spendLine(spend: Spend): Promise<string> {
  const { countOf, formatCost, formatTokens } = await import('../util/amounts.js');
  return `chat: ${countOf(spend.usage.requests, 'call')} · ${formatTokens(spend)} · ${formatCost(spend)}, beside its runs`;
}

function isFarewell(line: string): boolean {
  return /^(exit|quit)$/i.test(line.trim());
}

/** The crew, whose keys are all there; its warnings are said. */
async function load(io: Io, file: string | undefined, flags: ChatFlags): Promise<Crew> {
  const path = await chooseDefinition(io, file, flags);
  const { loadCrew } = await import('../crew/load-crew.js');
  const crew = await loadCrew(path, { env: io.env, workingDirectory: io.cwd, isForChat: true });
  const { missingKeys } = crew.definition;
  if (missingKeys.length > 0) {
    const { DefinitionError } = await import('../definition/definition-error.js');
    throw new DefinitionError(missingKeys);
  }
  await writeWarnings(io, crew.definition, flags);
  return crew;
}

/** Runs the crew as kickoff does; what goes wrong is the model's to tell. */
async function startRun(io: Io, crew: Crew, inputs: Inputs, flags: RunFlags, signal: AbortSignal): Promise<StartedRun> {
  let result: RunResult | undefined;
  try {
    await presentRun(io, flags, async (onEvent) => {
      const options = { ...toRunOptions(flags), ...(await toAskOptions(io, flags)), signal };
      await crew.kickoff(inputs, {
        ...options,
        onEvent: (event) => {
          if (event.type === 'run-end') result = event.result;
          onEvent(event);
        },
      });
    });
  } catch (error) {
    if (!(error instanceof CrewError)) throw error;
    io.stderr.write(printable(errorText(error)));
    if (!result) return { refusal: error };
  }
  if (!result) throw new Error('a run ended without a result');
  return { result };
}

/** Does work that a person's Ctrl-C ends without ending the process; so does what ends the process. */
async function withInterrupts(io: Io, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const stop = (): void => controller.abort(io.signal.reason);
  if (io.signal.aborted) stop();
  io.signal.addEventListener('abort', stop, { once: true });
  const release = io.isInteractive ? io.takeInterrupt?.(() => controller.abort(new InterruptedError())) : undefined;
  try {
    await work(controller.signal);
  } finally {
    release?.();
    io.signal.removeEventListener('abort', stop);
  }
}
