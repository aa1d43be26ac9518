import { CrewError, type CrewErrorOptions, EXIT } from '../errors.js';

export interface ToolErrorOptions extends CrewErrorOptions {
  /** Text of a program, page or server that belongs to the message; it stands after it, marked as data. */
  readonly outside?: string;
}

/** A tool cannot do what it was asked for. The message is for the model: what is wrong and what to do instead. */
export class ToolError extends CrewError {
  readonly code = 'tool';
  readonly exitCode = EXIT.failed;
  readonly outside: string | undefined;

  constructor(message: string, options: ToolErrorOptions = {}) {
    super(message, options);
    this.outside = options.outside;
  }
}
