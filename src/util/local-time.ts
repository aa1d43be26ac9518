/** `2026-01-31 14:05:09`, in the time zone of the process. */
export function formatLocalTime(milliseconds: number): string {
  const time = new Date(milliseconds);
  const date = [time.getFullYear(), time.getMonth() + 1, time.getDate()].map(twoDigits).join('-');
  return `${date} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(twoDigits).join(':')}`;
}

/** `2026-01-31T13:05:09.000Z`, or null where there is no time. */
export function formatIsoTime(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
