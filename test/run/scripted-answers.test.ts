import { describe, expect, it } from 'vitest';
import { NeedsInputError, UsageError } from '../../src/errors.js';
import type { HumanQuestion } from '../../src/journal/human-question.js';
import { createScriptedAnswers, type GivenAnswer } from '../../src/run/scripted-answers.js';

const questionOf = (taskKey: string, kind: HumanQuestion['kind'] = 'review'): HumanQuestion => ({
  kind,
  taskKey,
  text: 'A draft.',
  runId: 'run22222',
  agent: 'Writer',
  path: `${taskKey}/human/1`,
  signal: new AbortController().signal,
});

describe('createScriptedAnswers', () => {
  it('gives each question of a task the next answer that fits it, in every run anew', async () => {
    const answers = createScriptedAnswers({
      write: [{ revise: 'Shorter.' }, { answer: '2024' }, 'approve'],
      check: 'abort',
    });
    answers.checkTasks(['write', 'check', 'other']);
    for (const ask of [answers.start(), answers.start()]) {
      expect(await ask(questionOf('write', 'question'))).toEqual({ decision: 'answer', text: '2024' });
      expect(await ask(questionOf('write'))).toEqual({ decision: 'revise', text: 'Shorter.' });
      expect(await ask(questionOf('write'))).toEqual({ decision: 'approve' });
      expect(await ask(questionOf('check', 'question'))).toEqual({ decision: 'abort' });
    }
  });

  it('goes on after the answers that the run was given already, of each kind; others are all new', async () => {
    const answers = createScriptedAnswers({ write: [{ revise: 'Shorter.' }, { answer: '2024' }, 'approve'] });
    const shorter = { kind: 'review', taskKey: 'write', answer: { decision: 'revise', text: 'Shorter.' } } as const;
    const ask = answers.start([shorter]);
    expect(await ask(questionOf('write'))).toEqual({ decision: 'approve' });
    expect(await ask(questionOf('write', 'question'))).toEqual({ decision: 'answer', text: '2024' });
    const longer = { kind: 'review', taskKey: 'write', answer: { decision: 'revise', text: 'Longer.' } } as const;
    for (const given of [[longer, shorter], [{ ...shorter, taskKey: 'check' }]]) {
      expect(await answers.start(given)(questionOf('write'))).toEqual({ decision: 'revise', text: 'Shorter.' });
    }
  });

  it('has nobody to ask where the answers are used up', async () => {
    const ask = createScriptedAnswers({ write: ['approve'] }).start();
    await ask(questionOf('write'));
    await expect(ask(questionOf('write'))).rejects.toThrow(NeedsInputError);
    await expect(ask(questionOf('other'))).rejects.toThrow('a person has to review the output of task other');
  });

  it('names every value that is no answer', () => {
    const wrong = { write: 'yes', check: [{ revise: '' }, 'approve', { revise: 'a', answer: 'b' }, null] };
    expect(() => createScriptedAnswers(wrong as unknown as Record<string, GivenAnswer>)).toThrow(
      new UsageError(
        ['write', 'check[0]', 'check[2]', 'check[3]']
          .map(
            (path) =>
              `answers ${path}: this is no answer (write approve, {revise: what to change}, {answer: text}, always, deny, {deny: why} or abort)`,
          )
          .join('\n\n'),
      ),
    );
  });

  it('names tasks that there are not', () => {
    const answers = createScriptedAnswers({ wirte: 'approve', research: 'approve' });
    expect(() => answers.checkTasks(['write', 'check'])).toThrow(
      new UsageError(
        'answers wirte: there is no task "wirte" (did you mean "write"?)\n\n' +
          'answers research: there is no task "research" (there are write, check)',
      ),
    );
  });
});
