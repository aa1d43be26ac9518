import { InvalidArgumentError } from 'commander';

/** A parser of options that take a whole number of at least `least`. */
export function parseCount(least: 0 | 1): (value: string) => number {
  return (value) => {
    const count = Number(value);
    if (/^\d+$/.test(value) && Number.isSafeInteger(count) && count >= least) return count;
    throw new InvalidArgumentError(`It has to be a whole number${least === 0 ? '' : ' above 0'}.`);
  };
}
