import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const FOLDER = new URL('../../src/models/', import.meta.url);
const HEAVY =
  /^import (?!type ).*from '(?:@ai-sdk\/|ai'|@pydantic\/|zod|\.\/providers\/(?!registry\.js|provider\.js))/m;

it('loads no provider’s package before a model is called', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.ts'));
  expect(files).toContain('client.ts');
  expect(files.filter((name) => HEAVY.test(readFileSync(new URL(name, FOLDER), 'utf8')))).toEqual([]);
});
