/** Work that nothing waits for one by one, but whose failure must not be lost. */
export interface Background {
  add(work: Promise<unknown>): void;
  /** Resolves when all that was added has ended; rejects with the first failure. */
  settled(): Promise<void>;
}

/** An empty background. */
export function createBackground(): Background {
  const underWay = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  return {
    add: (work) => {
      const tracked: Promise<void> = work.then(
        () => void underWay.delete(tracked),
        (error: unknown) => {
          underWay.delete(tracked);
          failure ??= { error };
        },
      );
      underWay.add(tracked);
    },
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
      if (failure) throw failure.error;
    },
  };
}
