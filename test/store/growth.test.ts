import { expect, it } from 'vitest';
import type { Tool } from '../../src/tools/tool.js';
import { createDefinition, createTask } from '../helpers/definitions.js';
import { runScripted } from '../helpers/run-scripted.js';

const CALLS = 20;

/** A tool that gives a page of its own each time. */
function createPages(): Tool {
  let pages = 0;
  return {
    name: 'turn_page',
    description: 'Gives the next page.',
    parameters: { type: 'object', properties: {} },
    effects: 'none',
    digest: '',
    execute: async () => `page-${(pages += 1)}. ${'x'.repeat(1000)}`,
    parseArguments: async () => ({ ok: true, value: {} }),
  };
}

it('of a long conversation is the same with every step: nothing that was said is stored twice', async () => {
  const answers = Array.from({ length: CALLS }, (_, index) => ({
    calls: [{ id: `call_${index + 1}`, name: 'turn_page', args: { thought: `thought-${index + 1}.` } }],
  }));
  const { steps } = await runScripted(
    createDefinition({ tasks: [createTask({ key: 'read', description: 'Read it all.' })] }),
    { worker: [...answers, 'Done.'] },
    { agentTools: new Map([['worker', [createPages()]]]) },
  );
  const stored = steps.map(({ request, response }) => JSON.stringify([request, response]));
  const countOf = (text: string): number => stored.join('\n').split(text).length - 1;
  for (let number = 1; number <= CALLS; number++) {
    expect([`page-${number}.`, countOf(`page-${number}.`)]).toEqual([`page-${number}.`, 1]);
    // Once in the answer of the model, once as what the tool was called with.
    expect([`thought-${number}.`, countOf(`thought-${number}.`)]).toEqual([`thought-${number}.`, 2]);
  }
  expect(countOf('Read it all.')).toBe(1);
  const bytes = steps.filter(({ kind }) => kind === 'model').map(({ request }) => JSON.stringify(request).length);
  expect(Math.max(...bytes.slice(1))).toBeLessThan(100);
});
