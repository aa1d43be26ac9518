import type { RunEvent } from '../events.js';
import { totalTokens } from '../util/spend.js';
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
  const { usage, costUsd, unpricedRequests } = event.spend;
  return {
    total_tokens: totalTokens(usage),
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    cached_prompt_tokens: usage.cachedInputTokens,
    reasoning_tokens: usage.reasoningTokens,
    cost_usd: unpricedRequests > 0 ? null : costUsd,
  };
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
