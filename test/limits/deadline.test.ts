import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { LimitError } from '../../src/errors.js';
import { pauseDeadlines, systemTimer, type Timer, withDeadline } from '../../src/limits/deadline.js';

const makeError = () => new LimitError('time is over');

function createTimer() {
  const timers = new Set<{ readonly ms: number; readonly callback: () => void }>();
  const timer: Timer = (ms, callback) => {
    const entry = { ms, callback };
    timers.add(entry);
    return () => {
      timers.delete(entry);
      return ms / 2;
    };
  };
  return { timer, timers, end: () => timers.forEach(({ callback }) => callback()) };
}

it('aborts with its own error when the time is over, and only the inner signal', () => {
  const outer = new AbortController();
  const { timer, end } = createTimer();
  const { signal, release } = withDeadline(outer.signal, 1000, makeError, { timer });
  expect(signal.aborted).toBe(false);
  end();
  expect(signal.reason).toEqual(new LimitError('time is over'));
  expect(outer.signal.aborted).toBe(false);
  release();
});

it('follows the outer signal with its reason', () => {
  const outer = new AbortController();
  const { signal } = withDeadline(outer.signal, 1000, makeError, createTimer());
  const reason = new Error('stopped by a person');
  outer.abort(reason);
  expect(signal.reason).toBe(reason);
});

it('leaves neither timer nor listener behind', () => {
  const outer = new AbortController();
  const { timer, timers } = createTimer();
  const { release } = withDeadline(outer.signal, 1000, makeError, { timer });
  expect([timers.size, getEventListeners(outer.signal, 'abort').length]).toEqual([1, 1]);
  release();
  release();
  expect([timers.size, getEventListeners(outer.signal, 'abort').length]).toEqual([0, 0]);
});

it('is the outer signal itself where there is no time', () => {
  const { signal } = new AbortController();
  expect(withDeadline(signal, undefined, makeError).signal).toBe(signal);
  const aborted = AbortSignal.abort(new Error('stopped'));
  expect(withDeadline(aborted, 1000, makeError).signal).toBe(aborted);
});

it('works with the clock of the computer', async () => {
  const { signal } = withDeadline(new AbortController().signal, 1, makeError);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  expect(signal.reason).toBeInstanceOf(LimitError);
});

it('does not end at once where the time is longer than a timer of Node', async () => {
  const ended: string[] = [];
  const stop = systemTimer(100 * 24 * 3_600_000, () => ended.push('long'));
  await new Promise((resolve) => systemTimer(5, () => resolve(undefined)));
  expect(ended).toEqual([]);
  stop();
});

describe('pauseDeadlines', () => {
  it('lets the clocks of a deadline and of those around it stand still, and then run for what was left', () => {
    const { timer, timers } = createTimer();
    const times = (): number[] => [...timers].map(({ ms }) => ms);
    const outer = withDeadline(new AbortController().signal, 1000, makeError, { timer });
    const other = withDeadline(outer.signal, 500, makeError, { timer });
    const inner = withDeadline(outer.signal, 200, makeError, { timer });
    const goOn = pauseDeadlines(inner.signal);
    expect(times()).toEqual([500]);
    goOn();
    goOn();
    expect(times().toSorted((a, b) => b - a)).toEqual([500, 500, 100]);
    for (const { release } of [inner, other, outer]) release();
    expect(times()).toEqual([]);
  });

  it('goes on with the last of several pauses', () => {
    const { timer, timers } = createTimer();
    const { signal, release } = withDeadline(new AbortController().signal, 1000, makeError, { timer });
    const [first, second] = [pauseDeadlines(signal), pauseDeadlines(signal)];
    first();
    expect(timers.size).toBe(0);
    second();
    expect([...timers].map(({ ms }) => ms)).toEqual([500]);
    release();
    expect(timers.size).toBe(0);
  });

  it('stops a warning too, and starts nothing again that is over or released', () => {
    const { timer, timers, end } = createTimer();
    const warnings: string[] = [];
    const warning = { afterMs: 800, callback: () => void warnings.push('nearly over') };
    const { signal, release } = withDeadline(new AbortController().signal, 1000, makeError, { timer, warning });
    const goOn = pauseDeadlines(signal);
    expect(timers.size).toBe(0);
    goOn();
    end();
    expect([signal.aborted, warnings]).toEqual([true, ['nearly over']]);
    timers.clear();
    const goOnAgain = pauseDeadlines(signal);
    release();
    goOnAgain();
    expect(timers.size).toBe(0);
  });

  it('does nothing where there is no deadline', () => {
    expect(pauseDeadlines(new AbortController().signal)()).toBeUndefined();
  });
});
