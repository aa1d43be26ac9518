import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { locateDatabase } from '../../src/store/locate-database.js';
import { sharedFolder } from '../helpers/temporary-folder.js';

const root = sharedFolder();
const inner = join(root, 'project', 'a', 'b');

beforeAll(() => {
  mkdirSync(inner, { recursive: true });
  mkdirSync(join(root, 'project', '.crew'));
});

it('takes --db first, then CREW_DB, both relative to the working directory', () => {
  const env = { CREW_DB: 'env.db' };
  expect(locateDatabase({ db: 'x/y.db', env, workingDirectory: inner })).toBe(join(inner, 'x/y.db'));
  expect(locateDatabase({ db: '/x/y.db', env, workingDirectory: inner })).toBe('/x/y.db');
  expect(locateDatabase({ db: undefined, env, workingDirectory: inner })).toBe(join(inner, 'env.db'));
});

it('takes the nearest .crew folder at or above the working directory', () => {
  const nearest = join(root, 'project', '.crew', 'crew.db');
  expect(locateDatabase({ db: undefined, env: {}, workingDirectory: inner })).toBe(nearest);
  expect(locateDatabase({ db: '', env: { CREW_DB: '' }, workingDirectory: join(root, 'project') })).toBe(nearest);
});

it('names one in the working directory where there is none above', () => {
  const alone = join(root, 'alone');
  mkdirSync(alone);
  writeFileSync(join(alone, '.crew'), 'a file');
  expect(locateDatabase({ db: undefined, env: {}, workingDirectory: alone })).toBe(join(alone, '.crew', 'crew.db'));
});

it.each(['.crew', '.crew/crew.db', '.crew/crew.db-wal'])('refuses %s where it is a link that leads out', (name) => {
  const folder = join(root, `linked${name.replaceAll('/', '-')}`);
  mkdirSync(join(folder, 'inside'), { recursive: true });
  if (name !== '.crew') mkdirSync(join(folder, '.crew'));
  symlinkSync(name === '.crew' ? '../project/.crew' : '../../gone.db', join(folder, name));
  const locate = (): string => locateDatabase({ db: undefined, env: {}, workingDirectory: folder });
  expect(locate).toThrow(`${join(folder, name)} is a link that leads out of ${folder}`);
  expect(locateDatabase({ db: join(folder, name), env: {}, workingDirectory: folder })).toBe(join(folder, name));
});

it('takes a .crew folder that is a link to one beside it', () => {
  const folder = join(root, 'beside');
  mkdirSync(join(folder, 'history'), { recursive: true });
  symlinkSync('history', join(folder, '.crew'));
  const place = { db: undefined, env: {}, workingDirectory: folder };
  expect(locateDatabase(place)).toBe(join(folder, '.crew', 'crew.db'));
});
