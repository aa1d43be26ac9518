import type { RunEvent } from '../events.js';

/** Shows a run to somebody. A reporter that fails does not fail the run. */
export interface Reporter {
  onEvent(event: RunEvent): void;
  /** Takes away what is not meant to stay, such as a spinner. May be called twice. */
  close(): void;
}
