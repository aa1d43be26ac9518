import { resolveInputs } from '../definition/inputs.js';
import type { InputItem } from '../definition/input-items.js';
import type { CrewDefinition } from '../definition/types.js';
import { UsageError } from '../errors.js';
import type { BatchItem, BatchRecord, BatchStore } from '../store/batch-records.js';
import type { Inputs } from './run-options.js';

/** Items stored in one transaction, and read at once. */
const PAGE = 500;
/** Wrong items that an error names one by one. */
const MOST_NAMED = 20;

/**
 * Checks and stores every item of a new batch; gives back how many there are. Rejects with UsageError where one does not fit,
 * and then there is no batch.
 */
export async function storeItems(
  batches: BatchStore,
  batch: BatchRecord,
  {
    definition,
    read,
    common,
    signal,
  }: {
    readonly definition: CrewDefinition;
    readonly read: () => AsyncIterable<InputItem>;
    readonly common: Inputs;
    readonly signal: AbortSignal | undefined;
  },
): Promise<number> {
  batches.create(batch);
  let count = 0;
  let wrong = 0;
  const problems: string[] = [];
  try {
    let page: Pick<BatchItem, 'item' | 'place' | 'inputs'>[] = [];
    for await (const { item, place, inputs } of allItems(read(), common)) {
      signal?.throwIfAborted();
      count = item;
      const found = problemsOf(definition, inputs);
      if (found.length > 0) wrong += 1;
      if (problems.length < MOST_NAMED) problems.push(...found.map((problem) => `  ${place}: ${problem}`));
      page.push({ item, place, inputs });
      if (page.length < PAGE) continue;
      batches.add(batch.id, page);
      page = [];
    }
    batches.add(batch.id, page);
    if (wrong > 0) {
      const more = problems.length > MOST_NAMED ? [`  and ${problems.length - MOST_NAMED} more`] : [];
      const lines = [...problems.slice(0, MOST_NAMED), ...more].join('\n');
      throw new UsageError(`${wrong} of ${count} items do not fit the inputs of the crew; nothing was run:\n${lines}`);
    }
    if (count === 0) throw new UsageError('there are no items to run the crew for');
  } catch (error) {
    batches.remove(batch.id);
    throw error;
  }
  batches.seal(batch.id);
  return count;
}

function problemsOf(definition: CrewDefinition, inputs: Inputs): string[] {
  const { missing, problems } = resolveInputs(definition, inputs);
  const names = missing.map(({ name }) => name).join(', ');
  return [...problems, ...(missing.length > 0 ? [`no value for ${names}`] : [])];
}

/** The items of a new batch, `most` of them at most, numbered, each with the inputs that all have. */
export async function* allItems(
  items: AsyncIterable<InputItem>,
  common: Inputs,
  most = Infinity,
): AsyncGenerator<BatchItem> {
  let item = 0;
  for await (const { place, inputs } of items) {
    item += 1;
    // The file has grown since it was checked.
    if (item > most) return;
    yield { item, place, inputs: { ...common, ...inputs }, runId: null, status: null, isStored: false };
  }
}

/** The stored items of a batch that are not completed. */
export async function* openItems(batches: BatchStore, id: string): AsyncGenerator<BatchItem> {
  for (let after = 0; ;) {
    const page = batches.listOpen(id, after, PAGE);
    yield* page;
    const last = page.at(-1);
    if (!last) return;
    after = last.item;
  }
}
