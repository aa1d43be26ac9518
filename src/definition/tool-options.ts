import { parseDuration } from '../util/duration.js';
import type { ValuePath as Path } from '../util/format-path.js';
import type { z } from 'zod';
import type { PathOptions } from './code-files.js';
import { resolveModule } from './resolve-module.js';
import type { toolOptionsSchema } from './tool-settings.js';
import type { ToolOptions } from './tool-types.js';

export type OptionFields = Partial<z.output<typeof toolOptionsSchema>>;

/** The options that a map gives a tool; only those that it has. A file that is not there is reported. */
export function toToolOptions(fields: OptionFields, path: Path, options: PathOptions): ToolOptions {
  const { timeout } = fields;
  const all: ToolOptions = {
    name: fields.name,
    description: fields.description?.trim(),
    effects: fields.effects,
    maxUsageCount: fields.max_usage_count,
    resultAsAnswer: fields.result_as_answer,
    timeoutMs: timeout === undefined ? undefined : parseDuration(timeout),
    maxOutputChars: fields.max_output_chars,
    cache: fields.cache,
    cacheFunction: resolveModule(fields.cache_function, [...path, 'cache_function'], options),
    retries: fields.retries,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
