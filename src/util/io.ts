/** A stream that people or programs read: stdout or stderr. */
export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  /** True where colours may be used: a terminal, and neither `--no-color`, `NO_COLOR` nor `CI`. */
  readonly color: boolean;
  /** Width of the terminal in characters; 80 elsewhere. */
  readonly columns: number;
}

/** The process as a command sees it; tests hand in their own. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: NodeJS.ReadableStream;
  /** True when a person can be asked: stdin and stderr are terminals and `CI` is not set. */
  readonly isInteractive: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute working directory. */
  readonly cwd: string;
  /** Aborted with the error to report when the process is told to stop. */
  readonly signal: AbortSignal;
  /**
   * Has the next Ctrl-C call `listener`, once, and not stop the process; gives back what ends that. The one after it stops
   * the process again. Default: every Ctrl-C does.
   */
  readonly takeInterrupt?: (listener: () => void) => () => void;
}
