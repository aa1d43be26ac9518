import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'vitest';

/** The repository, absolute. */
export const ROOT = resolve(import.meta.dirname, '../..');
const README = resolve(ROOT, 'README.md');

/** A fenced block of README. */
export interface CodeBlock {
  /** 1-based line of its fence. */
  readonly line: number;
  readonly language: string;
  /** The words after the language: `file=crew.yaml` by name, a bare word as an empty text. */
  readonly info: Readonly<Record<string, string>>;
  readonly text: string;
}

/** The text of README. */
export function readReadme(): string {
  return readFileSync(README, 'utf8');
}

/** All fenced blocks of README, in order. */
export function codeBlocks(): CodeBlock[] {
  const readme = readReadme();
  return [...readme.matchAll(/^```(\S+)(.*)\n([^]*?)^```$/gm)].map((match) => ({
    line: readme.slice(0, match.index).split('\n').length,
    language: match[1] ?? '',
    info: Object.fromEntries(
      (match[2] ?? '')
        .split(' ')
        .filter((word) => word !== '')
        .map((word) => word.split('=', 2) as [string, string?])
        .map(([name, value = '']) => [name, value]),
    ),
    text: match[3] ?? '',
  }));
}

/** A row of a table: what a cell has to be, or null for one that is written by hand and only has to be there. */
export type ExpectedRow = readonly (string | null)[];

/**
 * Asserts that the table between `<!-- name -->` and `<!-- /name -->` has exactly these rows below its head. With UPDATE_DOCS=1
 * the table is written instead; cells by hand are kept, by the row's first cell.
 */
export async function expectTable(
  name: string,
  head: readonly string[],
  expected: readonly ExpectedRow[],
): Promise<void> {
  const written = rowsOf(name);
  const byHand = new Map(written.map((row) => [row[0], row]));
  const rows = expected.map((row) => row.map((cell, index) => cell ?? byHand.get(row[0] ?? '')?.[index] ?? ''));
  if (process.env['UPDATE_DOCS']) await writeTable(name, [head, head.map(() => '---'), ...rows]);
  expect(rowsOf(name)).toEqual(rows);
  expect(rows.filter((row) => row.includes(''))).toEqual([]);
}

/** The rows below the head of a table, cell by cell. */
function rowsOf(name: string): string[][] {
  const lines = between(name).split('\n');
  return lines
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}

function between(name: string): string {
  const [, text] = markersOf(name).exec(readReadme()) ?? [];
  if (text === undefined) throw new Error(`README has no <!-- ${name} --> … <!-- /${name} -->`);
  return text;
}

function markersOf(name: string): RegExp {
  return new RegExp(`(?<=<!-- ${name} -->)([^]*?)(?=<!-- /${name} -->)`);
}

async function writeTable(name: string, rows: readonly (readonly string[])[]): Promise<void> {
  const table = rows.map((row) => `| ${row.join(' | ')} |`).join('\n');
  const readme = readReadme().replace(markersOf(name), () => `\n\n${table}\n\n`);
  const { format, resolveConfig } = await import('prettier');
  writeFileSync(README, await format(readme, { ...(await resolveConfig(README)), filepath: README }));
}

/** A word in backticks, as tables show names; a bar in it is escaped. */
export function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}
