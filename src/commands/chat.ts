import type { StartedRun } from '../crew/chat-tools.js';
import type { Crew } from '../crew/load-crew.js';
import type { Inputs } from '../crew/run-options.js';
import { CrewError, EXIT, InterruptedError } from '../errors.js';
import type { RunResult } from '../result.js';
import type { Io } from '../util/io.js';
import { printable } from '../util/printable.js';
import type { Spend } from '../util/spend.js';
import { agreementOption } from './agree-to-start.js';
import { toAskOptions } from './ask-options.js';
import { type CommandFactory, createCommand } from './command.js';
import { chooseDefinition, writeWarnings } from './definition-file.js';
import { errorText } from './error-text.js';
import { presentRun } from './present-run.js';
import { pickRunFlags, type RunFlags, toRunOptions } from './run-flags.js';

type ChatFlags = Omit<RunFlags, 'format'>;

/** The flags of runs that a chat has too: for each of its runs. */
const FLAGS = [
  '--budget',
  '--timeout',
  '--concurrency',
  '--trust',
  '--allow-shell',
  '--allow-outside',
  '--db',
  '--quiet',
  '--verbose',
];

/** `crew chat`: a model talks to the user, runs the crew for them and answers questions about what came out. */
export const createChatCommand: CommandFactory = (io, end) =>
  pickRunFlags(
    createCommand('chat', 'talk to a crew: a model asks for its inputs, runs it and answers questions').argument(
      '[file]',
      'definition (default: crew.yaml or crew.jsonc, here or in crew/)',
    ),
    FLAGS,
  ).action(async (file: string | undefined, flags: ChatFlags) => {
    await chat(io, file, flags);
    end(EXIT.done);
  });

async function chat(io: Io, file: string | undefined, flags: ChatFlags): Promise<void> {
  const crew = await load(io, file, flags);
  const place = { env: io.env, workingDirectory: io.cwd };
  const { requireTrust } = await import('../crew/trust.js');
  // The model of the chat is called before any run is.
  await requireTrust(crew.definition, { ...toRunOptions({ ...flags, format: 'text' }), ...agreementOption(io) }, place);
  const [{ openChat }, { openChatLines }] = await Promise.all([import('../crew/chat.js'), import('./chat-lines.js')]);
  const say = (text: string): void => void (flags.quiet || io.stderr.write(`${text}\n`));
  const session = openChat({
    definition: crew.definition,
    place,
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
  const { requireKeys } = await import('../definition/require-keys.js');
  requireKeys(crew.definition);
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
