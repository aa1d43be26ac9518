import { expect, it } from 'vitest';
import type { RunEvent } from '../../src/events.js';
import { holdDuringQuestions } from '../../src/reporters/hold-during-questions.js';

const at = { taskKey: 'write', path: 'write/human/1', agent: 'Writer', kind: 'review' } as const;
const START: RunEvent = { type: 'question-start', ...at, text: 'A draft.' };
const END: RunEvent = { type: 'question-end', ...at, decision: 'approve', text: '' };
const warning = (message: string): RunEvent => ({ type: 'warning', message });

function createRecorder() {
  const told: string[] = [];
  const reporter = holdDuringQuestions({
    onEvent: (event) => void told.push(event.type === 'warning' ? event.message : event.type),
    close: () => void told.push('close'),
  });
  return { told, reporter };
}

it('tells what happened meanwhile when the last question is answered, in order', () => {
  const { told, reporter } = createRecorder();
  for (const event of [warning('before'), START, warning('one'), START, warning('two'), END]) reporter.onEvent(event);
  expect(told).toEqual(['before', 'question-start']);
  reporter.onEvent(END);
  reporter.onEvent(warning('after'));
  expect(told).toEqual(['before', 'question-start', 'one', 'two', 'question-end', 'question-end', 'after']);
});

it('tells what it held before it closes', () => {
  const { told, reporter } = createRecorder();
  for (const event of [START, warning('one')]) reporter.onEvent(event);
  reporter.close();
  expect(told).toEqual(['question-start', 'one', 'close']);
});
