import { distance } from 'fastest-levenshtein';
import { countOf, formatBytes, formatCount } from '../util/amounts.js';
import { excerpt } from '../util/excerpt.js';
import type { BuiltinTool } from './builtin-tool.js';
import { readBytes } from './files/read-bytes.js';
import { openRegularFile, orToolError, rootOf, type RootPlace } from './files/root.js';
import { ToolError } from './tool-error.js';
import { afterOthers, locateTarget, MOST_WRITTEN_BYTES, writeTarget } from './files/write-target.js';

/** Most line numbers in one sentence. */
const MOST_NAMED_LINES = 10;
/** Most lines that are compared, and characters of each, where nothing is found. */
const MOST_COMPARED_LINES = 20_000;
const MOST_COMPARED_CHARACTERS = 200;

/** Replaces an exact text in a file, atomically. */
export const editFileTool: BuiltinTool<'edit_file'> = {
  description: 'Replaces a text in a file. old_text has to be in it exactly once, or replace_all set.',
  effects: 'write',
  parameters: {
    type: 'object',
    properties: {
      path: { type: 'string' },
      old_text: { type: 'string' },
      new_text: { type: 'string' },
      replace_all: { type: 'boolean' },
    },
    required: ['path', 'old_text', 'new_text'],
    additionalProperties: false,
  },
  async prepare(settings, environment) {
    const root = await rootOf(settings, environment);
    const maxBytes = settings.max_bytes ?? MOST_WRITTEN_BYTES;
    return async ({ path, old_text: oldText, new_text: newText, replace_all: isAll }, { signal }) => {
      const change = { oldText: oldText as string, newText: newText as string, isAll: isAll === true };
      if (change.oldText === '') throw new ToolError('old_text is empty; to make a new file use write_file');
      if (change.oldText === change.newText) throw new ToolError('old_text and new_text are the same');
      return afterOthers(root, path as string, async () => {
        const place = await locateTarget(root, path as string, environment);
        const edit = applyChange(await readText(place, maxBytes), change, place.name);
        await writeTarget(place, edit.text, { maxBytes, signal });
        return `edited ${place.name}: ${edit.summary}`;
      });
    };
  },
};

async function readText(place: RootPlace, maxBytes: number): Promise<string> {
  const { name } = place;
  const file = await openRegularFile(place);
  try {
    return await orToolError(name, async () => {
      const { size } = await file.stat();
      if (size > maxBytes) {
        throw new ToolError(
          `${name} has ${formatBytes(size)}; only files up to ${formatBytes(maxBytes)} can be edited`,
        );
      }
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readBytes(file, 0, size));
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new ToolError(`${name} is not UTF-8 text, which is all that can be edited`, { cause: error });
  } finally {
    await file.close();
  }
}

interface Change {
  readonly oldText: string;
  readonly newText: string;
  readonly isAll: boolean;
}

/** The file's new text and what was changed. Throws ToolError where the place is not clear. */
function applyChange(text: string, given: Change, name: string): { readonly text: string; readonly summary: string } {
  const { oldText, newText, isAll } = withLineEndings(text, given);
  const { count, lines } = findPlaces(text, oldText);
  if (count === 0) throw new ToolError(`old_text is not in ${name}${describeNearest(text, oldText)}`);
  if (count > 1 && !isAll) {
    throw new ToolError(
      `old_text is in ${name} ${formatCount(count)} times (${listLines(lines, count)}); give more of the text around it, or set replace_all`,
    );
  }
  const shift = countLineEnds(newText) - countLineEnds(oldText);
  const newLines = lines.map((line, index) => line + index * shift);
  const last = (newLines[0] ?? 1) + countLineEnds(newText.replace(/\n$/, ''));
  const summary =
    count > 1
      ? `${countOf(count, 'place')}, ${listLines(newLines, count)}`
      : `line${last === newLines[0] ? '' : 's'} ${[...new Set([newLines[0], last])].join('-')}`;
  return { text: text.replaceAll(oldText, () => newText), summary };
}

/** The change with line endings of Windows where the file has them: models write `\n`. */
function withLineEndings(text: string, change: Change): Change {
  const isMixed = /(?<!\r)\n/.test(text);
  if (!text.includes('\r\n') || (isMixed && text.includes(change.oldText))) return change;
  const convert = (part: string): string => part.replaceAll(/\r?\n/g, '\r\n');
  return { ...change, oldText: convert(change.oldText), newText: convert(change.newText) };
}

/** How often a text is there, and the lines of the first places, counted from 1. */
function findPlaces(text: string, wanted: string): { readonly count: number; readonly lines: readonly number[] } {
  const lines: number[] = [];
  let count = 0;
  let [line, end] = [1, 0];
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + wanted.length)) {
    count += 1;
    if (lines.length === MOST_NAMED_LINES) continue;
    line += countLineEnds(text.slice(end, at));
    end = at;
    lines.push(line);
  }
  return { count, lines };
}

function listLines(lines: readonly number[], count: number): string {
  return `line${count === 1 ? '' : 's'} ${lines.join(', ')}${count > lines.length ? ', …' : ''}`;
}

function countLineEnds(text: string): number {
  return text.split('\n').length - 1;
}

/** Words on the line that is most like the first one looked for. */
function describeNearest(text: string, oldText: string): string {
  const advice = 'read the file and copy the text exactly';
  const tidy = (line: string): string => line.trim().slice(0, MOST_COMPARED_CHARACTERS);
  const wanted = tidy(oldText.split('\n').find((line) => line.trim() !== '') ?? '');
  let nearest = { line: 0, text: '', difference: wanted.length * 0.6 };
  for (const [index, line] of text.split('\n', MOST_COMPARED_LINES).entries()) {
    const found = tidy(line);
    if (Math.abs(found.length - wanted.length) >= nearest.difference) continue;
    const difference = distance(wanted, found);
    if (difference < nearest.difference) nearest = { line: index + 1, text: found, difference };
  }
  if (nearest.line === 0) return `; ${advice}`;
  return `; the nearest is line ${nearest.line}: ${JSON.stringify(excerpt(nearest.text, 100))}; ${advice}`;
}
