import type { ToolOptions } from '../definition/tool-types.js';
import { UsageError } from '../errors.js';
import { formatCount } from '../util/amounts.js';
import { fingerprintOf } from '../util/fingerprint.js';
import { loadCacheFunction, mayKeepBy } from './own/cache-function.js';
import { callInTime } from './call-in-time.js';
import { callPatiently, type Wait } from './call-patiently.js';
import { escapeMarks, markOutside } from '../util/outside-text.js';
import { tellFailure } from './tell-failure.js';
import { ToolError } from './tool-error.js';
import type { CacheFunction, DetailedResult, Tool } from './tool.js';

/** Most characters of a result that a model is shown, and of an answer, where the definition says nothing. */
const RESULT_CHARACTERS = 200_000;
const ANSWER_CHARACTERS = 10_000_000;

export interface WithOptionsContext {
  /** Absolute; where the path of a cache function starts. */
  readonly definitionDirectory: string;
  /** Default: Node's clock. */
  readonly wait?: Wait;
}

/**
 * The tool as its options want it. Its results are whole texts for the model: cut, marked where they come from outside, with
 * their notes; a call that takes too long fails. Rejects with UsageError for options that the tool cannot have.
 */
export async function withOptions(tool: Tool, options: ToolOptions, context: WithOptionsContext): Promise<Tool> {
  const { name = tool.name, description = tool.description, effects = tool.effects, retries = 0 } = options;
  const { timeoutMs = tool.timeoutMs, cache, maxUsageCount } = options;
  if (retries > 0 && effects !== 'none') throw retriesError(name, effects);
  const judge = await chooseCacheFunction(tool, options, context);
  const isAnswer = options.resultAsAnswer ?? tool.isAnswer ?? false;
  const present = createPresenter({ ...tool, name, isAnswer }, options.maxOutputChars);
  const isCacheable = cache ?? (options.cacheFunction ? true : tool.isCacheable);
  return {
    ...tool,
    name,
    ...(name !== tool.name && { id: tool.id ?? tool.name }),
    description,
    effects,
    ...(isAnswer && { isAnswer }),
    ...(maxUsageCount !== undefined && { maxUsageCount }),
    ...(isCacheable !== undefined && { isCacheable }),
    ...(cache !== undefined && { usesCache: cache }),
    digest: digestWith(tool.digest, options),
    async execute(args, call) {
      const once = (): Promise<DetailedResult> =>
        callInTime(call, { timeoutMs, effects }, async (inTime) => {
          const result = await tool.execute(args, inTime);
          return typeof result === 'string' ? { text: result } : result;
        });
      try {
        const result = await callPatiently(once, { retries, wait: context.wait, call });
        const mayKeep = judge
          ? mayKeepBy(judge, { args, value: result.value ?? result.text, log: call.log })
          : result.mayKeep?.bind(result);
        return { ...(mayKeep && { mayKeep }), text: present(result) };
      } catch (error) {
        call.signal.throwIfAborted();
        throw tellFailure(error, { ...tool, name });
      }
    },
  };
}

function chooseCacheFunction(
  { cacheFunction }: Tool,
  { cacheFunction: named }: ToolOptions,
  { definitionDirectory }: WithOptionsContext,
): CacheFunction | undefined | Promise<CacheFunction> {
  return named ? loadCacheFunction(named, definitionDirectory) : cacheFunction;
}

/** Gives the text that a result has for the model, or the answer that it is. */
function createPresenter(
  { name, isOutside, isAnswer }: Pick<Tool, 'name' | 'isOutside' | 'isAnswer'>,
  maxOutputChars: number | undefined,
): (result: DetailedResult) => string {
  const most = maxOutputChars ?? (isAnswer ? ANSWER_CHARACTERS : RESULT_CHARACTERS);
  if (isAnswer) {
    return ({ text }) => {
      if (text.length <= most) return text;
      // Half an answer must not pass for a whole one.
      const [length, limit] = [formatCount(text.length), formatCount(most)];
      throw new ToolError(`it ran, but its result has ${length} characters, and an answer at most ${limit}`);
    };
  }
  return ({ text, note }) => {
    const kept = cut(text, most);
    const shown = isOutside ? escapeMarks(kept) : kept;
    const notes = [
      ...(shown === kept ? [] : ['Where it has "</data" or the like, "[/data" is written.']),
      ...(kept === text ? [] : [`Cut: ${formatCount(text.length - kept.length)} more characters are left out.`]),
      ...(note === undefined ? [] : [note]),
    ];
    return [isOutside ? markOutside(shown, name) : shown, ...notes].join('\n');
  };
}

/** The beginning of the text, not ending within a character that takes two places. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return text.slice(0, /[\uD800-\uDBFF]/.test(text[most - 1] ?? '') ? most - 1 : most);
}

/** Another digest where the options change what a model sees; not for how the tool is called. */
function digestWith(digest: string, { name, description, maxOutputChars, resultAsAnswer }: ToolOptions): string {
  const seen = { name, description, maxOutputChars, resultAsAnswer };
  return Object.values(seen).every((value) => value === undefined) ? digest : fingerprintOf({ digest, ...seen });
}

function retriesError(name: string, effects: string): UsageError {
  return new UsageError(`${name}: retries are for tools without effects, and its effects are "${effects}"`, {
    hint: 'A call that failed may have had its effect already. Leave `retries` out; for a tool of your own that has none, say `effects: none`.',
  });
}
