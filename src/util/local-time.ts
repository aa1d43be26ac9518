const MS_PER_MINUTE = 60_000;

/** `2026-01-31 14:05:09`, in the time zone of the process. */
export function formatLocalTime(milliseconds: number): string {
  const time = new Date(milliseconds);
  const date = [time.getFullYear(), time.getMonth() + 1, time.getDate()].map(twoDigits).join('-');
  return `${date} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(twoDigits).join(':')}`;
}

/** `2026-01-31T14:05:09.000+01:00`, in the time zone of the process. */
export function formatWallTime(milliseconds: number): string {
  const offsetMinutes = -new Date(milliseconds).getTimezoneOffset();
  const [hours, minutes] = [Math.floor(Math.abs(offsetMinutes) / 60), Math.abs(offsetMinutes) % 60];
  const wall = new Date(milliseconds + offsetMinutes * MS_PER_MINUTE).toISOString().slice(0, -1);
  return `${wall}${offsetMinutes < 0 ? '-' : '+'}${twoDigits(hours)}:${twoDigits(minutes)}`;
}

/** What the clock showed at a time that `formatWallTime` wrote, as if it were UTC, and the zone as `+0100`. */
export function parseWallTime(text: string): { readonly time: Date; readonly zone: string } {
  return { time: new Date(`${text.slice(0, -6)}Z`), zone: text.slice(-6).replace(':', '') };
}

/** `2026-01-31T13:05:09.000Z`, or null where there is no time. */
export function formatIsoTime(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
