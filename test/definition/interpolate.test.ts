import { expect, test } from 'vitest';
import { interpolateDefinition } from '../../src/definition/interpolate.js';
import type { JsonValue } from '../../src/util/json.js';
import { createAgent, createDefinition, createTask } from '../helpers/definitions.js';

function put(text: string, inputs: Record<string, JsonValue>): string | undefined {
  const definition = createDefinition({ tasks: [createTask({ key: 'a', description: text })] });
  return interpolateDefinition(definition, inputs).tasks[0]?.description;
}

test('puts inputs into every text of agents, tasks and manager, and into nothing else', () => {
  const agent = { role: 'R {x}', goal: 'G {x}', backstory: 'B {x}' };
  const definition = createDefinition({
    name: '{x}',
    agents: [createAgent({ key: '{x}', ...agent })],
    manager: createAgent({ key: 'manager', ...agent }),
    tasks: [
      createTask({ key: 'a', description: 'D {x}', expectedOutput: 'E {x}', outputFile: 'out/{x}.md', agent: '{x}' }),
    ],
  });
  const before = structuredClone(definition);
  const { name, agents, manager, tasks } = interpolateDefinition(definition, { x: 'solar' });
  expect(definition).toEqual(before);
  expect(name).toBe('{x}');
  expect(agents[0]).toMatchObject({ key: '{x}', role: 'R solar', goal: 'G solar', backstory: 'B solar' });
  expect(manager).toMatchObject({ role: 'R solar', goal: 'G solar', backstory: 'B solar' });
  expect(tasks[0]).toMatchObject({
    agent: '{x}',
    description: 'D solar',
    expectedOutput: 'E solar',
    outputFile: 'out/solar.md',
  });
});

test('replaces only names that have a value and leaves other braces alone', () => {
  expect(put('{topic} {other} { topic } {"topic": 1} {} {topic', { topic: 'solar' })).toBe(
    'solar {other} { topic } {"topic": 1} {} {topic',
  );
});

test('takes double braces for single ones', () => {
  expect(put('{{topic}} {{other}} {{{topic}}} {{ topic }}', { topic: 'solar' })).toBe(
    '{topic} {other} {{topic}} {{ topic }}',
  );
});

test('puts values in once and never expands them again', () => {
  expect(put('{a} {b}', { a: '{b}', b: '{{a}} $& $1' })).toBe('{b} {{a}} $& $1');
});

test('puts in numbers, booleans, lists and objects as JSON', () => {
  expect(put('{n} {f} {l} {o} {e}', { n: 1.5, f: false, l: ['a', 1], o: { k: 'v' }, e: '' })).toBe(
    '1.5 false ["a",1] {"k":"v"} ',
  );
});

test('takes no names from the prototype', () => {
  expect(put('{constructor} {toString} {__proto__}', {})).toBe('{constructor} {toString} {__proto__}');
});
