import { createHash } from 'node:crypto';
import type { KeptResult, ToolResultStore } from '../store/kept-records.js';
import { canonicalJson } from '../util/fingerprint.js';
import type { JsonObject } from '../util/json.js';
import { orAbort } from '../util/or-abort.js';
import type { Tool, ToolResult } from './tool.js';

/** A call of a tool whose arguments are checked, at its place in the run. */
export interface CacheableCall extends Pick<KeptResult, 'runId' | 'path'> {
  readonly tool: Pick<Tool, 'name' | 'digest' | 'effects' | 'isCacheable'>;
  readonly arguments: JsonObject;
  readonly signal: AbortSignal;
}

/** What the model is told of a call, and the call that it comes from where it was not made now. */
export interface CachedOutcome {
  readonly text: string;
  readonly fromCache?: Pick<KeptResult, 'runId' | 'path'>;
}

/** Results of tools that are given again for equal calls. */
export interface ToolCache {
  /**
   * The kept result of an equal call, or what `execute` gives, which is kept where it may be. Of equal calls at once the
   * first is made and the others wait for it. Rejects with what `execute` rejects with, and with StoreError.
   */
  through(call: CacheableCall, execute: () => Promise<ToolResult>): Promise<CachedOutcome>;
}

/** The cache of a crew's runs: calls are equal where crew, tool, code or settings of the tool, and arguments are. */
export function createToolCache({
  crew,
  store,
}: {
  readonly crew: string;
  readonly store: ToolResultStore;
}): ToolCache {
  const underWay = new Map<string, Promise<void>>();

  const carryOut = async (key: string, { runId, path }: CacheableCall, execute: () => Promise<ToolResult>) => {
    const result = await execute();
    const text = textOfResult(result);
    if (typeof result === 'string' || !result.mayKeep || (await result.mayKeep()))
      await store.keep(key, { text, runId, path });
    return { text };
  };

  return {
    async through(call, execute) {
      const { tool, signal } = call;
      if (!(tool.isCacheable ?? tool.effects === 'none')) {
        return { text: textOfResult(await execute()) };
      }
      const key = keyOf([crew, tool.name, tool.digest, call.arguments]);
      for (let other = underWay.get(key); other; other = underWay.get(key)) await orAbort(other, signal);
      const kept = store.find(key);
      if (kept) return { text: kept.text, fromCache: { runId: kept.runId, path: kept.path } };
      const work = carryOut(key, call, execute);
      const end = (): void => void underWay.delete(key);
      underWay.set(key, work.then(end, end));
      return work;
    },
  };
}

/** What the model is told of a result. */
export function textOfResult(result: ToolResult): string {
  return typeof result === 'string' ? result : result.text;
}

function keyOf(parts: readonly unknown[]): string {
  return createHash('sha256').update(canonicalJson(parts)).digest('hex');
}
