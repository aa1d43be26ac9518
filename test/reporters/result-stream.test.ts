import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/events.js';
import type { Reporter } from '../../src/reporters/reporter.js';
import { besideStream, createResultStream } from '../../src/reporters/result-stream.js';

const at = { taskKey: 'write', path: 'write/llm/1', agent: 'Writer' };
const delta = (text: string, more: Partial<RunEvent & { type: 'model-call-delta' }> = {}): RunEvent => ({
  type: 'model-call-delta',
  ...at,
  text,
  isOutput: true,
  ...more,
});
const RESTART = delta('', { isRestart: true });

/** What stands on stdout when these events and then the output have come, piece by piece, and what is warned of. */
function shown(events: readonly RunEvent[], output: string | undefined) {
  const written: string[] = [];
  const stream = createResultStream({ write: (text) => void written.push(text) });
  for (const event of events) stream.onEvent(event);
  const warning = stream.end(output);
  return { written, ...(warning !== undefined && { warning }) };
}

describe('what is written', () => {
  it.each<[string, readonly RunEvent[], string | undefined, string[]]>([
    ['is the output at its end where no text came', [], 'A star.', ['A star.\n']],
    ['is each piece as it comes, and what is missing', [delta('A '), delta('st')], 'A star.', ['A ', 'st', 'ar.\n']],
    [
      'goes on over several calls',
      [delta('A '), delta('star.', { path: 'write/llm/2' })],
      'A star.',
      ['A ', 'star.', '\n'],
    ],
    ['is nothing of text that is not certain', [delta('A ', { isOutput: false })], 'A star.', ['A star.\n']],
    [
      'is not written twice where an attempt says the same again',
      [delta('A '), delta('st'), RESTART, delta('A'), delta(' star')],
      'A star.',
      ['A ', 'st', 'ar', '.\n'],
    ],
    [
      'keeps the calls before the one that begins anew',
      [delta('A '), delta('s', { path: 'b' }), delta('', { path: 'b', isRestart: true }), delta('star', { path: 'b' })],
      'A star.',
      ['A ', 's', 'tar', '.\n'],
    ],
    ['is only ended where the run has no output', [delta('A st')], undefined, ['A st', '\n']],
    ['is nothing where the run has no output and no text came', [], undefined, []],
  ])('%s', (_, events, output, written) => {
    expect(shown(events, output)).toEqual({ written });
  });

  it('is the whole output after another beginning, with a word of where it begins', () => {
    expect(shown([delta('The\nsun '), RESTART, delta('A star')], 'A star.')).toEqual({
      written: ['The\nsun ', '\nA star.\n'],
      warning:
        'the answer was begun anew: on stdout the result begins at line 3, and what stands before it is not part of it',
    });
  });

  it('waits while a person is asked', () => {
    const question: RunEvent = { type: 'question-start', ...at, kind: 'question', text: 'Why?' };
    const answered: RunEvent = { type: 'question-end', ...at, kind: 'question', decision: 'answer', text: 'So.' };
    expect(shown([delta('A '), question, delta('st'), delta('ar'), answered], 'A star.').written).toEqual([
      'A ',
      'star',
      '.\n',
    ]);
  });
});

describe('the reporter beside it', () => {
  /** What the reporter is told, by type, when a text and then other events come. */
  function told(sharesTerminal: boolean, first: RunEvent): string[] {
    const seen: string[] = [];
    const reporter: Reporter = { onEvent: ({ type }) => void seen.push(type), close: () => void seen.push('close') };
    const stream = createResultStream({ write: (text) => void seen.push(JSON.stringify(text)) });
    const beside = besideStream(reporter, { sharesTerminal });
    for (const event of [first, first, { type: 'warning', message: 'w' } as const]) {
      beside.onEvent(event);
      stream.onEvent(event);
    }
    stream.end('A A star.');
    beside.close();
    return seen;
  }

  it('keeps quiet on the same terminal until the text is whole', () => {
    expect(told(true, delta('A '))).toEqual([
      'close',
      '"A "',
      '"A "',
      '"star.\\n"',
      'model-call-delta',
      'model-call-delta',
      'warning',
      'close',
    ]);
  });

  it('goes on elsewhere', () => {
    expect(told(false, delta('A '))).toEqual([
      'model-call-delta',
      '"A "',
      'model-call-delta',
      '"A "',
      'warning',
      '"star.\\n"',
      'close',
    ]);
  });

  it('says once why the text does not come', () => {
    expect(told(false, delta('A ', { isOutput: false }))).toEqual([
      'warning',
      'model-call-delta',
      'model-call-delta',
      'warning',
      '"A A star.\\n"',
      'close',
    ]);
  });
});
