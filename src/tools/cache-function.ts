import { messageOf, UsageError } from '../errors.js';
import type { JsonObject } from '../util/json.js';
import type { JudgedResult, ToolContext } from './tool.js';

/** Says whether a result, as the tool gave it, may be given again for equal arguments. */
type CacheFunction = (args: unknown, result: unknown) => unknown;

/** The `cacheFunction` (or `cache_function`) of a user's tool; undefined where it has none. Throws UsageError where it is no function. */
export function readCacheFunction(tool: object, place: string): CacheFunction | undefined {
  const { cache_function: snakeCase, cacheFunction = snakeCase } = tool as Record<string, unknown>;
  if (cacheFunction === undefined || cacheFunction === null) return undefined;
  if (typeof cacheFunction !== 'function') {
    throw new UsageError(`${place}: cacheFunction is no function`, {
      hint: 'it is given the arguments and the result, and gives true where the result may be used again',
    });
  }
  return (args, result) => Reflect.apply(cacheFunction, tool, [args, result]) as unknown;
}

/** The result with the decision of the tool's function. Where that fails the result is not kept, and a person is told why. */
export function judgeResult(
  text: string,
  decide: CacheFunction,
  { args, value, log }: { readonly args: JsonObject; readonly value: unknown } & Pick<ToolContext, 'log'>,
): JudgedResult {
  return {
    text,
    async mayKeep() {
      try {
        return Boolean(await decide(args, value));
      } catch (error) {
        log(`cacheFunction failed, so the result is not kept: ${messageOf(error)}`);
        return false;
      }
    },
  };
}
