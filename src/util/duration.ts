const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Milliseconds of a duration: a number is seconds, a text is `500ms`, `60s`, `1.5m`, `2h`, `1d` or a sum such as `1h30m`.
 * Undefined where it is neither, or not above 0.
 */
export function parseDuration(value: string | number): number | undefined {
  if (typeof value === 'number') return toDurationMs(value * 1000);
  const text = value.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return toDurationMs(Number(text) * 1000);
  if (!/^(\d+(\.\d+)?\s*(ms|s|m|h|d)\s*)+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)/g)) {
    total += Number(amount) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
  }
  return toDurationMs(total);
}

function toDurationMs(milliseconds: number): number | undefined {
  return Number.isFinite(milliseconds) && milliseconds > 0 ? Math.round(milliseconds) : undefined;
}
