import ora from 'ora';
import type { RunEvent } from '../events.js';
import { formatCost, formatTokens } from '../util/amounts.js';
import type { Output } from '../util/io.js';
import { addSpend, NO_SPEND } from '../util/spend.js';
import { createProgressLines, type ProgressOptions } from './progress-lines.js';
import type { Reporter } from './reporter.js';

/** Progress on a terminal: lines that stay, and below them a spinner with what runs now, tokens and cost so far. */
export function createPrettyReporter({ output, ...options }: ProgressOptions & { readonly output: Output }): Reporter {
  const toLines = createProgressLines(options);
  // By itself the spinner would heed neither NO_COLOR nor that stdout is no terminal.
  const color = output.color ? 'cyan' : false;
  const spinner = ora({ stream: process.stderr, discardStdin: false, hideCursor: true, color });
  const underWay = new Map<string, string>();
  let spend = NO_SPEND;

  const track = (event: RunEvent): void => {
    if (event.type === 'model-call-start') underWay.set(event.path, `${event.agent} · ${event.model}`);
    if (event.type === 'tool-call-start') underWay.set(event.path, `${event.agent} · ${event.tool}`);
    if (event.type === 'model-call-end') spend = addSpend(spend, event.spend);
    if (event.type === 'model-call-end' || event.type === 'tool-call-end') underWay.delete(event.path);
  };
  const status = (): string => {
    const [first = '…', ...others] = underWay.values();
    const more = others.length > 0 ? ` and ${others.length} more` : '';
    const line = `${first}${more} · ${formatTokens(spend)} · ${formatCost(spend)}`;
    return line.length > output.columns - 4 ? `${line.slice(0, output.columns - 5)}…` : line;
  };

  return {
    onEvent: (event) => {
      track(event);
      const lines = toLines(event);
      if (lines.length > 0) {
        spinner.clear();
        output.write(`${lines.join('\n')}\n`);
      }
      // A prompt follows, which draws on the same lines.
      if (event.type === 'run-end' || event.type === 'question-start') {
        spinner.stop();
        return;
      }
      spinner.text = status();
      if (!spinner.isSpinning) spinner.start();
    },
    close: () => {
      spinner.stop();
    },
  };
}
