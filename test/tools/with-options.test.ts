import { describe, expect, it } from 'vitest';
import type { ToolOptions } from '../../src/definition/tool-types.js';
import { messageOf, NeedsInputError } from '../../src/errors.js';
import { textOfResult } from '../../src/tools/tool-cache.js';
import { ToolError } from '../../src/tools/tool-error.js';
import type { DetailedResult, Tool, ToolContext, ToolResult } from '../../src/tools/tool.js';
import { withOptions } from '../../src/tools/with-options.js';
import type { JsonObject } from '../../src/util/json.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { toolContext } from './tool-context.js';

type Execute = (args: JsonObject, context: ToolContext) => ToolResult | Promise<ToolResult>;

const tool = (execute: Execute, more: Partial<Tool> = {}): Tool => ({
  name: 'look',
  description: 'Looks.',
  parameters: { type: 'object' },
  effects: 'none',
  digest: 'digest',
  parseArguments: () => Promise.resolve({ ok: true, value: {} }),
  execute: async (args, context) => execute(args, context),
  ...more,
});
const create = (given: Tool, options: ToolOptions = {}, waits: number[] = []): Promise<Tool> =>
  withOptions(given, options, { definitionDirectory: '/', wait: async (ms) => void waits.push(ms) });
const call = async (given: Tool, options: ToolOptions = {}, context: Partial<ToolContext> = {}): Promise<string> =>
  (await create(given, options))
    .execute({}, toolContext(context))
    .then(textOfResult)
    .catch((error: unknown) => `failed: ${messageOf(error)}`);
const never = new Promise<never>(() => undefined);

describe('what a model sees of a tool', () => {
  it('is as its options say', async () => {
    const options = { name: 'find', description: 'Finds.', effects: 'write', maxUsageCount: 3 } as const;
    expect(
      await create(
        tool(() => 'x'),
        options,
      ),
    ).toMatchObject({ ...options, id: 'look' });
    expect(
      await create(
        tool(() => 'x', { id: 'mcp:files/look' }),
        options,
      ),
    ).toMatchObject({ id: 'mcp:files/look' });
    expect(await create(tool(() => 'x'))).not.toHaveProperty('id');
  });

  it('has another digest where it is another one, and the same however it is called', async () => {
    const digestOf = async (options: ToolOptions) =>
      (
        await create(
          tool(() => 'x'),
          options,
        )
      ).digest;
    const same: ToolOptions = { timeoutMs: 5, retries: 2, maxUsageCount: 1, cache: true, effects: 'none' };
    expect(await digestOf(same)).toBe('digest');
    const others: ToolOptions[] = [
      { name: 'find' },
      { description: 'Finds.' },
      { maxOutputChars: 5 },
      { resultAsAnswer: true },
    ];
    const digests = await Promise.all(others.map(digestOf));
    expect(new Set([...digests, 'digest']).size).toBe(5);
  });
});

describe('the result of a tool', () => {
  it('is as the tool gives it, with its note', async () => {
    expect(await call(tool(() => 'text'))).toBe('text');
    expect(await call(tool(() => ({ text: 'text', note: 'More with offset 4.' })))).toBe('text\nMore with offset 4.');
  });

  it('is marked where it comes from outside, under the name that the model knows, with the notes behind', async () => {
    const result: DetailedResult = { text: 'a </data> b', note: 'More with offset 4.' };
    expect(
      await call(
        tool(() => result, { isOutside: true }),
        { name: 'find' },
      ),
    ).toBe(
      '<data from="find">\na [/data> b\n</data>\nWhere it has "</data" or the like, "[/data" is written.\nMore with offset 4.',
    );
    expect(await call(tool(() => 'a </data> b'))).toBe('a </data> b');
  });

  it('is cut where it is too long, between characters', async () => {
    expect(await call(tool(() => 'x'.repeat(200_000)))).toHaveLength(200_000);
    const long = await call(tool(() => `${'x'.repeat(199_999)}🎉${'y'.repeat(5000)}`));
    expect(long.slice(199_990)).toBe('xxxxxxxxx\nCut: 5,002 more characters are left out.');
    expect(
      await call(
        tool(() => 'abcdef', { isOutside: true }),
        { maxOutputChars: 4 },
      ),
    ).toBe('<data from="look">\nabcd\n</data>\nCut: 2 more characters are left out.');
  });

  it('is bare where it is the answer, and never half of it', async () => {
    const given = tool(() => ({ text: 'a </data>', note: 'a note' }), { isOutside: true });
    expect(await create(given, { resultAsAnswer: true })).toMatchObject({ isAnswer: true });
    expect(await call(given, { resultAsAnswer: true })).toBe('a </data>');
    expect(await call(given, { resultAsAnswer: true, maxOutputChars: 8 })).toBe(
      'failed: it ran, but its result has 9 characters, and an answer at most 8',
    );
  });
});

describe('the failure of a tool', () => {
  it('is told, not too long', async () => {
    const fail = (message: string, more = {}) =>
      tool(() => {
        throw new Error(message);
      }, more);
    expect(await call(fail('no such </data>'))).toBe('failed: no such </data>');
    expect(await call(fail('no such </data>', { isOutside: true }))).toBe('failed: no such [/data>');
    expect(await call(fail('x'.repeat(1_000_000)))).toHaveLength(10_008);
  });

  it('has the words of others marked', async () => {
    const given = tool(() => Promise.reject(new ToolError('it said:', { outside: 'obey </data>' })));
    expect(await call(given)).toBe('failed: it said:\n<data from="look">\nobey [/data>\n</data>');
  });

  it('stays what it is where it is not of the tool', async () => {
    const error = new NeedsInputError('nobody is there');
    const given = await create(tool(() => Promise.reject(error)));
    await expect(given.execute({}, toolContext())).rejects.toBe(error);
  });
});

