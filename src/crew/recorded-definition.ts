import { dirname, resolve } from 'node:path';
import { checkDefinition, loadDefinition } from '../definition/load-definition.js';
import type { ReadFile } from '../definition/read-source.js';
import type { CrewDefinition } from '../definition/types.js';
import type { RunRecord } from '../store/records.js';
import { redactorOf } from './redactor-of.js';
import type { RunPlace } from './run-options.js';

/** What a run, or a batch of them, has on record of its definition. */
type RecordedDefinition = Pick<RunRecord, 'definitionPath' | 'definitionFiles' | 'inputs'>;

/** The definition that a run was made from, as its record has it; tool files and `.env` are those of today. */
function loadRecordedDefinition(record: RecordedDefinition, place: RunPlace): Promise<CrewDefinition> {
  return loadDefinition(record.definitionPath, { ...optionsFor(record, place), readFile: readRecorded(record) });
}

/** The definition as its file is now. Rejects with DefinitionError where it is not sound. */
export function loadCurrentDefinition(
  record: RecordedDefinition,
  place: RunPlace,
  file?: string,
): Promise<CrewDefinition> {
  return loadDefinition(file ?? record.definitionPath, optionsFor(record, place));
}

/**
 * The recorded definition, and the one of today where that is another: `current` is undefined where the files are the same,
 * and `broken` where there is nothing sound any more.
 */
export async function loadBothDefinitions(
  record: RecordedDefinition,
  place: RunPlace,
): Promise<{ readonly recorded: CrewDefinition; readonly current: CrewDefinition | 'broken' | undefined }> {
  const { definition: current } = await checkDefinition(record.definitionPath, optionsFor(record, place));
  // What is stored has its secrets taken out; where nothing else differs, the file itself is the better record.
  if (current && isSameText(current, record)) return { recorded: current, current: undefined };
  return { recorded: await loadRecordedDefinition(record, place), current: current ?? 'broken' };
}

function optionsFor({ inputs }: RecordedDefinition, place: RunPlace) {
  return { ...place, givenInputs: Object.keys(inputs) };
}

function isSameText(current: CrewDefinition, { definitionFiles }: RecordedDefinition): boolean {
  const redactor = redactorOf(current);
  const { files } = current.source;
  return (
    files.length === definitionFiles.length &&
    files.every(({ path, text }, index) => {
      const recorded = definitionFiles[index];
      return recorded?.path === path && recorded.text === redactor.text(text);
    })
  );
}

function readRecorded({ definitionPath, definitionFiles }: RecordedDefinition): ReadFile {
  const directory = dirname(definitionPath);
  const texts = new Map(definitionFiles.map(({ path, text }) => [resolve(directory, path), text]));
  return async (path) => {
    const text = texts.get(path);
    if (text === undefined) throw Object.assign(new Error(`${path} is not in the record`), { code: 'ENOENT' });
    return Buffer.from(text);
  };
}
