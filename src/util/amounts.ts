import { type Spend, totalTokens } from './spend.js';

/** `950 ms`, `12.3 s`, `4 min 05 s`, `2 h 03 min`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 60) return `${minutes} min ${pad(Math.round(seconds) % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** `1,234 tokens`. */
export function formatTokens(spend: Spend): string {
  return countOf(totalTokens(spend.usage), 'token');
}

/** `1 task`, `1,234 tasks`: a number of things that a word with s means. */
export function countOf(count: number, word: string): string {
  return `${formatCount(count)} ${word}${count === 1 ? '' : 's'}`;
}

/** `$0.0123`, `unpriced`, or `$0.0123 + 2 unpriced calls`: never 0 for what was not free. */
export function formatCost({ costUsd, unpricedRequests, usage }: Spend): string {
  if (unpricedRequests === 0) return formatUsd(costUsd);
  if (unpricedRequests >= usage.requests) return 'unpriced';
  return `${formatUsd(costUsd)} + ${countOf(unpricedRequests, 'unpriced call')}`;
}

/** `$0.0123`, `$1.50`, `$0`. */
export function formatUsd(usd: number): string {
  if (usd === 0) return '$0';
  return usd < 0.0001 ? '<$0.0001' : `$${usd.toFixed(usd < 1 ? 4 : 2)}`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

/** `1,234,567`. Not by `toLocaleString`, whose first call costs five milliseconds. */
export function formatCount(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 byte`, `1,234 bytes`. */
export function formatBytes(bytes: number): string {
  return `${formatCount(bytes)} ${bytes === 1 ? 'byte' : 'bytes'}`;
}

const TIME_UNITS = [
  { ms: 3_600_000, name: 'h' },
  { ms: 60_000, name: 'min' },
  { ms: 1000, name: 's' },
] as const;

/** A span that somebody has set, in its largest unit with at most one decimal: `350 ms`, `1.2 s`, `10 min`, `2 h`. */
export function formatTimeLimit(ms: number): string {
  const unit = TIME_UNITS.find((candidate) => ms >= candidate.ms);
  return unit === undefined ? `${Math.round(ms)} ms` : `${Math.round((ms / unit.ms) * 10) / 10} ${unit.name}`;
}
