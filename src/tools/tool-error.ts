import { CrewError, EXIT } from '../errors.js';

/** A tool cannot do what it was asked for. The message is for the model: what is wrong and what to do instead. */
export class ToolError extends CrewError {
  readonly code = 'tool';
  readonly exitCode = EXIT.failed;
}
