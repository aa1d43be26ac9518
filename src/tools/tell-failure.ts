import { CrewError, messageOf } from '../errors.js';
import { excerpt } from '../util/excerpt.js';
import { escapeMarks, markOutside } from '../util/outside-text.js';
import { ToolError } from './tool-error.js';
import type { Tool } from './tool.js';

/** Characters of a failure that a model is told; what it needs to know stands at the beginning. */
const MOST_CHARACTERS = 10_000;

/**
 * The error that says to the model what came of a call: not too long, and with the words of programs, pages and servers marked
 * as data. What is neither the tool's nor the user's own failure is given back as it is.
 */
export function tellFailure(error: unknown, { name, isOutside }: Pick<Tool, 'name' | 'isOutside'>): unknown {
  if (error instanceof CrewError && !(error instanceof ToolError)) return error;
  const message = excerpt(messageOf(error), MOST_CHARACTERS);
  const outside = error instanceof ToolError ? error.outside : undefined;
  const own = isOutside ? escapeMarks(message) : message;
  return new ToolError(
    outside === undefined ? own : `${own}\n${markOutside(excerpt(outside, MOST_CHARACTERS), name)}`,
    { cause: error },
  );
}
