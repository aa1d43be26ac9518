import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CrewError, messageOf } from '../../../src/errors.js';
import { loadTools } from '../../../src/tools/load-tools.js';
import { textOfResult } from '../../../src/tools/tool-cache.js';
import type { Tool } from '../../../src/tools/tool.js';
import type { JsonObject } from '../../../src/util/json.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { callTool } from '../builtin.js';
import { loadOptions, moduleReference } from '../references.js';
import { toolContext } from '../tool-context.js';

/** A folder with these files, in which `zod` and `ai` are installed. */
function project(files: Record<string, string>): string {
  const folder = temporaryFolder(files);
  mkdirSync(join(folder, 'node_modules'));
  for (const name of ['zod', 'ai']) symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name));
  return folder;
}

async function load(folder: string, path: string, exportName?: string): Promise<Tool> {
  const [tool] = await loadTools([moduleReference(path, exportName)], loadOptions(folder));
  return tool as Tool;
}

/** What a person is told when the only export of a file is no tool. */
async function failureOf(source: string): Promise<string> {
  const error = await load(project({ 'tool.ts': source }), './tool.ts').catch((thrown: unknown) => thrown);
  if (!(error instanceof CrewError)) throw new Error('no CrewError', { cause: error });
  expect(error.exitCode).toBe(2);
  return error.hint === undefined ? error.message : `${error.message}\nhint: ${error.hint}`;
}

const parameters = `{ type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }`;

