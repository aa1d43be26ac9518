import type { RunEvent } from '../events.js';
import { toTokenUsageResult } from '../store/to-result.js';
import { knownCostUsd } from '../util/spend.js';
import type { Output } from '../util/io.js';
import type { Reporter } from './reporter.js';

/** One JSON object a line for each event, in snake_case; the last one, `run-end`, has the fields of the result. */
export function createJsonlReporter({ output }: { readonly output: Output }): Reporter {
  return {
    onEvent: (event) => output.write(`${JSON.stringify(toRow(event))}\n`),
    close: () => undefined,
  };
}

function toRow(event: RunEvent): object {
  if (event.type === 'run-end') return { type: event.type, ...event.result };
  const entries = Object.entries(event).map(([name, value]) => [
    snakeCase(name),
    name === 'spend' ? toSpendRow(event) : value,
  ]);
  return Object.fromEntries(entries) as object;
}

function toSpendRow(event: RunEvent): object | undefined {
  if (!('spend' in event)) return undefined;
  return { ...toTokenUsageResult(event.spend.usage), cost_usd: knownCostUsd(event.spend) };
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
