import { formatModulePath } from '../../definition/code-files.js';
import type { ModuleReference } from '../../definition/types.js';
import { messageOf, UsageError } from '../../errors.js';
import { loadModuleExport } from '../../util/load-module.js';
import type { CacheFunction, DetailedResult, ToolContext } from '../tool.js';

const SHAPE = 'it is given the arguments and the result, and gives true where the result may be used again';

/** The `cacheFunction` (or `cache_function`) of a user's tool; undefined where it has none. Throws UsageError where it is no function. */
export function readCacheFunction(tool: object, place: string): CacheFunction | undefined {
  const { cache_function: snakeCase, cacheFunction = snakeCase } = tool as Record<string, unknown>;
  if (cacheFunction === undefined || cacheFunction === null) return undefined;
  if (!isFunction(cacheFunction)) throw new UsageError(`${place}: cacheFunction is no function`, { hint: SHAPE });
  return (args, result) => Reflect.apply(cacheFunction, tool, [args, result]) as unknown;
}

/** The function of a user's file. Rejects with UsageError where the file cannot be loaded or exports none. */
export async function loadCacheFunction(
  { path, exportName }: ModuleReference,
  directory: string,
): Promise<CacheFunction> {
  const { value } = await loadModuleExport(path, exportName, { directory, accepts: isFunction });
  if (isFunction(value)) return value;
  throw new UsageError(`cache_function ${formatModulePath({ path, exportName })} is no function`, { hint: SHAPE });
}

function isFunction(value: unknown): value is CacheFunction {
  return typeof value === 'function';
}

/** The decision on one result. Where the function fails the result is not kept, and a person is told why. */
export function mayKeepBy(
  decide: CacheFunction,
  { args, value, log }: { readonly args: unknown; readonly value: unknown } & Pick<ToolContext, 'log'>,
): NonNullable<DetailedResult['mayKeep']> {
  return async () => {
    try {
      return Boolean(await decide(args, value));
    } catch (error) {
      log(`cacheFunction failed, so the result is not kept: ${messageOf(error)}`);
      return false;
    }
  };
}
