import { expect, it } from 'vitest';
import { withoutThinking } from '../../src/run/decide.js';
import { OutputText } from '../../src/run/output-text.js';

/** What a reader has in the end, where the answer comes in pieces of this length, with what was taken back in the meantime. */
function streamed(answer: string, length: number): { readonly text: string; readonly restarts: number } {
  const output = new OutputText();
  output.mark();
  let text = '';
  let restarts = 0;
  const add = (piece: { readonly text: string; readonly isRestart: boolean }): void => {
    if (piece.isRestart) restarts += text === '' ? 0 : 1;
    text = (piece.isRestart ? '' : text) + piece.text;
  };
  for (let at = 0; at < answer.length; at += length) add(output.push(answer.slice(at, at + length)));
  add({ text: output.end(), isRestart: false });
  return { text, restarts };
}

const ANSWERS = [
  'The sun.',
  '  \n The sun.\n\nA star. \n',
  '<think>Hm.</think>The sun.',
  '<thinking>Hm.\n\nNo.</thinking>\n\nThe sun.',
  'The sun. <think>Hm.</think> A star.',
  'The sun.\n<think>Hm.</think>\n',
  'If a < b and <b> or <thin> then </b>.',
  'Models write </think> at the end.',
  'Why <',
  '',
  '   ',
];

it.each(ANSWERS)('gives exactly the output, whatever the pieces: %j', (answer) => {
  for (const length of [1, 2, 3, 7, 100]) {
    expect(streamed(answer, length)).toEqual({ text: withoutThinking(answer).trim(), restarts: 0 });
  }
});

it.each(['Hm.\nNo.\n</think>\n\nThe sun.', 'Hm. No.</think>\nThe sun.'])(
  'takes back what turns out to be thinking: %j',
  (answer) => {
    expect(streamed(answer, 1)).toEqual({ text: 'The sun.', restarts: 1 });
    expect(streamed(answer, 100)).toEqual({ text: 'The sun.', restarts: 0 });
  },
);

it('tells nothing of thinking that comes to no end', () => {
  expect(streamed('<think>Hm. No.', 1)).toEqual({ text: '', restarts: 0 });
});

it('goes on over the end of a call, and takes back only what came since', () => {
  const output = new OutputText();
  output.mark();
  expect([output.push('The sun '), output.end()]).toEqual([{ text: 'The sun', isRestart: false }, '']);
  output.mark();
  expect(output.push('is big').text).toBe(' is big');
  output.takeBack();
  expect(output.push('is a star.').text).toBe(' is a star.');
});
