import { z } from 'zod';
import { lazily } from '../util/lazily.js';
import type { BuiltinToolSource } from './tool-types.js';
import { durationSchema, flagSchema, textSchema, wholeNumberSchema } from './field-schemas.js';

// The one list of built-in tools: their names are its keys. What each does stands in tools/, in a file of the same name.

const rootField = textSchema
  .optional()
  .describe('The only folder the tool may touch, relative to the working directory. Default: that directory.');
const bytesField = (what: string): z.ZodOptional<z.ZodInt> =>
  wholeNumberSchema(1, 1_000_000_000).optional().describe(what);
const textsField = (of: string): z.ZodArray<typeof textSchema> =>
  z.array(textSchema, { error: `a list of ${of}` }).min(1, { error: `a list of ${of}, at least one` });

const allowPrivate = flagSchema
  .optional()
  .describe('Whether addresses of this machine and of private networks may be asked; a person has to agree.');
const HOST_WORDS = 'a host name such as example.com or *.example.com';
const domains = z
  .array(textSchema.regex(/^[^\s/:]+$/, { error: HOST_WORDS }), { error: 'a list of host names' })
  .min(1, { error: 'a list of host names, at least one' })
  .optional()
  .describe('The only hosts that may be asked; *.example.com means every host below it. Default: all.');
const URL_WORDS = 'a URL that starts with http:// or https://';
const urlSchema = z.string({ error: 'a URL' }).regex(/^https?:\/\/\S+$/, { error: URL_WORDS });
const headers = z
  .record(z.string(), textSchema, { error: 'a map of headers' })
  .optional()
  .describe('Headers of every request, such as Authorization: Bearer ${API_TOKEN}.');

/** The settings of each built-in tool, as a definition gives them. Made when they are used: a crew without tools need not wait for them. */
export const TOOL_SETTINGS = lazily({
  read_file: () =>
    z.strictObject({
      root: rootField,
      max_bytes: bytesField('Most bytes that one call gives. Default: 50000.'),
    }),
  write_file: () =>
    z.strictObject({ root: rootField, max_bytes: bytesField('Most bytes of one file. Default: 10000000.') }),
  edit_file: () =>
    z.strictObject({ root: rootField, max_bytes: bytesField('Most bytes of one file. Default: 10000000.') }),
  list_directory: () =>
    z.strictObject({
      root: rootField,
      max_entries: wholeNumberSchema(1, 100_000).optional().describe('Most entries of one result. Default: 1000.'),
    }),
  search_files: () =>
    z.strictObject({
      root: rootField,
      max_results: wholeNumberSchema(1, 10_000).optional().describe('Most lines or files of one result. Default: 100.'),
    }),
  search_documents: () =>
    z.strictObject({
      root: rootField,
      files: textsField('patterns such as docs/**/*.md')
        .optional()
        .describe('The files that are searched. Default: every text, Markdown, HTML, PDF and DOCX file.'),
      max_results: wholeNumberSchema(1, 100).optional().describe('Most passages of one result. Default: 5.'),
    }),
  fetch_url: () =>
    z.strictObject({
      domains,
      headers,
      allow_private: allowPrivate,
      max_bytes: bytesField('Most bytes of a page that are read. Default: 5000000.'),
    }),
  web_search: () =>
    z.strictObject({
      provider: z
        .enum(['serper', 'tavily', 'brave', 'searxng'], { error: 'serper, tavily, brave or searxng' })
        .optional()
        .describe('Who searches. Default: the first of serper, tavily and brave whose key is set.'),
      api_key: textSchema
        .optional()
        .describe('${NAME} of a variable. Default: SERPER_API_KEY, TAVILY_API_KEY or BRAVE_API_KEY.'),
      base_url: urlSchema
        .optional()
        .describe('Address of the service, beside provider. Default: its own; a SearXNG server has none.'),
      allow_private: allowPrivate,
      max_results: wholeNumberSchema(1, 50).optional().describe('Most results of one search. Default: 10.'),
    }),
  http_request: () =>
    z.strictObject({
      methods: z
        .array(
          z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'], { error: 'GET, HEAD, POST, PUT, PATCH or DELETE' }),
          { error: 'a list of methods' },
        )
        .min(1, { error: 'a list of methods, at least one' })
        .optional()
        .describe('Methods that may be used. Default: GET and HEAD.'),
      base_url: urlSchema.optional().describe('Addresses start with it; others are refused. Default: any.'),
      domains,
      headers,
      allow_private: allowPrivate,
      max_bytes: bytesField('Most bytes of an answer that are read. Default: 1000000.'),
    }),
  query_csv: () =>
    z.strictObject({
      root: rootField,
      file: textSchema.optional().describe('The only file that may be asked. Default: any below the root.'),
      max_rows: wholeNumberSchema(1, 10_000).optional().describe('Most rows of one result. Default: 100.'),
    }),
  query_json: () =>
    z.strictObject({
      root: rootField,
      file: textSchema.optional().describe('The only file that may be asked. Default: any below the root.'),
      max_results: wholeNumberSchema(1, 10_000).optional().describe('Most values of one result. Default: 100.'),
    }),
  query_sql: () =>
    z.strictObject({
      database: textSchema
        .optional()
        .describe('SQLite file, relative to the working directory. It, or url, is needed.'),
      url: textSchema.optional().describe('PostgreSQL server, as ${DATABASE_URL}. It, or database, is needed.'),
      write: flagSchema.optional().describe('Whether statements may change data. Default: false.'),
      max_rows: wholeNumberSchema(1, 10_000).optional().describe('Most rows of one result. Default: 100.'),
    }),
  run_command: () =>
    z.strictObject({
      programs: textsField('programs').describe(
        'The only programs that may be run, such as git or ./check.sh. No shell.',
      ),
      cwd: textSchema
        .optional()
        .describe('Folder to run in, relative to the working directory. Default: that directory.'),
      env: textsField('names of variables')
        .optional()
        .describe('Environment variables the programs get, beside PATH, HOME, LANG and TMPDIR.'),
    }),
  calculate: () => z.strictObject({}),
  current_time: () =>
    z.strictObject({
      time_zone: textSchema
        .refine(isTimeZone, { error: 'a time zone such as Europe/Berlin' })
        .optional()
        .describe('Zone where a call names none, such as Europe/Berlin. Default: that of the machine.'),
    }),
  ask_human: () => z.strictObject({}),
} satisfies Readonly<Record<string, () => z.ZodObject>>);

