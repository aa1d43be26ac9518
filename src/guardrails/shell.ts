import type { GuardrailDefinition } from '../definition/types.js';
import { messageOf, TaskError } from '../errors.js';
import { excerpt } from '../util/excerpt.js';
import { fingerprintOf } from '../util/fingerprint.js';
import { programVariables } from '../util/program-variables.js';
import { type ProgramEnd, runProgram } from '../util/run-program.js';
import type { Guardrail, GuardrailVerdict } from './guardrail.js';

/** Most time for one check, milliseconds. */
const TIMEOUT_MS = 60_000;
const REASON_CHARACTERS = 2000;
/** The shell's own: the command cannot be run, or is not there (POSIX, 2.8.2 Exit Status for Commands). */
const CANNOT_RUN = new Set([126, 127]);

export interface ShellOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
}

/**
 * `shell`: a command of the definition that is given the output on stdin and runs in the working directory. Exit 0 passes;
 * else what it wrote to stderr, or to stdout, is the reason. None of what it started outlives the check.
 */
export function createShellGuardrail(
  { name, command }: GuardrailDefinition & { readonly kind: 'shell' },
  { environment, timeoutMs = TIMEOUT_MS }: ShellOptions,
): Guardrail {
  const variables = programVariables(environment);
  return {
    name,
    digest: fingerprintOf({ command }),
    async check({ text, taskKey }, { signal, runId, workingDirectory }) {
      const end = await runProgram({
        command: '/bin/sh',
        args: ['-c', command],
        cwd: workingDirectory,
        env: { ...variables, CREW_RUN_ID: runId, CREW_TASK: taskKey },
        input: text,
        signal,
        timeoutMs,
      }).catch((error: unknown) => {
        signal.throwIfAborted();
        throw new TaskError(`guardrail ${name} cannot be run: ${messageOf(error)}`, { cause: error });
      });
      return verdictOf(name, end, timeoutMs);
    },
  };
}

function verdictOf(name: string, end: ProgramEnd, timeoutMs: number): GuardrailVerdict {
  const { exitCode, signalName, isTimeout, stdout, stderr } = end;
  if (exitCode === 0) return { passed: true };
  const words = excerpt(stderr.trim() || stdout.trim(), REASON_CHARACTERS);
  const said = words === '' ? '' : `: ${words}`;
  if (isTimeout) throw new TaskError(`guardrail ${name} took longer than ${timeoutMs / 1000} s${said}`);
  if (exitCode === null) throw new TaskError(`guardrail ${name} was ended by ${signalName}${said}`);
  if (CANNOT_RUN.has(exitCode)) {
    throw new TaskError(`guardrail ${name} cannot be run: exit ${exitCode}${said}`, {
      hint: 'It runs with /bin/sh in the working directory.',
    });
  }
  return { passed: false, reason: words === '' ? `exit ${exitCode}` : words };
}
