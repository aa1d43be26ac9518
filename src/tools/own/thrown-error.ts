import { describeValue } from '../../util/to-json.js';

/** How deep causes are told. */
const MOST_CAUSES = 3;
const MISTAKES: ReadonlySet<string> = new Set(['TypeError', 'ReferenceError', 'RangeError', 'SyntaxError']);

/** What code of the user threw, as an error whose message says it all: its causes too, and what is no Error. */
export function errorOf(thrown: unknown): Error {
  const words = wordsOf(thrown, MOST_CAUSES);
  return thrown instanceof Error && thrown.message === words ? thrown : new Error(words, { cause: thrown });
}

/** True for what JavaScript itself throws at code that is wrong. `fetch` throws its kind too, with a cause. */
export function isMistake(thrown: unknown): boolean {
  return thrown instanceof Error && MISTAKES.has(thrown.name) && thrown.cause === undefined;
}

function wordsOf(thrown: unknown, depth: number): string {
  if (typeof thrown === 'string' && thrown !== '') return thrown;
  if (typeof thrown !== 'object' || thrown === null) return `it threw ${describeValue(thrown)}`;
  // An Error of another realm is one too.
  const { message, name, cause, errors } = thrown as Readonly<Record<string, unknown>>;
  if (typeof message !== 'string') return `it threw ${describeValue(thrown)}`;
  if (depth === 0) return message;
  // Node's attempts at all addresses of a host come as one error without words.
  const inner = [
    ...(Array.isArray(errors) ? errors.slice(0, MOST_CAUSES) : []),
    ...(cause === undefined ? [] : [cause]),
  ]
    .map((error: unknown) => wordsOf(error, depth - 1))
    .filter((words) => !message.includes(words));
  const own = message === '' && inner.length === 0 ? String(name) : message;
  return [...(own === '' ? [] : [own]), ...new Set(inner)].join(': ');
}
