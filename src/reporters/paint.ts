/** Kinds of text in a progress line, for whoever colours them. */
export type Tone = 'plain' | 'name' | 'faint' | 'good' | 'bad' | 'warn';
export type Paint = (tone: Tone, text: string) => string;

/** Leaves texts as they are. */
export const NO_PAINT: Paint = (_tone, text) => text;

/** Colours for a terminal, or none; what makes them is only loaded where they are wanted. */
export async function loadPaint(color: boolean): Promise<Paint> {
  if (!color) return NO_PAINT;
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  const paints = {
    plain: String,
    name: chalk.bold,
    faint: chalk.dim,
    good: chalk.green,
    bad: chalk.red,
    warn: chalk.yellow,
  } as const;
  return (tone, text) => paints[tone](text);
}
