import { expect, test } from 'vitest';
import { formatProblem } from '../../src/definition/format-problem.js';
import type { Problem } from '../../src/definition/types.js';

const PROBLEM: Problem = {
  severity: 'error',
  file: 'crew.yaml',
  line: 3,
  column: 10,
  path: 'tasks.essay.agent',
  message: 'there is no agent "x"',
  hint: 'agents: a, b',
  sourceLine: '  agent: x',
  length: 1,
};

function format(facts: Partial<Problem> = {}): string {
  return `\n${formatProblem({ ...PROBLEM, ...facts })}\n`;
}

test('shows place, path, message, line, caret and hint', () => {
  expect(format()).toMatchInlineSnapshot(`
    "
    crew.yaml:3:10 tasks.essay.agent: there is no agent "x"
      3 |   agent: x
        |          ^
        = agents: a, b
    "
  `);
  expect(format({ line: 1203 })).toMatchInlineSnapshot(`
    "
    crew.yaml:1203:10 tasks.essay.agent: there is no agent "x"
      1203 |   agent: x
           |          ^
           = agents: a, b
    "
  `);
});

test('leaves out what there is not', () => {
  expect(format({ hint: undefined, path: '' })).toMatchInlineSnapshot(`
    "
    crew.yaml:3:10 there is no agent "x"
      3 |   agent: x
        |          ^
    "
  `);
  expect(format({ severity: 'warning' })).toMatchInlineSnapshot(`
    "
    crew.yaml:3:10 warning tasks.essay.agent: there is no agent "x"
      3 |   agent: x
        |          ^
        = agents: a, b
    "
  `);
  expect(format({ severity: 'warning', path: '' })).toMatchInlineSnapshot(`
    "
    crew.yaml:3:10 warning: there is no agent "x"
      3 |   agent: x
        |          ^
        = agents: a, b
    "
  `);
  expect(format({ line: 0, path: '', sourceLine: undefined })).toMatchInlineSnapshot(`
    "
    crew.yaml: there is no agent "x"
      = agents: a, b
    "
  `);
  expect(format({ line: 0, path: '', sourceLine: undefined, severity: 'warning' })).toMatchInlineSnapshot(`
    "
    crew.yaml warning: there is no agent "x"
      = agents: a, b
    "
  `);
});

test('keeps tabs, and cuts long lines around the place', () => {
  expect(format({ sourceLine: '\tagent: x', column: 9 })).toMatchInlineSnapshot(`
    "
    crew.yaml:3:9 tasks.essay.agent: there is no agent "x"
      3 | 	agent: x
        | 	       ^
        = agents: a, b
    "
  `);
  const sourceLine = `${'a'.repeat(200)}X${'b'.repeat(200)}`;
  expect(format({ sourceLine, column: 201 })).toMatchInlineSnapshot(`
    "
    crew.yaml:3:201 tasks.essay.agent: there is no agent "x"
      3 | …aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaXbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb…
        |                                          ^
        = agents: a, b
    "
  `);
  expect(format({ sourceLine, column: 1, length: 300 })).toMatchInlineSnapshot(`
    "
    crew.yaml:3:1 tasks.essay.agent: there is no agent "x"
      3 | aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…
        | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        = agents: a, b
    "
  `);
  expect(format({ sourceLine: '', column: 1 })).toMatchInlineSnapshot(`
    "
    crew.yaml:3:1 tasks.essay.agent: there is no agent "x"
      3 | 
        | ^
        = agents: a, b
    "
  `);
});
