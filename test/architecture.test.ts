import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = resolve(import.meta.dirname, '../src');

/** Layers from the ground up: a file imports from its own layer or a lower one. */
const LAYERS = [
  ['util', 'errors', 'events', 'result', 'version'],
  ['definition'],
  ['models', 'limits', 'tools', 'guardrails', 'journal', 'store', 'memory', 'reporters'],
  ['run'],
  ['replay'],
  ['crew', 'index'],
  ['commands', 'queue'],
  ['main'],
  ['cli'],
];

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(join(SRC, file), 'utf8') }));

const subjectOf = (file: string): string => (file.split('/')[0] ?? '').replace(/\.ts$/, '');
const layerOf = (file: string): number => LAYERS.findIndex((layer) => layer.includes(subjectOf(file)));

/** Files that a file imports from, relative to src; with `isType` for imports that vanish when compiled. */
function importsOf({ file, text }: { readonly file: string; readonly text: string }) {
  const statements = text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+'(\.[^']+)'|import\('(\.[^']+)'\)/gm);
  return [...statements].map(([, type, named = '', dynamic = '']) => ({
    isType: type !== undefined,
    target: relative(SRC, resolve(SRC, dirname(file), (named || dynamic).replace(/\.js$/, '.ts'))),
  }));
}

describe('the source', () => {
  it('has no folder without a layer', () => {
    expect(files.filter(({ file }) => layerOf(file) === -1).map(({ file }) => file)).toEqual([]);
  });

  it('imports code only from its own layer or a lower one', () => {
    const upward = files.flatMap((source) =>
      importsOf(source)
        .filter(
          ({ target, isType }) =>
            !isType && target.startsWith('..') === false && layerOf(target) > layerOf(source.file),
        )
        .map(({ target }) => `${source.file} → ${target}`),
    );
    expect(upward).toEqual([]);
  });

  it('has no project import in util', () => {
    const outward = files
      .filter(({ file }) => file.startsWith('util/'))
      .flatMap((source) =>
        importsOf(source)
          .filter(({ target }) => !target.startsWith('util/') && target !== 'errors.ts')
          .map(({ target }) => `${source.file} → ${target}`),
      );
    expect(outward).toEqual([]);
  });

  it('has no file over 300 lines', () => {
    const long = files
      .map(({ file, text }) => [file, text.split('\n').length] as const)
      .filter(([, lines]) => lines > 300);
    expect(long).toEqual([]);
  });

  it('keeps SQL in store, that for databases of users in tools/data, and the process in cli', () => {
    const sql = files.filter(
      ({ file, text }) =>
        !/^(?:store|tools\/data)\//.test(file) && /\b(?:SELECT .* FROM|INSERT INTO|better-sqlite3)\b/.test(text),
    );
    expect(sql.map(({ file }) => file)).toEqual([]);
    const exits = files.filter(({ file, text }) => file !== 'cli.ts' && /process\.(?:exit|exitCode)\b/.test(text));
    expect(exits.map(({ file }) => file)).toEqual([]);
  });
});
