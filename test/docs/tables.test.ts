import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { beforeAll, describe, expect, it } from 'vitest';
import { addRunFlags } from '../../src/commands/run-flags.js';
import { PROVIDERS } from '../../src/definition/providers.js';
import { TOOL_SETTINGS } from '../../src/definition/tool-settings.js';
import { findReplacement, type Level } from '../../src/definition/unsupported-keys.js';
import { EXIT_MEANING } from '../../src/errors.js';
import type { RunEvent } from '../../src/events.js';
import { createProgram } from '../../src/main.js';
import { openDatabase } from '../../src/store/open-database.js';
import { TOOLS } from '../../src/tools/registry.js';
import type { JsonObject } from '../../src/util/json.js';
import { type CrewOutcome, runBuiltCrew } from '../helpers/built-crew.js';
import { silentIo } from '../helpers/silent-io.js';
import { startProviderServer, text, toolCalls } from '../helpers/provider-server.js';
import { sharedFolder, temporaryFolder } from '../helpers/temporary-folder.js';
import { code, expectTable, readReadme } from './readme.js';
import { fieldRows, LEVEL_NAMES } from './schema-tables.js';

const program = createProgram(silentIo(), () => undefined);
const RUN_OPTIONS = addRunFlags(new Command()).options.map(({ long }) => long);

function findCommand(name: string): Command {
  const [first = '', second] = name.split(' ');
  const command = program.commands.find((candidate) => candidate.name() === first);
  const found = second === undefined ? command : command?.commands.find((candidate) => candidate.name() === second);
  if (!found) throw new Error(`there is no command ${name}`);
  return found;
}

describe('the tables of README', () => {
  it('list every command', async () => {
    await expectTable(
      'commands',
      ['Command', 'What it does'],
      program.commands.map((command) => [code(`crew ${usageOf(command)}`), command.description()]),
    );
  });

  it.each([
    'kickoff',
    'chat',
    'resume',
    'answer',
    'replay',
    'runs',
    'runs prune',
    'show',
    'log-tasks-outputs',
    'validate',
    'schema',
    'tools',
    'tools call',
    'trust',
    'serve',
    'init',
    'reset',
  ])('list every option of %s', async (name) => {
    const command = findCommand(name);
    // Those of every run stand once, at kickoff.
    const common = ['resume', 'answer', 'replay', 'serve'].includes(name) ? RUN_OPTIONS : [];
    const options = command.options.filter(({ long }) => long !== '--no-color' && !common.includes(long));
    await expectTable(
      `options:${name}`,
      ['Option', 'Default', 'Meaning'],
      options.map(({ flags, argChoices, defaultValue, defaultValueDescription, description }) => [
        code(flags),
        defaultValue === undefined || defaultValueDescription === 'none' ? '–' : code(String(defaultValue)),
        argChoices ? `${description}: ${argChoices.map(code).join(', ')}` : description,
      ]),
    );
  });

  it.each(LEVEL_NAMES)('list every field of a definition: %s', async (level) => {
    await expectTable(`fields:${level}`, ['Field', 'Type', 'Default', 'Meaning'], fieldRows(level));
  });

  it('list every provider', async () => {
    await expectTable(
      'providers',
      ['Prefix', 'API key', 'Base URL'],
      Object.entries(PROVIDERS).map(([name, { keyVariables, baseUrlVariables, defaultBaseUrl }]) => [
        code(`${name}/`),
        keyVariables.map(code).join(', ') || 'none',
        `${baseUrlVariables.map(code).join(', ')}; ${defaultBaseUrl ? `default ${code(defaultBaseUrl)}` : 'required'}`,
      ]),
    );
  });

  it('list every built-in tool', async () => {
    await expectTable(
      'tools',
      ['Tool', 'Arguments', 'Settings', 'What it does'],
      await Promise.all(
        (Object.keys(TOOLS) as (keyof typeof TOOLS)[]).map(async (name) => {
          const { parameters } = await TOOLS[name]();
          const schema = typeof parameters === 'function' ? parameters({ programs: ['git'] } as never) : parameters;
          return [
            code(name),
            Object.keys((schema['properties'] ?? {}) as JsonObject)
              .map(code)
              .join(', '),
            Object.keys(TOOL_SETTINGS[name].shape).map(code).join(', ') || '–',
            null,
          ];
        }),
      ),
    );
  });

  it('list every exit code', async () => {
    await expectTable(
      'exit-codes',
      ['Code', 'Meaning'],
      Object.entries(EXIT_MEANING).map(([exitCode, meaning]) => [exitCode, meaning]),
    );
  });

  it.each(['runs', 'task_outputs', 'steps'])('list every column of the table %s', async (table) => {
    const database = openDatabase(`${temporaryFolder()}/crew.db`);
    const columns = database.pragma(`table_info(${table})`) as { readonly name: string; readonly type: string }[];
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
    database.close();
    const own = tables.filter((name) => !String(name).startsWith('task_search')).toSorted();
    expect(own).toEqual(['batch_items', 'batches', 'rate_slots', 'runs', 'steps', 'task_outputs', 'tool_results']);
    await expectTable(
      `database:${table}`,
      ['Column', 'Type', 'Meaning'],
      columns.map(({ name, type }) => [code(name), type, null]),
    );
  });

  it('name only keys of crewAI that are indeed refused', () => {
    const [, list = ''] = /<!-- unsupported -->([^]*?)<!-- \/unsupported -->/.exec(readReadme()) ?? [];
    const named = [...list.matchAll(/`(\w+)`/g)].map(([, key = '']) => key);
    const levels: readonly Level[] = ['crew', 'agent', 'task'];
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((key) => levels.every((level) => findReplacement(level, key) === undefined))).toEqual([]);
  });
});

