import { join } from 'node:path';
import { expect, it } from 'vitest';
import { StoreError } from '../../src/errors.js';
import { openDatabase } from '../../src/store/open-database.js';
import { createStoredSlots } from '../../src/store/rate-slots.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const { signal } = new AbortController();
const CREW = [{ scope: 'crew', perMinute: 4 }];

/** Two connections to one file, as two processes have them. */
function openTwo() {
  const path = join(temporaryFolder(), 'crew.db');
  return [openDatabase(path), openDatabase(path)] as const;
}

it('shares the turns of all connections to one database', async () => {
  const [one, other] = openTwo();
  const books = [createStoredSlots(one), createStoredSlots(other)];
  const times: number[] = [];
  for (let call = 0; call < 6; call += 1) times.push((await books[call % 2]?.take(CREW, { now: 0, signal })) ?? -1);
  expect(times).toEqual([0, 0, 15_000, 30_000, 60_000, 75_000]);
  expect(one.prepare('SELECT scope, at FROM rate_slots').all()).toHaveLength(6);
  one.close();
  other.close();
});

it('takes one time in several scopes, and gives it back in all of them', async () => {
  const [one, other] = openTwo();
  const slots = createStoredSlots(one);
  const both = [...CREW, { scope: 'agent:test/slow', perMinute: 1 }];
  expect(await slots.take(both, { now: 0, signal })).toBe(0);
  expect(await slots.take(both, { now: 0, signal })).toBe(60_000);
  await slots.giveBack(both, 60_000);
  expect(one.prepare('SELECT scope, at FROM rate_slots ORDER BY rowid').all()).toEqual([
    { scope: 'crew', at: 0 },
    { scope: 'agent:test/slow', at: 0 },
  ]);
  expect(await slots.take(both, { now: 1000, signal })).toBe(60_000);
  one.close();
  other.close();
});

it('shares the tokens, which are put right when a call is over', async () => {
  const [one, other] = openTwo();
  const books = [createStoredSlots(one), createStoredSlots(other)] as const;
  const calls = (tokens: number) => [{ scope: 'tokens of crew', perMinute: 1000, tokens }];
  expect(await books[0].take(calls(800), { now: 0, signal })).toBe(0);
  expect(await books[1].take(calls(500), { now: 1000, signal })).toBe(60_000);
  await books[0].settle(calls(800), 0, 300);
  expect(await books[1].take(calls(500), { now: 2000, signal, instead: 60_000 })).toBe(2000);
  expect(one.prepare('SELECT * FROM rate_slots').all()).toEqual([
    { scope: 'tokens of crew', at: 0, tokens: 300 },
    { scope: 'tokens of crew', at: 2000, tokens: 500 },
  ]);
  one.close();
  other.close();
});

it('forgets what is older than a minute', async () => {
  const [one, other] = openTwo();
  const slots = createStoredSlots(one);
  await slots.take(CREW, { now: 0, signal });
  await slots.take(CREW, { now: 60_000, signal });
  expect(one.prepare('SELECT at FROM rate_slots').pluck().all()).toEqual([60_000]);
  one.close();
  other.close();
});

it('waits while another process holds the database, and stops waiting when it is stopped', async () => {
  const [one, other] = openTwo();
  one.pragma('busy_timeout = 0');
  const slots = createStoredSlots(one);
  other.exec('BEGIN IMMEDIATE');
  const controller = new AbortController();
  const stopped = slots.take(CREW, { now: 0, signal: controller.signal });
  const patient = slots.take(CREW, { now: 0, signal });
  controller.abort(new Error('stopped by a person'));
  await expect(stopped).rejects.toThrow('stopped by a person');
  other.exec('COMMIT');
  expect(await patient).toBe(0);
  one.close();
  other.close();
});

it('says what is wrong where the database stays locked', async () => {
  const [one, other] = openTwo();
  one.pragma('busy_timeout = 0');
  other.exec('BEGIN IMMEDIATE');
  const taking = createStoredSlots(one, { busyPatienceMs: 0 }).take(CREW, { now: 0, signal });
  await expect(taking).rejects.toThrow(StoreError);
  await expect(taking).rejects.toThrow('is locked by another program');
  other.exec('COMMIT');
  one.close();
  other.close();
});
