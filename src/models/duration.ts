const UNITS = [
  { ms: 3_600_000, name: 'h' },
  { ms: 60_000, name: 'min' },
  { ms: 1000, name: 's' },
] as const;

/** A time span in its largest unit with at most one decimal: `350 ms`, `1.2 s`, `10 min`, `2 h`. */
export function formatDuration(ms: number): string {
  const unit = UNITS.find((candidate) => ms >= candidate.ms);
  return unit === undefined ? `${Math.round(ms)} ms` : `${Math.round((ms / unit.ms) * 10) / 10} ${unit.name}`;
}
