/** A result of a tool, and the call that it comes from. */
export interface KeptResult {
  readonly text: string;
  readonly runId: string;
  /** Of the call's step. */
  readonly path: string;
}

/** Results of tools for calls to come, of all runs. */
export interface ToolResultStore {
  find(key: string): KeptResult | undefined;
  /**
   * Keeps a result, in the place of one with the same key; the oldest go where there are too many. Resolves when it is on
   * disk, rejects with StoreError.
   */
  keep(key: string, result: KeptResult): Promise<void>;
  count(): number;
  /** Forgets all; gives back how many there were. */
  clear(): number;
}
