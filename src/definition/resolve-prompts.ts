import { isJsonObject } from '../util/json.js';
import type { ValuePath as Path } from '../util/format-path.js';
import { suggest, suggestHint } from '../util/suggest.js';
import type { CrewShape } from './crew-shape.js';
import { findPlaceholders } from './placeholders.js';
import { DEFAULT_PROMPT_TEXTS, PROMPT_PIECES, type PromptPieceName, type PromptTexts } from './prompt-pieces.js';
import type { Report } from './report.js';
import type { SourceTree } from './source-tree.js';
import { kindWords } from './value-words.js';
import type { Variables } from './variables.js';

const NAMES = Object.keys(PROMPT_PIECES);
const LISTING = '`crew schema --prompts` prints all pieces';

/** The texts of the prompts, with those of `prompt_file` or `language_file` in their places; what is wrong there is reported. */
export async function resolvePromptTexts(
  { crew, given }: CrewShape,
  tree: SourceTree,
  variables: Variables,
): Promise<PromptTexts> {
  const { report } = tree;
  if (given.has('prompt_file') && given.has('language_file')) {
    const hint = 'remove it, or prompt_file';
    report.error(['language_file'], 'this is another name of prompt_file, which is there too', { target: 'key', hint });
    return DEFAULT_PROMPT_TEXTS;
  }
  const field = crew.prompt_file === undefined ? 'language_file' : 'prompt_file';
  const written = crew[field];
  if (written === undefined) return DEFAULT_PROMPT_TEXTS;
  const before = report.errorCount;
  const file = String(variables.expand(written, [field])).trim();
  if (report.errorCount > before) return DEFAULT_PROMPT_TEXTS;
  const value = await tree.include([field], file);
  if (value === undefined) return DEFAULT_PROMPT_TEXTS;
  if (!isJsonObject(value)) {
    report.error([field], `must be a map of prompt pieces, not ${kindWords(value)}`, { hint: LISTING });
    return DEFAULT_PROMPT_TEXTS;
  }
  return { ...DEFAULT_PROMPT_TEXTS, ...readTexts(value, [field], report) };
}

function readTexts(value: Readonly<Record<string, unknown>>, path: Path, report: Report): Partial<PromptTexts> {
  const texts: Partial<Record<PromptPieceName, string>> = {};
  let isListed = false;
  for (const entry of listEntries(value, path)) {
    const { name } = entry;
    if (!isPieceName(name)) {
      const suggestion = suggestHint(name, NAMES);
      const list = isListed ? [] : [`pieces: ${NAMES.join(', ')}`];
      const hint = [...(suggestion === undefined ? [] : [suggestion]), ...list].join(' ') || LISTING;
      isListed = true;
      report.error(entry.path, 'there is no prompt piece of this name', { target: 'key', hint });
    } else if (texts[name] !== undefined) {
      report.error(entry.path, `the piece ${name} is there already`, { target: 'key' });
    } else {
      texts[name] = readText(entry, name, report);
    }
  }
  return texts;
}

interface PieceEntry {
  readonly name: string;
  readonly value: unknown;
  readonly path: Path;
}

/** Pieces may stand in groups, as in crewAI's files. */
function listEntries(value: Readonly<Record<string, unknown>>, path: Path): PieceEntry[] {
  return Object.entries(value).flatMap(([name, item]) => {
    const at = [...path, name];
    if (!isJsonObject(item) || isPieceName(name)) return [{ name, value: item, path: at }];
    return Object.entries(item).map(([inner, text]) => ({ name: inner, value: text, path: [...at, inner] }));
  });
}

/** The text, checked: it may only use what the piece has, and has to use it all. */
function readText({ value, path }: PieceEntry, name: PromptPieceName, report: Report): string {
  if (typeof value !== 'string' || value.trim() === '') {
    const message = typeof value === 'string' ? 'must not be empty' : `must be text, not ${kindWords(value)}`;
    report.error(path, message, { target: 'key', hint: 'leave the piece out to keep its text' });
    return DEFAULT_PROMPT_TEXTS[name];
  }
  const { slots, text } = PROMPT_PIECES[name];
  const names: readonly string[] = slots;
  const found = new Set(findPlaceholders(value).map((placeholder) => placeholder.name));
  for (const unknown of [...found].filter((slot) => !names.includes(slot))) {
    const meant = suggest(unknown, names);
    if (meant !== undefined) found.add(meant);
    const allowed = names.length === 0 ? 'this piece has no slots' : `slots of this piece: ${braced(names)}`;
    report.error(path, `there is no {${unknown}} in this piece`, {
      find: `{${unknown}}`,
      hint:
        meant === undefined ? `${allowed}; {{${unknown}}} stands for {${unknown}} itself` : `did you mean {${meant}}?`,
    });
  }
  const missing = names.filter((slot) => !found.has(slot));
  if (missing.length > 0) {
    report.error(path, `lacks ${braced(missing)}`, {
      target: 'key',
      hint: `the text by default: ${JSON.stringify(text)}`,
    });
  }
  return value.trim();
}

function braced(names: readonly string[]): string {
  return names.map((name) => `{${name}}`).join(', ');
}

function isPieceName(name: string): name is PromptPieceName {
  return Object.hasOwn(PROMPT_PIECES, name);
}
