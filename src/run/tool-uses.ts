import type { RunStore } from '../store/records.js';
import type { TextStepResponse } from '../journal/step-payloads.js';
import type { Tool } from '../tools/tool.js';

/** Counts the calls of tools that may only be called so often in a run. */
export interface ToolUses {
  /**
   * True where the call may be carried out: it is then counted, once however often it is asked for. What was carried out in
   * an earlier life of the run counts too, also where its result came from the cache.
   */
  take(tool: Pick<Tool, 'name' | 'maxUsageCount'>, path: string): boolean;
  /** The call at that path was not carried out after all. */
  giveBack(tool: Pick<Tool, 'name'>, path: string): void;
}

/** Counts by the names of tools, over all tasks and agents of a run. */
export function createToolUses(store: Pick<RunStore, 'listSteps'>, runId: string): ToolUses {
  let known: KnownCalls | undefined;
  return {
    take({ name, maxUsageCount }, path) {
      if (maxUsageCount === undefined) return true;
      known ??= findCalls(store, runId);
      const paths = known.used.get(name) ?? new Set();
      known.used.set(name, paths);
      if (paths.has(path)) return true;
      if (known.refused.has(path) || paths.size >= maxUsageCount) return false;
      paths.add(path);
      return true;
    },
    giveBack: ({ name }, path) => void known?.used.get(name)?.delete(path),
  };
}

interface KnownCalls {
  /** Paths of calls by tool. */
  readonly used: Map<string, Set<string>>;
  readonly refused: ReadonlySet<string>;
}

function findCalls(store: Pick<RunStore, 'listSteps'>, runId: string): KnownCalls {
  const used = new Map<string, Set<string>>();
  const refused = new Set<string>();
  for (const { path, name, response } of store.listSteps(runId, 'tool')) {
    if ((response as TextStepResponse | null)?.isRefused) refused.add(path);
    else used.set(name, (used.get(name) ?? new Set()).add(path));
  }
  return { used, refused };
}
