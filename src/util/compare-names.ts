/** Sorts names the same on every machine: by code units. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