export type BuiltinToolName = keyof typeof TOOL_SETTINGS;

/** True for the name of a built-in tool. */
export function isBuiltinTool(name: string): name is BuiltinToolName {
  return Object.hasOwn(TOOL_SETTINGS, name);
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Settings of the built-in tools, checked; variables are put in. */
export type ToolSettings = { readonly [Name in BuiltinToolName]: z.output<(typeof TOOL_SETTINGS)[Name]> };

/** A built-in tool with its settings, typed by its name. */
export type KnownToolSource = {
  readonly [Name in BuiltinToolName]: { readonly name: Name; readonly settings: ToolSettings[Name] };
}[BuiltinToolName];

/** A built-in tool of a checked definition, as what it is. */
export function toKnownTool({ name, settings }: BuiltinToolSource): KnownToolSource {
  return { name, settings } as KnownToolSource;
}

/** What any tool may be given beside its own settings. */
export const toolOptionsSchema = z.strictObject({
  name: textSchema
    .regex(/^[\w-]{1,64}$/, { error: 'letters, digits, "_" and "-", at most 64' })
    .optional()
    .describe('Name under which models see it. Default: its own.'),
  description: textSchema.optional().describe('What models are told of it. Default: its own words.'),
  effects: z
    .enum(['none', 'write', 'external'], { error: 'none, write or external' })
    .optional()
    .describe('What a call does outside: decides what resume and replay may repeat. Not for built-in tools.'),
  max_usage_count: wholeNumberSchema(1).optional().describe('Most calls in one run.'),
  result_as_answer: flagSchema.optional().describe('Whether its result is the answer of the task, as it is.'),
  timeout: durationSchema.optional().describe('Longest time of one call. Default: 60s; none for your own code.'),
  max_output_chars: wholeNumberSchema(1, 10_000_000)
    .optional()
    .describe('Most characters of a result that the model is shown. Default: 200000.'),
  cache: flagSchema
    .optional()
    .describe('Whether results may be used again for equal calls. Default: as the agent says.'),
  cache_function: textSchema
    .optional()
    .describe('./file.ts#export that says whether a result may be used again: (arguments, result) => boolean.'),
  retries: wholeNumberSchema(0, 10)
    .optional()
    .describe('How often a call that failed is made again; for tools without effects only. Default: 0.'),
});
