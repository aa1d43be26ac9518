import type { ValuePath as Path } from '../util/format-path.js';
import { parsePattern } from '../util/pattern.js';
import type { AgentFields } from './agent-schema.js';
import type { Entry } from './entries.js';
import type { GuardrailChecks, GuardrailValue } from './guardrail-schema.js';
import type { ModelResolver } from './resolve-models.js';
import { resolveModule } from './resolve-module.js';
import { resolveSchema } from './resolve-output.js';
import type { PathOptions } from './code-files.js';
import type { TaskFields } from './task-schema.js';
import type { GuardrailDefinition, ModelDefinition } from './types.js';

type GuardrailEntry = Pick<Entry<TaskFields> | Entry<AgentFields>, 'path' | 'fields'>;

/** A guardrail as it is written, and where. */
interface Written<Value = GuardrailValue> {
  readonly value: Value;
  readonly path: Path;
}

const CHECKS = 'sentence, matches, not_matches, min_chars, max_chars, max_words, json_schema, shell';
/** A path of a file: it starts as one, or is one word that ends as code does. */
const FILE = /^(?:\.{0,2}[/\\]|[A-Za-z]:[/\\])|^\S+\.[cm]?[jt]s(?:#[\w$]+)?$/;
const CODE_FILE = /\.[cm]?[jt]s(?:#[\w$]+)?$/;
/** What crewAI calls a function, which would be a strange sentence. */
const IDENTIFIER = /^[A-Za-z_][\w.]*$/;

/** The guardrails of a task or an agent, in their order; what is wrong with one is reported. */
export function resolveGuardrails(
  entry: GuardrailEntry,
  models: ModelResolver['unused'],
  options: PathOptions,
): GuardrailDefinition[] {
  const { path, fields } = entry;
  const { guardrail_llm: judge } = fields;
  let common: readonly ModelDefinition[] | undefined;
  const judges = (llm: GuardrailChecks['llm'], at: Path): readonly ModelDefinition[] | undefined => {
    if (llm !== undefined) return models.resolve(llm, at);
    if (judge !== undefined) common ??= models.resolve(judge, [...path, 'guardrail_llm']);
    return common;
  };
  const written = writtenIn(entry);
  if (judge !== undefined && !written.some(({ value }) => sentenceOf(value) !== undefined)) {
    options.report.warn([...path, 'guardrail_llm'], 'no guardrail is a sentence, so it is not used', { target: 'key' });
  }
  return written.flatMap(({ value, path: at }) =>
    typeof value === 'string'
      ? resolveText(value.trim(), at, judges, options)
      : resolveChecks({ value, path: at }, judges, options),
  );
}

/** The sentences among the guardrails, in which inputs are put, and where they stand. */
export function findSentences(entry: GuardrailEntry): Written<string>[] {
  return writtenIn(entry).flatMap(({ value, path }) => {
    const sentence = sentenceOf(value);
    return sentence === undefined
      ? []
      : { value: sentence, path: typeof value === 'string' ? path : [...path, 'sentence'] };
  });
}

function writtenIn({ path, fields }: GuardrailEntry): Written[] {
  const { guardrail, guardrails = [] } = fields;
  return [
    ...(guardrail === undefined ? [] : [{ value: guardrail, path: [...path, 'guardrail'] }]),
    ...guardrails.map((value, index) => ({ value, path: [...path, 'guardrails', index] })),
  ];
}

function sentenceOf(value: GuardrailValue): string | undefined {
  if (typeof value !== 'string') return value.sentence?.trim();
  return FILE.test(value.trim()) ? undefined : value.trim();
}

type FindJudges = (llm: GuardrailChecks['llm'], at: Path) => readonly ModelDefinition[] | undefined;

function resolveText(text: string, path: Path, judges: FindJudges, options: PathOptions): GuardrailDefinition[] {
  const { report } = options;
  if (!FILE.test(text)) {
    if (IDENTIFIER.test(text)) {
      const hint = 'for code write ./file.ts#export';
      report.warn(path, `"${text}" is one word, which a model will judge outputs by`, { hint });
    }
    return [sentence(text, judges(undefined, path))];
  }
  if (!CODE_FILE.test(text)) {
    report.error(path, `"${text}" is no file of code`, { hint: 'write ./file.ts#export, or a sentence' });
    return [];
  }
  const module = resolveModule(text, path, options);
  return module ? [{ kind: 'module', name: text, ...module }] : [];
}

function sentence(text: string, models: readonly ModelDefinition[] | undefined): GuardrailDefinition {
  return { kind: 'sentence', name: oneLine(text).replace(/[.。]$/, ''), text, models };
}

function resolveChecks(
  { value, path }: Written<GuardrailChecks>,
  judges: FindJudges,
  options: PathOptions,
): GuardrailDefinition[] {
  const { report } = options;
  const { llm, min_chars: least, max_chars: most } = value;
  const found: GuardrailDefinition[] = [];
  if (value.sentence !== undefined) found.push(sentence(value.sentence.trim(), judges(llm, [...path, 'llm'])));
  else if (llm !== undefined) {
    const hint = 'it is the model that judges a sentence';
    report.error([...path, 'llm'], 'there is no sentence beside it', { target: 'key', hint });
  }
  for (const kind of ['matches', 'not_matches'] as const) {
    const pattern = value[kind];
    if (pattern === undefined) continue;
    const parsed = parsePattern(pattern);
    if (parsed.ok) found.push({ kind, name: `${kind}: ${pattern}`, pattern });
    else report.error([...path, kind], `is no regular expression: ${parsed.reason}`);
  }
  if (least !== undefined && most !== undefined && least > most) {
    report.error([...path, 'min_chars'], `is more than max_chars, ${most}: no output can be both`);
  }
  for (const kind of ['min_chars', 'max_chars', 'max_words'] as const) {
    const count = value[kind];
    if (count !== undefined) found.push({ kind, name: `${kind}: ${count}`, count });
  }
  if (value.json_schema !== undefined) {
    const schema = resolveSchema(value.json_schema, [...path, 'json_schema'], options);
    const place = typeof value.json_schema === 'string' ? `: ${value.json_schema.trim()}` : '';
    if (schema) found.push({ kind: 'json_schema', name: `json_schema${place}`, schema });
  }
  if (value.shell !== undefined) {
    const command = value.shell.trim();
    found.push({ kind: 'shell', name: `shell: ${oneLine(command)}`, command });
  }
  if (Object.keys(value).length === 0) report.error(path, 'has no check', { target: 'key', hint: `checks: ${CHECKS}` });
  return found;
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}
