import type { RunEvent } from '../events.js';
import type { Output } from '../util/io.js';
import type { Reporter } from './reporter.js';

/** Writes the final output while it comes. */
export interface ResultStream {
  /** True from the first text on. */
  readonly hasBegun: boolean;
  onEvent(event: RunEvent): void;
  /** Writes what is missing of the output, and a line break; undefined where there is none. Gives back what to warn of. */
  end(text: string | undefined): string | undefined;
}

/** A stream of the text that is certain to be the output, which makes what `output` gets exactly that, piece by piece. */
export function createResultStream(output: Pick<Output, 'write'>): ResultStream {
  let written = '';
  /** Where in the output the text of this call begins, and how far it has come. */
  let beginning = 0;
  let place = 0;
  let path: string | undefined;
  let isOther = false;
  let openQuestions = 0;
  let waiting = '';

  const write = (text: string): void => {
    // A person who is asked sees the question and what they type, nothing between.
    if (openQuestions > 0) waiting += text;
    else if (text !== '') output.write(text);
  };
  const add = (text: string): void => {
    // What came in an earlier attempt at the same call stands there already.
    const known = place < written.length ? written.slice(place, place + text.length) : '';
    isOther ||= !text.startsWith(known);
    if (isOther) return;
    const more = text.slice(known.length);
    write(more);
    written += more;
    place += text.length;
  };
  return {
    get hasBegun() {
      return written !== '';
    },
    onEvent(event) {
      if (event.type === 'question-start') openQuestions += 1;
      if (event.type === 'question-end') {
        openQuestions -= 1;
        const text = waiting;
        waiting = '';
        write(text);
      }
      if (event.type !== 'model-call-delta' || !event.isOutput) return;
      if (event.path !== path) beginning = place;
      path = event.path;
      if (event.isRestart) place = beginning;
      add(event.text);
    },
    end(text) {
      openQuestions = 0;
      write(waiting);
      const breakLine = written === '' || written.endsWith('\n') ? '' : '\n';
      if (text === undefined) {
        write(breakLine);
        return undefined;
      }
      if (text.startsWith(written)) {
        write(`${text.slice(written.length)}\n`);
        return undefined;
      }
      write(`${breakLine}${text}\n`);
      const line = `${written}${breakLine}`.split('\n').length;
      return `the answer was begun anew: on stdout the result begins at line ${line}, and what stands before it is not part of it`;
    },
  };
}

const NOT_STREAMED =
  'the text of the final task is printed when it is whole: until then tools may be called, or what it has to pass may change it';

/**
 * The reporter beside such a stream, which has to be told of each event after it. Where both write on one terminal, it keeps
 * quiet from the first text on, and is told the rest when it is closed. It says once where text comes that is not certain to
 * be the output.
 */
export function besideStream(reporter: Reporter, { sharesTerminal }: { readonly sharesTerminal: boolean }): Reporter {
  const held: RunEvent[] = [];
  let isHolding = false;
  let isSaid = false;
  return {
    onEvent(event) {
      const isText = event.type === 'model-call-delta';
      if (isText && !event.isOutput && !isSaid) {
        isSaid = true;
        reporter.onEvent({ type: 'warning', message: NOT_STREAMED });
      }
      if (isText && event.isOutput && sharesTerminal && !isHolding) {
        isHolding = true;
        // Takes the spinner away.
        reporter.close();
      }
      if (isHolding) held.push(event);
      else reporter.onEvent(event);
    },
    close() {
      for (const event of held.splice(0)) reporter.onEvent(event);
      reporter.close();
    },
  };
}
