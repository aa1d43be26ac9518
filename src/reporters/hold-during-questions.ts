import type { RunEvent } from '../events.js';
import type { Reporter } from './reporter.js';

/** The reporter, which is told of nothing between a person's being asked and their answer: it would write over the prompt. */
export function holdDuringQuestions(reporter: Reporter): Reporter {
  const held: RunEvent[] = [];
  let open = 0;
  const release = (): void => {
    for (const event of held.splice(0)) reporter.onEvent(event);
  };
  return {
    onEvent(event) {
      if (event.type === 'question-start') {
        open += 1;
        if (open === 1) reporter.onEvent(event);
        return;
      }
      held.push(event);
      if (event.type === 'question-end') open -= 1;
      if (open === 0) release();
    },
    close() {
      release();
      reporter.close();
    },
  };
}