describe('a custom tool', () => {
  it('may take Zod', async () => {
    const folder = project({
      'tools/price.ts': `import { z } from 'zod';
        export const lookup = {
          description: 'Looks up a price.',
          effects: 'none' as const,
          parameters: z.object({ product: z.string().describe('Its name'), count: z.number().int().default(1) }),
          execute: async ({ product, count }: { product: string; count: number }) => ({ product, total: count * 2 }),
        };`,
    });
    const tool = await load(folder, './tools/price.ts', 'lookup');
    expect(tool).toMatchObject({ name: 'lookup', description: 'Looks up a price.', effects: 'none' });
    expect(tool.parameters).toMatchInlineSnapshot(`
      {
        "properties": {
          "count": {
            "default": 1,
            "type": "integer",
          },
          "product": {
            "description": "Its name",
            "type": "string",
          },
        },
        "required": [
          "product",
        ],
        "type": "object",
      }
    `);
    expect(await callTool(tool, { product: 'tea' })).toBe('{"product":"tea","total":2}');
    expect(await callTool(tool, { count: 1.5 })).toBe(
      'bad arguments: product: expected string, received undefined; count: expected int, received number',
    );
    expect(readdirSync(join(folder, 'tools'))).toEqual(['price.ts']);
  });

  it("may be the AI SDK's tool()", async () => {
    const folder = project({
      'weather.ts': `import { tool } from 'ai';
        import { z } from 'zod';
        export default tool({
          description: 'Tells the weather.',
          inputSchema: z.object({ city: z.string() }),
          execute: async ({ city }, { toolCallId, messages, abortSignal }) =>
            [city, toolCallId, messages.length, abortSignal?.aborted].join(' '),
        });`,
    });
    const tool = await load(folder, './weather.ts');
    expect(tool).toMatchObject({ name: 'weather', effects: 'external' });
    expect(await callTool(tool, { city: 'Oslo' })).toBe('Oslo r1234567/research/tool/call_1 0 false');
  });

  it('may be plain JavaScript with JSON Schema', async () => {
    const folder = project({
      'a.mjs': `export default { name: 'city info', description: 'Knows cities.', parameters: ${parameters}, execute: ({ city }) => city };`,
      'b.cjs': `module.exports = { description: 'Knows cities.', parameters: ${parameters}, execute: ({ city }) => city };`,
    });
    const tool = await load(folder, './a.mjs');
    expect(tool.name).toBe('city_info');
    expect(await callTool(tool, { city: 'Oslo' })).toBe('Oslo');
    expect(await callTool(await load(folder, './b.cjs'), { city: 'Oslo' })).toBe('Oslo');
    expect(await callTool(await load(folder, './b.cjs'), { city: 'Rome' })).toBe('Rome');
  });

  it('may be the only tool among the exports', async () => {
    const folder = project({
      'tool.ts': `export const limit = 5; export class Search { }
        export const find = { description: 'Finds.', parameters: ${parameters}, execute() { return limit; } };`,
    });
    expect(await load(folder, './tool.ts')).toMatchObject({ name: 'find' });
  });

  it.each(['full', 'small'])('may use a copy of Zod that is not ours, with its descriptions: %s', async (name) => {
    const folder = temporaryFolder({
      'tool.ts': `import { z } from 'zod';
        import * as mini from 'zod/mini';
        const execute = ({ city }: { city: string }) => city;
        const city = mini.string().check(mini.describe('A city'));
        export const full = { description: 'x', parameters: z.object({ city: z.string().describe('A city') }), execute };
        export const small = { description: 'x', parameters: mini.object({ city }), execute };`,
    });
    cpSync(resolve('node_modules/zod'), join(folder, 'node_modules/zod'), {
      recursive: true,
      filter: (path) => !/\.(cjs|d\.ts|d\.cts)$|\/src$/.test(path),
    });
    const tool = await load(folder, './tool.ts', name);
    expect(tool.parameters).toMatchObject({ properties: { city: { type: 'string', description: 'A city' } } });
    expect(await callTool(tool, { city: 'Oslo' })).toBe('Oslo');
    expect(await callTool(tool, { city: 1 })).toBe('bad arguments: city: expected string, received number');
  });

  it('is handed its context, and itself as this', async () => {
    const folder = project({
      'tool.ts': `export default { description: 'x', factor: 2, parameters: ${parameters},
        execute(_args: unknown, { log, runId, taskKey, workingDirectory, signal }: Record<string, any>) {
          log('working');
          return [this.factor, runId, taskKey, workingDirectory, signal.aborted].join(' ');
        } };`,
    });
    const lines: string[] = [];
    const tool = await load(folder, './tool.ts');
    const context = toolContext({ log: (line) => void lines.push(line), workingDirectory: '/there' });
    expect(textOfResult(await tool.execute({ city: 'x' }, context))).toBe('2 r1234567 research /there false');
    expect(lines).toEqual(['working']);
  });

  it('gives the last value of several', async () => {
    const folder = project({
      'tool.ts': `export default { description: 'x', parameters: ${parameters},
        async *execute() { yield 'loading'; yield { found: 3 }; } };`,
    });
    expect(await callTool(await load(folder, './tool.ts'), { city: 'x' })).toBe('{"found":3}');
  });

  it('stops giving values when the run is stopped', async () => {
    const folder = project({
      'tool.ts': `export default { description: 'x', parameters: ${parameters},
        async *execute() { for (;;) { yield 'more'; await new Promise((next) => setImmediate(next)); } } };`,
    });
    const stop = new AbortController();
    const running = (await load(folder, './tool.ts')).execute({ city: 'x' }, toolContext({ signal: stop.signal }));
    stop.abort(new Error('stopped'));
    await expect(running).rejects.toThrow('stopped');
  });

  it('may throw, at once or later', async () => {
    const folder = project({
      'now.ts': `export default { description: 'x', parameters: ${parameters}, execute() { throw new Error('no such city'); } };`,
      'later.ts': `export default { description: 'x', parameters: ${parameters}, async execute() { throw new Error('no such city'); } };`,
    });
    expect(await callTool(await load(folder, './now.ts'), { city: 'x' })).toBe('refused: no such city');
    expect(await callTool(await load(folder, './later.ts'), { city: 'x' })).toBe('refused: no such city');
  });

  it('has its dialect of JSON Schema taken out, and a type put in', async () => {
    const folder = project({
      'tool.ts': `export default { description: 'x', parameters: { $schema: 'http://json-schema.org/draft-07/schema#', properties: {} }, execute: () => 1 };`,
    });
    expect((await load(folder, './tool.ts')).parameters).toEqual({ type: 'object', properties: {} });
  });
});

