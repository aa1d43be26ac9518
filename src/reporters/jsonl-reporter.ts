import type { RunEvent } from '../events.js';
import { toTokenUsageResult } from '../store/to-result.js';
import { knownCostUsd, type Spend } from '../util/spend.js';
import type { Output } from '../util/io.js';
import type { Reporter } from './reporter.js';

/** One JSON object a line for each event, in snake_case; the last one, `run-end`, has the fields of the result. */
export function createJsonlReporter({ output }: { readonly output: Output }): Reporter {
  return {
    onEvent: (event) => output.write(`${JSON.stringify(toEventRow(event))}\n`),
    close: () => undefined,
  };
}

/** The event as programs see it, in snake_case; `run-end` has the fields of the result. */
export function toEventRow(event: RunEvent): object {
  if (event.type === 'run-end') return { type: event.type, ...event.result };
  if (event.type === 'task-reuse') {
    const { source, ...rest } = event;
    return { ...toFields(rest), source_task_id: source && `${source.runId}/${source.taskKey}` };
  }
  return 'spend' in event ? { ...toFields(event), spend: toSpendRow(event.spend) } : toFields(event);
}

function toFields(event: object): object {
  const entries = Object.entries(event).map(([name, value]) => [snakeCase(name), value as unknown]);
  return Object.fromEntries(entries) as object;
}

function toSpendRow(spend: Spend): object {
  return { ...toTokenUsageResult(spend.usage), cost_usd: knownCostUsd(spend) };
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