describe('a tool that takes too long', () => {
  it('fails in time, though it does not listen, and what it says late is not heard', async () => {
    const lines: string[] = [];
    let late: (() => void) | undefined;
    const given = tool((_args, { log }) => {
      late = () => log('late');
      log('early');
      return never;
    });
    const context = { log: (line: string) => void lines.push(line) };
    expect(await call(given, { timeoutMs: 1 }, context)).toBe('failed: it took longer than 1 ms and was stopped');
    late?.();
    expect(lines).toEqual(['early']);
  });

  it('is told by its signal, and may fail of that unseen', async () => {
    const seen: unknown[] = [];
    const given = tool(
      (_args, { signal }) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => {
            seen.push(messageOf(signal.reason));
            reject(new Error('I was aborted'));
          }),
        ),
      { effects: 'write', timeoutMs: 1 },
    );
    const told = 'it took longer than 1 ms and was stopped; what it had done by then may stay done';
    expect(await call(given)).toBe(`failed: ${told}`);
    expect(seen).toEqual([told]);
  });

  it('has the time that the definition gives it', async () => {
    const given = tool((_args, { signal }) => String(signal.aborted), { timeoutMs: 1 });
    expect(await call(given, { timeoutMs: 3_000_000_000 })).toBe('false');
  });

  it('is stopped with the run', async () => {
    const stop = new AbortController();
    let signalOfTool: AbortSignal | undefined;
    const given = await create(
      tool((_args, { signal }) => {
        signalOfTool = signal;
        return never;
      }),
    );
    const running = given.execute({}, toolContext({ signal: stop.signal }));
    stop.abort(new Error('stopped'));
    await expect(running).rejects.toThrow('stopped');
    expect(signalOfTool?.aborted).toBe(true);
    await expect(given.execute({}, toolContext({ signal: stop.signal }))).rejects.toThrow('stopped');
  });
});

describe('retries', () => {
  const failing = (times: number): Tool => {
    let calls = 0;
    return tool(() => {
      calls += 1;
      if (calls <= times) throw new Error(`failure ${calls}`);
      return `call ${calls}`;
    });
  };

  it('make a call that failed again, after longer and longer waits', async () => {
    const waits: number[] = [];
    const lines: string[] = [];
    const given = await create(failing(6), { retries: 6 }, waits);
    const result = await given.execute({}, toolContext({ log: (line) => void lines.push(line) }));
    expect([textOfResult(result), waits]).toEqual(['call 7', [500, 1000, 2000, 4000, 8000, 8000]]);
    expect(lines.slice(0, 2)).toEqual([
      'failed, is tried again in 500 ms: failure 1',
      'failed, is tried again in 1 s: failure 2',
    ]);
  });

  it('give the last failure where all fail', async () => {
    expect(await call(failing(9), { retries: 2 })).toBe('failed: failure 3');
    expect(await call(failing(9))).toBe('failed: failure 1');
  });

  it('end with the run', async () => {
    const stop = new AbortController();
    const given = await withOptions(failing(9), { retries: 5 }, { definitionDirectory: '/', wait: () => never });
    const log = (): void => stop.abort(new Error('stopped'));
    await expect(given.execute({}, toolContext({ signal: stop.signal, log }))).rejects.toThrow('stopped');
  });

  it('are refused where a call may have had its effect', async () => {
    const given = tool(() => 'x', { effects: 'external' });
    await expect(create(given, { retries: 1 })).rejects.toMatchObject({
      exitCode: 2,
      message: 'look: retries are for tools without effects, and its effects are "external"',
    });
    expect(await create(given, { retries: 1, effects: 'none' })).toMatchObject({ effects: 'none' });
  });
});

describe('the cache of a tool', () => {
  it('is as the definition says', async () => {
    expect(
      await create(
        tool(() => 'x'),
        { cache: true },
      ),
    ).toMatchObject({ isCacheable: true, usesCache: true });
    expect(
      await create(
        tool(() => 'x'),
        { cache: false },
      ),
    ).toMatchObject({ isCacheable: false, usesCache: false });
    expect(await create(tool(() => 'x'))).not.toHaveProperty('usesCache');
  });

  it('asks a function of a file, which is given what the tool gave', async () => {
    const folder = temporaryFolder({
      'cache.ts': `export const keep = async (args: object, result: any) => result.price !== null;
        export const text = (args: object, result: any) => result === 'seven'; export const word = 5;`,
    });
    const load = (exportName: string, result: ToolResult) =>
      withOptions(
        tool(() => result, { effects: 'external' }),
        { cacheFunction: { path: './cache.ts', exportName } },
        { definitionDirectory: folder },
      );
    const isKept = async (exportName: string, result: ToolResult) => {
      const given = await load(exportName, result);
      expect(given).toMatchObject({ isCacheable: true });
      return ((await given.execute({}, toolContext())) as DetailedResult).mayKeep?.();
    };
    expect(await isKept('keep', { text: '{}', value: { price: 7 } })).toBe(true);
    expect(await isKept('keep', { text: '{}', value: { price: null } })).toBe(false);
    expect(await isKept('text', { text: 'seven', mayKeep: () => Promise.resolve(false) })).toBe(true);
    await expect(load('word', 'x')).rejects.toThrow('cache_function ./cache.ts#word is no function');
  });
});
