/** Most that is kept where nothing else is said: things of up to some megabytes each. */
const MOST = 4;

/** The things that were put in last, for calls that go on where one before has ended. */
export interface Recent<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
}

/** Keeps nothing at first; then the last `most` things, or as many of them as have that size together. */
export function createRecent<Value>({
  most = MOST,
  sizeOf = () => 1,
}: { readonly most?: number; readonly sizeOf?: (value: Value) => number } = {}): Recent<Value> {
  const kept = new Map<string, Value>();
  return {
    get: (key) => kept.get(key),
    set(key, value) {
      kept.delete(key);
      kept.set(key, value);
      let size = [...kept.values()].reduce((sum, one) => sum + sizeOf(one), 0);
      for (const [oldest, one] of kept) {
        if (size <= most) break;
        kept.delete(oldest);
        size -= sizeOf(one);
      }
    },
  };
}