describe('what a custom tool throws', () => {
  const thrownBy = async (body: string): Promise<{ readonly told: string; readonly lines: readonly string[] }> => {
    const lines: string[] = [];
    const folder = project({
      'tool.ts': `export default { description: 'x', parameters: {}, execute() {\n${body}\n} };`,
    });
    const running = (await load(folder, './tool.ts')).execute(
      {},
      toolContext({ log: (line) => void lines.push(line) }),
    );
    return { told: messageOf(await running.catch((error: unknown) => error)), lines };
  };

  it.each([
    [`throw 'no city'`, 'no city'],
    [`throw ''`, 'it threw ""'],
    [`throw undefined`, 'it threw undefined'],
    [`throw 5`, 'it threw 5'],
    [`throw { code: 'E1' }`, 'it threw {"code":"E1"}'],
    [`throw Object.create(null)`, 'it threw {}'],
    [`throw { message: 'of another realm' }`, 'of another realm'],
    [`throw new Error('')`, 'Error'],
    [`throw new Error('no answer', { cause: new Error('the host is down') })`, 'no answer: the host is down'],
    [`throw new Error('no answer: down', { cause: new Error('down') })`, 'no answer: down'],
    [`throw new AggregateError([new Error('1 refused'), new Error('2 refused')])`, '1 refused: 2 refused'],
    [`const a: any = new Error('a'); a.cause = a; throw a`, 'a'],
    [`return new Error('not found')`, 'not found'],
  ])('is told as an error: %s', async (body, told) => {
    expect(await thrownBy(body)).toEqual({ told, lines: [] });
  });

  it('is shown with its place to a person, where it is a mistake in the code', async () => {
    expect(await thrownBy('const city: any = undefined;\nreturn city.name;')).toEqual({
      told: "Cannot read properties of undefined (reading 'name')",
      lines: ['failed at tool.ts:3'],
    });
  });
});

describe('what a custom tool logs', () => {
  it('is text, not too long', async () => {
    const lines: string[] = [];
    const folder = project({
      'tool.ts': `export default { description: 'x', parameters: {}, execute(_: unknown, { log }: any) {
        log({ a: 1 }); log(undefined); log('x'.repeat(5000)); } };`,
    });
    const tool = await load(folder, './tool.ts');
    expect(await callTool(tool, {}, '')).toBe('done');
    await tool.execute({}, toolContext({ log: (line) => void lines.push(line) }));
    expect(lines.map((line) => line.slice(0, 10))).toEqual(['{"a":1}', 'undefined', 'xxxxxxxxxx']);
    expect(lines[2]).toHaveLength(2000);
  });
});

describe('the cache function of a custom tool', () => {
  const judged = async (source: string, args: JsonObject = { city: 'Oslo' }) => {
    const lines: string[] = [];
    const folder = project({
      'tool.ts': `export default { description: 'x', parameters: ${parameters}, execute: ({ city }) => ({ city, rain: 3 }), ${source} };`,
    });
    const tool = await load(folder, './tool.ts');
    const result = await tool.execute(args, toolContext({ log: (line) => void lines.push(line) }));
    if (typeof result === 'string') throw new Error('the tool has no cache function');
    return { text: result.text, isCacheable: tool.isCacheable, isKept: await result.mayKeep?.(), lines };
  };

  it.each(['cacheFunction', 'cache_function'])('is given arguments and result: %s', async (name) => {
    const source = `limit: 3, async ${name}({ city }, { rain }) { return city === 'Oslo' && rain === this.limit; }`;
    const oslo = { text: '{"city":"Oslo","rain":3}', isCacheable: true, isKept: true, lines: [] };
    expect(await judged(source)).toEqual(oslo);
    expect(await judged(source, { city: 'Rome' })).toMatchObject({ isKept: false });
  });

  it('keeps nothing where it fails', async () => {
    expect(await judged(`cacheFunction() { throw new Error('no idea'); }`)).toMatchObject({
      isKept: false,
      lines: ['cacheFunction failed, so the result is not kept: no idea'],
    });
  });

  it('has to be a function', async () => {
    expect(
      await failureOf(
        `export default { description: 'x', parameters: ${parameters}, execute() {}, cacheFunction: true };`,
      ),
    ).toMatchInlineSnapshot(`
      "./tool.ts: cacheFunction is no function
      hint: it is given the arguments and the result, and gives true where the result may be used again"
    `);
  });
});