describe('what programs read', () => {
  const folder = sharedFolder();
  let outcome: CrewOutcome;
  let rows: JsonObject[];

  beforeAll(async () => {
    const server = await startProviderServer([
      text(JSON.stringify({ plan: { work: 'Work.', never: 'Rest.', end: 'End.' } })),
      toolCalls([{ name: 'shout', arguments: { word: 'yes' } }]),
      toolCalls([
        { name: 'ask_question_to_coworker', arguments: { question: 'Who?', context: '', coworker: 'Other' } },
      ]),
      text('Me.'),
      text('Done.'),
      text('The end.'),
    ]);
    writeFileSync(join(folder, 'crew.yaml'), EVERY_EVENT);
    writeFileSync(join(folder, 'shout.ts'), SHOUT);
    writeFileSync(join(folder, 'answers.yaml'), 'work: approve\n');
    const options = { cwd: folder, env: { OPENAI_BASE_URL: server.url } };
    outcome = await runBuiltCrew(
      ['kickoff', '--format', 'jsonl', '-i', 'unknown=1', '--answers', 'answers.yaml'],
      options,
    );
    await server.close();
    const again = await runBuiltCrew(['replay', '--auto', '--format', 'jsonl'], options);
    rows = `${again.stdout}${outcome.stdout}`
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as JsonObject);
  });

  it('is in the tables of README: every event with its fields', async () => {
    expect(outcome).toMatchObject({ exitCode: 0 });
    expect(new Set(rows.map(({ type }) => type))).toEqual(new Set(Object.keys(EVENT_TYPES)));
    await expectTable(
      'events',
      ['Event', 'Fields'],
      Object.keys(EVENT_TYPES).map((type) => [
        code(type),
        type === 'run-end' ? 'the [result](#the-result) itself' : fieldsOf(rows.filter((row) => row.type === type)),
      ]),
    );
  });

  it('is in the tables of README: every field of the result, of a task and of its tokens', async () => {
    const { type, ...result } = rows.at(-1) as JsonObject;
    expect(type).toBe('run-end');
    const [task] = result.tasks_output as JsonObject[];
    const rowsOf = (object: JsonObject = {}) => Object.keys(object).map((name) => [code(name), null]);
    await expectTable('result', ['Field', 'Meaning'], rowsOf(result));
    await expectTable('result:task', ['Field', 'Meaning'], rowsOf(task));
    await expectTable('result:tokens', ['Field', 'Meaning'], rowsOf(result.token_usage as JsonObject));
  });
});

/** Every kind of event, checked by the compiler. */
const EVENT_TYPES: Readonly<Record<RunEvent['type'], true>> = {
  'run-start': true,
  'task-reuse': true,
  'task-start': true,
  'model-call-start': true,
  'model-call-end': true,
  'tool-call-start': true,
  'tool-log': true,
  'tool-call-end': true,
  'delegation-start': true,
  'delegation-end': true,
  'task-end': true,
  warning: true,
  'task-skip': true,
  'plan-start': true,
  'plan-end': true,
  'model-call-delta': true,
  'guardrail-start': true,
  'guardrail-end': true,
  'question-start': true,
  'question-end': true,
  'run-end': true,
};

const EVERY_EVENT = `
agents:
  worker: { role: Worker, goal: Work, backstory: Works, llm: openai/gpt-4.1-mini, tools: [./shout.ts], allow_delegation: true }
  other: { role: Other, goal: Help, backstory: Helps, llm: openai/gpt-4.1-mini }
tasks:
  work: { description: Work, expected_output: Done, agent: worker, guardrail: { min_chars: 2 }, human_input: true }
  never: { description: Rest, expected_output: Rest, agent: other, when: false }
  end: { description: End, expected_output: The end, agent: other }
planning: true
stream: true
`;

const SHOUT = `export default {
  description: 'Shouts.',
  parameters: { type: 'object', properties: { word: { type: 'string' } } },
  execute({ word }, { log }) { log(word); return word.toUpperCase(); },
};
`;

function usageOf(command: Command): string {
  const args = command.registeredArguments.map((argument) => {
    const shown = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${shown}>` : `[${shown}]`;
  });
  return [command.name(), ...args].join(' ');
}

/** The fields that some of these events have, in their order. */
function fieldsOf(events: readonly JsonObject[]): string {
  const names = new Set(events.flatMap((event) => Object.keys(event)));
  names.delete('type');
  return [...names].map(code).join(', ');
}
