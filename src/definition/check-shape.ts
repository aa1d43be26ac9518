import { z } from 'zod';
import type { ValuePath as Path } from '../util/format-path.js';
import { isJsonObject } from '../util/json.js';
import { suggestHint } from '../util/suggest.js';
import type { Report } from './report.js';
import { reportUnknownKey } from './unknown-key.js';
import type { Level } from './unsupported-keys.js';
import { kindOf, kindWords, valueWords, type ValueKind } from './value-words.js';

/** What a map holds: its sound fields, and the names of all it was given, sound or not. */
export interface CheckedFields<Fields> {
  readonly fields: Partial<Fields>;
  readonly given: ReadonlySet<string>;
  /** The fields that unknown keys were probably meant to be. */
  readonly meant: ReadonlySet<string | undefined>;
}

export interface CheckOptions {
  /** Fields that are checked elsewhere. */
  readonly skip?: readonly string[];
  readonly level?: Level | 'tool';
}

/** Checks a map field by field: what is wrong is reported, what is sound is given back, defaults filled in. */
export function checkFields<S extends z.ZodObject>(
  schema: S,
  value: Readonly<Record<string, unknown>>,
  path: Path,
  report: Report,
  { skip = [], level }: CheckOptions = {},
): CheckedFields<z.output<S>> {
  const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape;
  const names = Object.keys(shape);
  const others = Object.keys(value).filter((key) => !names.includes(key));
  const isLoose = schema.def.catchall instanceof z.ZodUnknown;
  const unknown = isLoose ? [] : others;
  const meant = new Set(unknown.map((key) => reportUnknownKey({ key, value: value[key], names, path, level }, report)));
  const entries: [string, unknown][] = isLoose ? others.map((key) => [key, value[key]]) : [];
  for (const [name, field] of Object.entries(shape)) {
    if (skip.includes(name)) continue;
    if (Object.hasOwn(value, name)) {
      const checked = checkValue(field, value[name], [...path, name], report);
      if (checked !== undefined) entries.push([name, checked]);
    } else if (field instanceof z.ZodDefault) {
      entries.push([name, field.def.defaultValue]);
    } else if (!(field instanceof z.ZodOptional) && !meant.has(name)) {
      const { description } = field as z.ZodType;
      report.error(path, `${name} is missing`, { hint: description, target: 'key' });
    }
  }
  return { fields: Object.fromEntries(entries) as Partial<z.output<S>>, given: new Set(Object.keys(value)), meant };
}

/** The value, checked; undefined, and reported, where it does not fit. Of a record what fits is given back. */
function checkValue(schema: z.core.$ZodType, value: unknown, path: Path, report: Report): unknown {
  // Reported already, by what puts variables in.
  if (value === undefined) return undefined;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return checkValue(schema.def.innerType, value, path, report);
  }
  if (schema instanceof z.ZodUnion) {
    const fitting = schema.options.filter((candidate) => acceptsKind(candidate, kindOf(value)));
    const [option] = fitting;
    if (option && fitting.length === 1 && isContainer(option)) return checkValue(option, value, path, report);
  }
  if (schema instanceof z.ZodObject && isJsonObject(value)) {
    const before = report.errorCount;
    const { fields } = checkFields(schema, value, path, report);
    return report.errorCount === before && !Object.values(value).includes(undefined as never) ? fields : undefined;
  }
  if (schema instanceof z.ZodRecord && isJsonObject(value)) {
    const { valueType } = schema.def;
    const items = Object.entries(value).map(
      ([key, item]) => [key, checkValue(valueType, item, [...path, key], report)] as const,
    );
    return Object.fromEntries(items.filter(([, item]) => item !== undefined));
  }
  if (schema instanceof z.ZodArray && Array.isArray(value) && value.length > 0) {
    const { element } = schema;
    const items = value.map((item, index) => checkValue(element, item, [...path, index], report));
    return items.includes(undefined) ? undefined : items;
  }
  return checkLeaf(schema, value, path, report);
}

function checkLeaf(schema: z.core.$ZodType, value: unknown, path: Path, report: Report): unknown {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const wanted = result.error.issues[0]?.message ?? 'something else';
  if (value === null) {
    report.error(path, `has no value; it must be ${wanted}`, { target: 'key', hint: 'write one, or remove the line' });
    return undefined;
  }
  if (typeof value === 'string' && value.trim() === '') {
    report.error(path, `must be ${wanted.replace(' that is not empty', '')}; it is empty`);
    return undefined;
  }
  const isOfKind = acceptsKind(schema, kindOf(value));
  const found = isOfKind ? valueWords(value) : kindWords(value);
  const values = schema instanceof z.ZodEnum ? schema.options.map(String) : [];
  const hint = typeof value === 'string' ? suggestHint(value, values) : undefined;
  report.error(path, `must be ${wanted}, not ${found}`, { hint: hint ?? mendHint(schema, value) });
  return undefined;
}

/** What to write instead, for values that YAML reads otherwise than people do. */
function mendHint(schema: z.core.$ZodType, value: unknown): string | undefined {
  const kind = kindOf(value);
  if (kind === 'map' && Object.keys(value as object).join() === 'python') {
    return 'Python does not run here: write it in TypeScript and name ./file.ts#export';
  }
  if (acceptsKind(schema, 'text') && kind === 'map') {
    const [name, ...others] = Object.keys(value as object);
    const isPlaceholder =
      name !== undefined && others.length === 0 && (value as Record<string, unknown>)[name] === null;
    return isPlaceholder ? `put it in quotes: "{${name}} …"` : undefined;
  }
  if (schema instanceof z.ZodString && (kind === 'number' || kind === 'flag')) {
    return `put it in quotes: "${String(value)}"`;
  }
  if (schema instanceof z.ZodArray && kind === 'text') return `write a list: [${String(value)}]`;
  if (!acceptsKind(schema, 'flag') || typeof value !== 'string') return undefined;
  if (/^(yes|on|true)$/i.test(value)) return 'write true';
  return /^(no|off|false)$/i.test(value) ? 'write false' : undefined;
}

const KINDS: Readonly<Record<string, ValueKind>> = {
  string: 'text',
  enum: 'text',
  number: 'number',
  boolean: 'flag',
  null: 'nothing',
  array: 'list',
  object: 'map',
  record: 'map',
};

function acceptsKind(schema: z.core.$ZodType, kind: ValueKind): boolean {
  if (schema instanceof z.ZodUnion) return schema.options.some((option) => acceptsKind(option, kind));
  const accepted = KINDS[(schema as z.ZodType).def.type];
  return accepted === undefined || accepted === kind;
}

function isContainer(schema: z.core.$ZodType): boolean {
  return schema instanceof z.ZodObject || schema instanceof z.ZodRecord || schema instanceof z.ZodArray;
}