describe('what is no tool', () => {
  it('is a function', async () => {
    expect(await failureOf('export default function search() {}')).toMatchInlineSnapshot(`
      "./tool.ts is not a tool: it is a function
      hint: a tool is an object { description, parameters, execute }; parameters is a Zod object or a JSON Schema"
    `);
  });

  it('is an object without the three fields', async () => {
    expect(await failureOf(`export default { description: ' ' };`)).toMatchInlineSnapshot(`
      "./tool.ts is not a tool: it has no description and no parameters and no execute
      hint: a tool is an object { description, parameters, execute }; parameters is a Zod object or a JSON Schema"
    `);
  });

  it('is a description of parameters without execute', async () => {
    expect(await failureOf(`export default { description: 'x', parameters: ${parameters} };`)).toMatchInlineSnapshot(`
      "./tool.ts is not a tool: it has no execute
      hint: a tool is an object { description, parameters, execute }; parameters is a Zod object or a JSON Schema"
    `);
  });

  it('has a wrong JSON Schema', async () => {
    expect(await failureOf(`export default { description: 'x', parameters: { type: 'objct' }, execute() {} };`))
      .toMatchInlineSnapshot(`
      "./tool.ts: parameters: not a valid JSON Schema: type: "objct" is not a JSON Schema type; did you mean "object"?
      hint: a tool is an object { description, parameters, execute }; parameters is a Zod object or a JSON Schema"
    `);
  });

  it('has parameters without an object around them', async () => {
    for (const written of [`{ city: 'string' }`, `{ city: { type: 'string' } }`]) {
      expect(await failureOf(`export default { description: 'x', parameters: ${written}, execute() {} };`)).toBe(
        `./tool.ts: parameters: "city" has to stand under properties\n` +
          `hint: write { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }`,
      );
    }
  });

  it('has Zod schemas without an object around them', async () => {
    expect(
      await failureOf(
        `import { z } from 'zod'; export default { description: 'x', parameters: { city: z.string() }, execute() {} };`,
      ),
    ).toMatchInlineSnapshot(`
      "./tool.ts: parameters: an object of schemas is no schema
      hint: wrap it: z.object({ … })"
    `);
  });

  it('has parameters that are no object', async () => {
    expect(
      await failureOf(
        `import { z } from 'zod'; export default { description: 'x', parameters: z.string(), execute() {} };`,
      ),
    ).toMatchInlineSnapshot(`
      "./tool.ts: parameters have the type "string", they have to be an object
      hint: a tool is an object { description, parameters, execute }; parameters is a Zod object or a JSON Schema"
    `);
  });

  it('has unknown effects', async () => {
    expect(
      await failureOf(`export default { description: 'x', effects: 'read', parameters: ${parameters}, execute() {} };`),
    ).toMatchInlineSnapshot(`
      "./tool.ts: effects is "read"
      hint: it is one of none, write, external"
    `);
  });

  it('has a name of which nothing is left', async () => {
    expect(
      await failureOf(`export default { name: '検索', description: 'x', parameters: ${parameters}, execute() {} };`),
    ).toMatchInlineSnapshot(`
      "./tool.ts: the tool has no usable name
      hint: give it a \`name\`"
    `);
  });

  it('wants an approval that nobody would give', async () => {
    expect(
      await failureOf(
        `export default { description: 'x', needsApproval: true, parameters: ${parameters}, execute() {} };`,
      ),
    ).toMatchInlineSnapshot(`"./tool.ts: needsApproval is not supported, the tool would run without being approved"`);
  });
});
