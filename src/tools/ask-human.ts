import { NeedsInputError } from '../errors.js';
import type { BuiltinTool } from './builtin-tool.js';

/** Asks a person. The run itself carries it out, as a question that can be answered later; it has no work of its own. */
export const askHumanTool: BuiltinTool<'ask_human'> = {
  description: 'Ask the person you work for a question. The result is their answer.',
  effects: 'none',
  isQuestion: true,
  parameters: {
    type: 'object',
    properties: { question: { type: 'string', minLength: 1 } },
    required: ['question'],
    additionalProperties: false,
  },
  prepare: () => Promise.resolve(() => Promise.reject(new NeedsInputError('only a run can ask a person'))),
};
