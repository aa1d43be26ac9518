import type { OutputSchema } from '../definition/output-schema.js';
import type { CrewDefinition } from '../definition/types.js';
import type { EmitEvent } from '../events.js';
import type { Journal } from '../journal/step.js';
import type { ModelClient } from '../models/model.js';
import type { RunStore } from '../store/records.js';
import type { Tool } from '../tools/tool.js';
import type { Background } from '../util/background.js';
import type { RunLimits } from '../limits/limits.js';
import type { RateLimiter } from '../limits/rate-limit.js';

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
  readonly models: ModelClient;
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
  /** Whether `output_file` may lie outside the working directory. */
  readonly allowOutside: boolean;
}

/** Where in the run a piece of work stands. */
export interface WorkPlace {
  /** Start of the paths of its steps, such as `article` or `article/delegation/call_x`. */
  readonly path: string;
  readonly taskKey: string;
}
