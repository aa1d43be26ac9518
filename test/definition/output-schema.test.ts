import { symlinkSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadOutputSchema, type OutputSchema } from '../../src/definition/output-schema.js';
import type { OutputReference } from '../../src/definition/types.js';
import { CrewError } from '../../src/errors.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const brief = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] };

async function load(
  schema: OutputReference['schema'],
  files: Record<string, string> = {},
): Promise<{ schema: OutputSchema; error?: undefined } | { error: string; schema?: undefined }> {
  const directory = temporaryFolder(files);
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(resolve('node_modules/zod'), join(directory, 'node_modules/zod'));
  try {
    return { schema: await loadOutputSchema({ field: 'output_json', schema }, { directory }) };
  } catch (error) {
    if (!(error instanceof CrewError)) throw error;
    const hint = error.hint === undefined ? '' : `\nhint: ${error.hint}`;
    return { error: `${error.message}${hint}`.replaceAll(directory, '<folder>') };
  }
}

describe('loadOutputSchema', () => {
  it('takes a schema written in the definition', async () => {
    const { schema } = await load({
      kind: 'inline',
      schema: { $schema: 'https://json-schema.org/draft/2020-12/schema', ...brief },
    });
    expect(schema).toMatchObject({ name: 'output', schema: brief });
    expect(schema?.schema).not.toHaveProperty('$schema');
    expect(await schema?.parse({ title: 'Solar' })).toEqual({ ok: true, value: { title: 'Solar' } });
    expect(await schema?.parse({ title: 5 })).toEqual({ ok: false, reason: 'title: must be a string, got 5' });
    expect(await schema?.parse('Solar')).toEqual({ ok: false, reason: 'must be an object, got a string' });
  });

  it('is named after its title', async () => {
    const { schema } = await load({ kind: 'inline', schema: { ...brief, title: 'Market brief (short)' } });
    expect(schema?.name).toBe('Market_brief_short');
  });

  it('reads a schema from JSON and from YAML', async () => {
    const files = {
      'schemas/brief.json': JSON.stringify(brief),
      'brief.yaml': 'type: object\nproperties: { title: { type: string } }\nrequired: [title]\n',
    };
    const json = await load({ kind: 'file', path: 'schemas/brief.json' }, files);
    const yaml = await load({ kind: 'file', path: 'brief.yaml' }, files);
    expect(json.schema).toMatchObject({ name: 'brief', schema: brief });
    expect(yaml.schema).toMatchObject({ name: 'brief', schema: brief });
  });

  const module = `import { z } from 'zod';
    export const Brief = z.object({ title: z.string().trim(), tags: z.array(z.string()).default([]), at: z.iso.date().transform((text) => new Date(text)).optional() });
    export const Odd = z.object({}).transform(() => { const circle: Record<string, unknown> = {}; circle.self = circle; return circle; });
    export const limit = 5;`;

  it('gives what a Zod schema makes of a value: defaults, transforms, dates as JSON', async () => {
    const { schema } = await load({ kind: 'module', path: './brief.ts', exportName: 'Brief' }, { 'brief.ts': module });
    expect(schema?.name).toBe('Brief');
    expect(await schema?.parse({ title: ' Solar ', at: '2026-01-02' })).toEqual({
      ok: true,
      value: { title: 'Solar', tags: [], at: '2026-01-02T00:00:00.000Z' },
    });
    expect(await schema?.parse({ tags: 'x' })).toMatchObject({ ok: false });
  });

  it('rejects when a transform gives what is no JSON', async () => {
    const { schema } = await load({ kind: 'module', path: './brief.ts', exportName: 'Odd' }, { 'brief.ts': module });
    await expect(schema?.parse({})).rejects.toMatchObject({
      code: 'task',
      message: "output_json: ./brief.ts: the schema's result is not JSON: self refers back to itself",
    });
  });

  it('says what is wrong with a schema in the definition', async () => {
    const schema = { type: 'object', properties: { age: { type: 'integr' } } };
    expect((await load({ kind: 'inline', schema })).error).toMatchInlineSnapshot(
      `"output_json: not a valid JSON Schema: properties.age.type: "integr" is not a JSON Schema type; did you mean "integer"?"`,
    );
  });

  it('says that a file is missing', async () => {
    expect((await load({ kind: 'file', path: './brief.json' })).error).toMatchInlineSnapshot(`
      "output_json: ./brief.json: does not exist
      hint: looked for <folder>/brief.json"
    `);
  });

  it('shows where a file is not JSON', async () => {
    const files = { 'brief.json': '{\n  "type": "object",\n  "properties": {\n}' };
    expect((await load({ kind: 'file', path: './brief.json' }, files)).error).toMatchInlineSnapshot(`
      "output_json: ./brief.json: Flow map must end with a } at line 4, column 2:

      }
       ^"
    `);
  });

  it('says what is wrong with a schema in a file', async () => {
    const files = { 'brief.json': '["a"]', 'empty.yaml': '' };
    expect((await load({ kind: 'file', path: 'brief.json' }, files)).error).toMatchInlineSnapshot(
      `"output_json: brief.json: a schema is a Zod schema or a JSON Schema, this is a list"`,
    );
    expect((await load({ kind: 'file', path: 'empty.yaml' }, files)).error).toMatchInlineSnapshot(
      `"output_json: empty.yaml: a schema is a Zod schema or a JSON Schema, this is null"`,
    );
  });

  it('says what is wrong with an export', async () => {
    const files = { 'brief.ts': module };
    expect((await load({ kind: 'module', path: './brief.ts', exportName: 'Breif' }, files)).error)
      .toMatchInlineSnapshot(`
      "output_json: ./brief.ts has no export "Breif"; it exports Brief, Odd, limit
      hint: did you mean "Brief"?"
    `);
    expect(
      (await load({ kind: 'module', path: './brief.ts', exportName: 'limit' }, files)).error,
    ).toMatchInlineSnapshot(`"output_json: ./brief.ts: a schema is a Zod schema or a JSON Schema, this is 5"`);
  });
});
