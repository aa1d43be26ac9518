import { stringify } from 'yaml';
import { CassetteError } from '../errors.js';
import { toCassetteRequest, toHumanOutcome, toStepOutcome } from './cassette-call.js';
import type { Cassette, CassetteCall } from './cassette-format.js';
import type { CassetteMode } from './cassette-mode.js';
import type { ModelStepRequest, TextStepResponse } from './step-payloads.js';
import type { Journal, StepRequest } from './step.js';

/**
 * A journal that answers model calls, and what a person was asked, from a cassette, by path; everything else goes on to
 * `inner`, which also stores the answers. A call that is missing, or was recorded for another request, rejects with CassetteError; in lenient
 * mode a changed request is accepted and noticed.
 */
export function createCassetteJournal(options: {
  readonly inner: Journal;
  readonly cassette: Cassette;
  /** For messages. */
  readonly file: string;
  readonly mode: CassetteMode;
  readonly onNotice: (notice: string) => void;
}): Journal {
  const { inner, cassette, file, mode, onNotice } = options;
  const calls = new Map(cassette.calls.map((call) => [call.path, call]));
  const answers = new Map(cassette.answers?.map((answer) => [answer.path, answer]));
  const results = new Map<string, string>();
  const resultOf = (path: string): string => results.get(path) ?? '';

  return {
    async step(request, execute) {
      if (request.kind !== 'model') {
        const answer = answers.get(request.path);
        const outcome = await inner.step(request, answer ? async () => toHumanOutcome(answer) : execute);
        results.set(request.path, (outcome.response as Partial<TextStepResponse>).text ?? '');
        return outcome;
      }
      return inner.step(request, async () => {
        const call = calls.get(request.path);
        if (!call) throw missingCallError(file, request, cassette);
        if (call.fingerprint !== undefined && call.fingerprint !== request.fingerprint) {
          if (mode === 'strict') throw await changedRequestError(file, call, request, resultOf);
          onNotice(`the request of ${request.path} is not the one that ${file} was recorded for`);
        }
        return toStepOutcome(call);
      });
    },
  };
}

function missingCallError(file: string, { path, agent }: StepRequest, { calls }: Cassette): CassetteError {
  return new CassetteError(`${file} has no answer for ${path} (${agent}); it holds ${calls.length} calls`, {
    hint: 'The crew asks for something that was not recorded: record it again with --record, without --cassette.',
  });
}

async function changedRequestError(
  file: string,
  call: CassetteCall,
  request: StepRequest,
  resultOf: (path: string) => string,
): Promise<CassetteError> {
  const { createTwoFilesPatch } = await import('diff');
  const text = (model: string, value: unknown): string =>
    stringify({ model, ...(value as object) }, { lineWidth: 0, blockQuote: 'literal' });
  const now = text(request.name, toCassetteRequest(request.request as ModelStepRequest, resultOf));
  const then = text(call.model, call.request ?? {});
  const difference =
    now === then
      ? '(the texts are the same: settings of the model, definitions of the tools or the output schema changed)'
      : createTwoFilesPatch('recorded', 'now', then, now, undefined, undefined, { context: 2 })
          .split('\n')
          .slice(1)
          .join('\n')
          .trimEnd();
  return new CassetteError(
    `the request of ${request.path} is not the one that ${file} was recorded for:\n${difference}`,
    {
      hint: 'Record it again with --record, or accept changed requests with --cassette-mode lenient.',
    },
  );
}
