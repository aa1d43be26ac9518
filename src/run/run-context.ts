import type { OutputSchema } from '../definition/output-schema.js';
import type { CrewDefinition } from '../definition/types.js';
import type { EmitEvent } from '../events.js';
import type { Journal } from '../journal/step.js';
import type { ModelClient } from '../models/model.js';
import type { RunStore } from '../store/records.js';
import type { ToolCache } from '../tools/tool-cache.js';
import type { Tool } from '../tools/tool.js';
import type { Background } from '../util/background.js';
import type { JsonValue } from '../util/json.js';
import type { Redactor } from '../util/redact.js';
import type { RunLimits } from '../limits/limits.js';
import type { Guardrail } from '../guardrails/guardrail.js';
import type { RunCallbacks } from './callbacks.js';
import type { Condition } from './conditions.js';
import type { AskHuman } from '../journal/human-question.js';
import type { RateLimiter } from '../limits/rate-limit.js';
import type { InputFile } from './input-files.js';
import type { Plan } from './plan-run.js';
import type { Prompts } from './prompts.js';
import type { Today } from './today.js';
import type { ToolGate } from './tool-gate.js';

/** Everything a run works with. All that touches the outside is handed in; nothing here changes while the run goes on. */
export interface RunContext {
  readonly runId: string;
  /** With its inputs put in. */
  readonly definition: CrewDefinition;
  /** Tools by agent key; the manager's under its own key. */
  readonly agentTools: ReadonlyMap<string, readonly Tool[]>;
  /** Tools and output schema of tasks that have them, by task key. */
  readonly taskTools: ReadonlyMap<string, readonly Tool[]>;
  readonly outputSchemas: ReadonlyMap<string, OutputSchema>;
  /** Files that tasks give to their models, by task key. */
  readonly inputFiles: ReadonlyMap<string, readonly InputFile[]>;
  /** Checks of what a task gives, by task key, and of all that an agent answers, by agent key. */
  readonly taskGuardrails: ReadonlyMap<string, readonly Guardrail[]>;
  readonly agentGuardrails: ReadonlyMap<string, readonly Guardrail[]>;
  /** When tasks run, by task key, for those that do not always. */
  readonly conditions: ReadonlyMap<string, Condition>;
  /** Code of the user that is told of steps, tasks and the run's end. */
  readonly callbacks: RunCallbacks;
  readonly inputs: Readonly<Record<string, JsonValue>>;
  /** Takes secrets out of what code of the user is told. */
  readonly redactor: Redactor;
  /** Asks a person; rejects with NeedsInputError where there is none, and with TaskError where they abort. */
  readonly askHuman: AskHuman;
  /** Asked before each call of a tool. */
  readonly toolGate: ToolGate;
  /** Results of tools for agents that use them again. Undefined: every call is carried out. */
  readonly toolCache?: ToolCache | undefined;
  readonly models: ModelClient;
  /** Key of the task whose agent's answers are told of while they come. Undefined: none. */
  readonly streamedTask?: string | undefined;
  /** Everything that is said to models. */
  readonly prompts: Prompts;
  /** The moment that is told as today, as `formatWallTime` writes it. Default: the beginning of the run. */
  readonly moment?: string | undefined;
  /** The day that agents are told, and the plan for the tasks: known before the first of them, where the crew wants them. */
  readonly today?: Today | undefined;
  readonly plan?: Plan | undefined;
  /** Asked before each model call: for money, tokens and calls, and for `max_rpm`. */
  readonly limits: RunLimits;
  readonly rateLimiter: RateLimiter;
  readonly journal: Journal;
  readonly store: RunStore;
  /** Takes writes that nothing waits for; the run ends with the first that fails. */
  readonly background: Background;
  readonly emit: EmitEvent;
  /** Aborted with the error that the run shall end with. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly workingDirectory: string;
  /** Most tasks at work at the same time. */
  readonly concurrency: number;
  /** Whether files of tasks may lie outside the working directory. */
  readonly allowOutside: boolean;
}

/** Where in the run a piece of work stands. */
export interface WorkPlace {
  /** Start of the paths of its steps, such as `article` or `article/delegation/call_x`. */
  readonly path: string;
  readonly taskKey: string;
}
