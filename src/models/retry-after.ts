/**
 * How long a provider asks to wait, in milliseconds, or undefined. Reads `retry-after-ms`, `retry-after` (seconds or
 * an HTTP date) and the `retryDelay` that Google puts in the body.
 */
export function parseRetryAfter(
  headers: Readonly<Record<string, string>> | undefined,
  body: string | undefined,
  now: number,
): number | undefined {
  const milliseconds = parseNumber(headers?.['retry-after-ms']);
  if (milliseconds !== undefined) return milliseconds;
  const retryAfter = headers?.['retry-after'];
  const seconds = parseNumber(retryAfter) ?? parseNumber(/"retryDelay":\s*"([\d.]+)s"/.exec(body ?? '')?.[1]);
  if (seconds !== undefined) return seconds * 1000;
  // Date.parse takes nearly anything, a negative number too: an HTTP date begins with its weekday.
  const date = Date.parse(/^[A-Z][a-z]+, /.test(retryAfter ?? '') ? (retryAfter ?? '') : '');
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function parseNumber(text: string | undefined): number | undefined {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}
