import type { JsonValue } from '../util/json.js';
import type { Spend } from '../util/spend.js';
import type { RunRecord, RunStatus } from './records.js';
import type { RunSettings } from './run-settings.js';

/** One definition that runs once for each of many items. */
export interface BatchRecord extends Pick<RunRecord, 'definitionPath' | 'definitionFiles' | 'workingDirectory'> {
  readonly id: string;
  readonly crew: string;
  readonly options: RunSettings;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** Which item of which batch. */
export interface BatchPlace {
  readonly batchId: string;
  /** 1-based. */
  readonly item: number;
}

/** One item, and the run that was made for it. */
export interface BatchItem {
  /** 1-based. */
  readonly item: number;
  /** As it was given, such as `items.csv:17`. */
  readonly place: string;
  readonly inputs: Readonly<Record<string, JsonValue>>;
  /** Null until it was begun. */
  readonly runId: string | null;
  /** Of its run; null where there is none. */
  readonly status: RunStatus | null;
  /** Its inputs were read from the database, and may lack their secrets. */
  readonly isStored: boolean;
}

/** What a run of a batch was made for. */
export type RunItem = BatchPlace & Pick<BatchItem, 'place'>;

export interface BatchCounts {
  readonly items: number;
  readonly completed: number;
  /** Their runs wait for a person. */
  readonly waiting: number;
  /** What its runs took. */
  readonly spend: Spend;
}

/** Batches and their items. Everything is on disk when a call returns. */
export interface BatchStore {
  /** Begins a batch. It is there for others only once it is sealed. */
  create(batch: BatchRecord): void;
  /** Stores items of a batch that is not sealed, all or none; secrets are taken out of their inputs. */
  add(id: string, items: readonly Pick<BatchItem, 'item' | 'place' | 'inputs'>[]): void;
  /** All items are there. */
  seal(id: string): void;
  remove(id: string): void;
  find(id: string): BatchRecord | undefined;
  /** The newest one; undefined where there is none. */
  findNewest(): BatchRecord | undefined;
  /** Items after that number whose run is not completed, at most so many. */
  listOpen(id: string, after: number, limit: number): BatchItem[];
  /** The run of an item, as it is now; undefined where the item is gone. */
  findRun(place: BatchPlace): Pick<BatchItem, 'runId' | 'status'> | undefined;
  /** The item that a run was made for; undefined where it belongs to no batch. */
  findItem(runId: string): RunItem | undefined;
  /** Names the run of an item that has taken over what another one was to do. */
  follow(place: BatchPlace, runId: string): void;
  count(id: string): BatchCounts;
}
