import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { loadTool } from '../../src/crew/load-tool.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const FILE = `export const lookup = {
  description: 'Looks up a price.',
  parameters: { type: 'object', properties: { product: { type: 'string' } }, required: ['product'] },
  execute({ product }: { product: string }, { taskKey, log }: any) {
    if (product === 'none') throw 'there is no such product';
    log('asking');
    return { product, taskKey };
  },
};
export const other = { ...lookup, description: 'Another one.' };
`;

it('gives a tool of a file as a run has it', async () => {
  const folder = temporaryFolder({ 'my tools/price.ts': FILE });
  const tool = await loadTool(new URL(`${pathToFileURL(join(folder, 'my tools/price.ts')).href}#lookup`));
  expect(tool).toMatchObject({ name: 'lookup', description: 'Looks up a price.', effects: 'external' });
  const lines: string[] = [];
  const context = { taskKey: 'research', log: (line: string) => void lines.push(line) };
  expect(await tool.call({ product: 'tea' }, context)).toBe('{"product":"tea","taskKey":"research"}');
  expect(lines).toEqual(['asking']);
  await expect(tool.call({})).rejects.toThrow('the arguments do not fit: product: is missing');
  await expect(tool.call({ product: 'none' })).rejects.toThrow('there is no such product');
  expect(await loadTool(`${join(folder, 'my tools/price.ts')}#other`)).toMatchObject({ description: 'Another one.' });
});

it('says what is wrong with the file', async () => {
  const folder = temporaryFolder({ 'price.ts': FILE });
  await expect(loadTool(join(folder, 'price.ts'))).rejects.toMatchObject({
    exitCode: 2,
    message: `${join(folder, 'price.ts')} has no default export; it exports lookup, other`,
  });
});
