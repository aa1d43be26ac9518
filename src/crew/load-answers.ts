import { resolve } from 'node:path';
import { formatProblem } from '../definition/format-problem.js';
import { readSource } from '../definition/read-source.js';
import { parseSourceDocument } from '../definition/source-document.js';
import { kindWords } from '../definition/value-words.js';
import { UsageError } from '../errors.js';
import { createScriptedAnswers, type GivenAnswer, type ScriptedAnswers } from '../run/scripted-answers.js';
import { isJsonObject } from '../util/json.js';

/** The answers in a YAML or JSON file. Rejects with UsageError, which points at what is wrong in it. */
export async function loadAnswers(file: string, workingDirectory: string): Promise<ScriptedAnswers> {
  const source = await readSource(resolve(workingDirectory, file));
  if ('trouble' in source) throw new UsageError(`--answers ${file}: ${source.trouble}`, { hint: source.hint });
  const document = parseSourceDocument(file, file, source.text);
  const { value, syntaxProblems } = document;
  if (syntaxProblems.length > 0) throw new UsageError(syntaxProblems.map(formatProblem).join('\n\n'));
  const answers = value === null || value === '' ? {} : value;
  if (!isJsonObject(answers)) {
    throw new UsageError(`--answers ${file}: must hold a map of tasks to answers, not ${kindWords(value)}`, {
      hint: 'one line for each task, such as write: approve',
    });
  }
  return createScriptedAnswers(answers as Readonly<Record<string, GivenAnswer>>, (problem) =>
    formatProblem(document.problemAt({ ...problem, severity: 'error', innerPath: problem.path })),
  );
}
