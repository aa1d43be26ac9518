import { describe, expect, it } from 'vitest';
import { agentSchema } from '../../src/definition/agent-schema.js';
import { checkDefinition } from '../../src/definition/load-definition.js';
import { crewSchema } from '../../src/definition/schema.js';
import { taskSchema } from '../../src/definition/task-schema.js';
import type { Level } from '../../src/definition/unsupported-keys.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

/** Every field of crewAI's crews, agents and tasks, with a value that people give it, other than its default. */
const FIELDS: Readonly<Record<Level, Readonly<Record<string, string>>>> = {
  crew: {
    name: 'brief',
    agents: '{ writer: { role: Author, goal: Write, backstory: Wrote } }',
    tasks: '{ first: { description: A, expected_output: B }, essay: { description: A, expected_output: B } }',
    process: 'hierarchical',
    verbose: 'true',
    manager_llm: 'openai/gpt-4o',
    manager_agent: '{ role: Boss, goal: Lead, backstory: Led }',
    manager_callbacks: '[./code.ts#look]',
    function_calling_llm: 'openai/gpt-4o',
    config: '{ tasks: { first: { description: A, expected_output: B } } }',
    max_rpm: '10',
    language: 'French',
    language_file: 'prompts.json',
    memory: 'true',
    short_term_memory: '{ path: a.db }',
    long_term_memory: '{ path: a.db }',
    entity_memory: '{ path: a.db }',
    embedder: '{ provider: openai }',
    cache: 'true',
    full_output: 'true',
    step_callback: './code.ts#look',
    task_callback: './code.ts#look',
    before_kickoff: './code.ts#look',
    after_kickoff: './code.ts#look',
    before_kickoff_callbacks: '[./code.ts#look]',
    after_kickoff_callbacks: '[./code.ts#look]',
    share_crew: 'true',
    output_log_file: 'true',
    prompt_file: 'prompts.json',
    planning: 'true',
    planning_llm: 'openai/gpt-4o',
    knowledge_sources: '[{ path: a.pdf }]',
    stream: 'true',
    chat_llm: 'openai/gpt-4o',
    tracing: 'true',
    checkpoint: 'true',
    skills: '[a]',
    security_config: '{ fingerprint: a }',
  },
  agent: {
    role: 'Author',
    goal: 'Tell',
    backstory: 'Told',
    config: '{ max_iter: 3 }',
    llm: 'openai/gpt-4o',
    function_calling_llm: 'openai/gpt-4o',
    tools: '[read_file]',
    max_iter: '10',
    max_rpm: '10',
    max_execution_time: '60',
    max_retry_limit: '2',
    verbose: 'true',
    allow_delegation: 'true',
    step_callback: './code.ts#look',
    cache: 'true',
    system_template: '"<s>{{ .System }}</s>"',
    prompt_template: '"<u>{{ .Prompt }}</u>"',
    response_template: '"<a>{{ .Response }}</a>"',
    use_system_prompt: 'false',
    respect_context_window: 'false',
    inject_date: 'true',
    date_format: '"%d %B %Y"',
    reasoning: 'true',
    max_reasoning_attempts: '3',
    multimodal: 'true',
    knowledge_sources: '[{ path: a.pdf }]',
    knowledge_config: '{ results_limit: 3 }',
    embedder: '{ provider: openai }',
    memory: 'true',
    mcps: '["https://example.com/mcp"]',
    guardrail: 'It names its sources.',
    guardrail_max_retries: '2',
    allow_code_execution: 'true',
    code_execution_mode: 'unsafe',
    planning: 'true',
    planning_config: '{ max_attempts: 3 }',
    callbacks: '[./code.ts#look]',
    apps: '[gmail]',
    skills: '[a]',
    from_repository: 'writer',
  },
  task: {
    description: 'Tell',
    expected_output: 'Words',
    config: '{ markdown: true }',
    agent: 'writer',
    context: '[first]',
    tools: '[read_file]',
    async_execution: 'true',
    output_file: 'out.md',
    create_directory: 'false',
    output_json: '{ type: object }',
    output_pydantic: '{ type: object }',
    response_model: '{ type: object }',
    human_input: 'true',
    markdown: 'true',
    callback: './code.ts#look',
    guardrail: 'It names its sources.',
    guardrails: '[It names its sources., { max_words: 200 }]',
    guardrail_max_retries: '2',
    input_files: '[notes.txt]',
    condition: './code.ts#look',
    converter_cls: 'my.Converter',
    allow_crewai_trigger_context: 'true',
  },
};

/** A crew in which a field stands, if it has a value, beside what a crew has to have. */
function crewWith(level: Level, field: string, value: string | undefined): string {
  const agent = { role: 'Writer', goal: 'Write', backstory: 'Wrote' };
  const task = { description: 'Write', expected_output: 'Text' };
  const line = (map: Readonly<Record<string, string>>): string =>
    Object.entries(map)
      .map(([key, text]) => `${key}: ${text}`)
      .join(', ');
  const put = (map: Readonly<Record<string, string>>, at: Level) =>
    at === level && value !== undefined ? { ...map, [field]: value } : map;
  const top = put(
    {
      agents: `{ writer: { ${line(put(agent, 'agent'))} } }`,
      ...(!(level === 'crew' && field === 'config') && {
        tasks: `{ first: { ${line(task)} }, essay: { ${line(put(task, 'task'))} } }`,
      }),
      ...((field.startsWith('manager_') || field === 'agent') && { process: 'hierarchical' }),
      ...(['process', 'manager_callbacks', 'agent'].includes(field) && { manager_llm: 'openai/gpt-4o' }),
    },
    'crew',
  );
  return Object.entries(top)
    .map(([key, text]) => `${key}: ${text}\n`)
    .join('');
}

/** What is made of a crew with a field, or without it where it has no value, and what is said of it. */
async function meaningOf(level: Level, field: string, value?: string) {
  const { definition, problems } = await check(level, field, value);
  const said = problems.map(({ message }) => message);
  return { ...definition, source: undefined, warnings: undefined, missingKeys: undefined, said };
}

async function check(level: Level, field: string, value: string | undefined) {
  const workingDirectory = temporaryFolder({
    'team.yaml': crewWith(level, field, value),
    'code.ts': 'export const look = () => true;\n',
    'prompts.json': '{"role": "You are: {role}"}',
    'notes.txt': 'Notes.',
  });
  return checkDefinition('team.yaml', { env: {}, workingDirectory });
}

const cases = (Object.keys(FIELDS) as Level[]).flatMap((level) =>
  Object.entries(FIELDS[level]).map(([field, value]) => ({ level, field, value })),
);
const known = { crew: crewSchema.shape, agent: agentSchema.shape, task: taskSchema.shape };
const loads = cases.filter(({ level, field }) => Object.hasOwn(known[level], field));
const refused = cases.filter((one) => !loads.includes(one));

describe("crewAI's fields", () => {
  it.each(loads)('load in a definition: $level $field', async ({ level, field, value }) => {
    const { definition, problems } = await check(level, field, value);
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(definition).toBeDefined();
  });

  it.each(loads)('make another crew of it: $level $field', async ({ level, field, value }) => {
    const withField = await meaningOf(level, field, value);
    expect(withField).not.toEqual(await meaningOf(level, field));
  });

  it('are refused with what to use instead where they do not', async () => {
    const said = await Promise.all(
      refused.map(async ({ level, field, value }) => {
        const { problems } = await check(level, field, value);
        const errors = problems.filter(({ severity }) => severity === 'error');
        expect([field, errors.map(({ message }) => message)]).toEqual([field, ['not supported in this version']]);
        return `${level} ${field}: ${errors[0]?.hint}`;
      }),
    );
    expect(`\n${said.join('\n')}\n`).toMatchInlineSnapshot(`
      "
      crew memory: remove it: a task is given the outputs of earlier ones by its context, and \`crew show\` has every run
      crew short_term_memory: remove it: a task is given the outputs of earlier ones by its context, and \`crew show\` has every run
      crew long_term_memory: remove it: a task is given the outputs of earlier ones by its context, and \`crew show\` has every run
      crew entity_memory: remove it: a task is given the outputs of earlier ones by its context, and \`crew show\` has every run
      crew embedder: remove it: it is for memory and knowledge_sources, which this version does not have
      crew knowledge_sources: remove it: give a task files with input_files, or an agent the tool search_documents
      crew tracing: remove it: every step of a run is recorded; \`crew show <run> --steps\` shows it
      crew checkpoint: remove it: every step of a run is recorded; \`crew resume\` goes on where it stopped
      crew skills: remove it: put its text into backstory, or give a task its files with input_files
      crew security_config: remove it: there is nothing to set; secrets are never stored or shown
      agent knowledge_sources: remove it: give a task files with input_files, or an agent the tool search_documents
      agent knowledge_config: remove it: give a task files with input_files, or an agent the tool search_documents
      agent embedder: remove it: it is for memory and knowledge_sources, which this version does not have
      agent memory: remove it: a task is given the outputs of earlier ones by its context, and \`crew show\` has every run
      agent mcps: name the server under mcp_servers, and its tools under tools: [mcp:name]
      agent allow_code_execution: remove it: use run_command with the programs that you choose, or a tool of your own: [./tools/run.ts#run]
      agent code_execution_mode: remove it: use run_command with the programs that you choose, or a tool of your own: [./tools/run.ts#run]
      agent planning: write reasoning: true, which has the agent think its work over; planning is for the crew
      agent planning_config: write reasoning: true and max_reasoning_attempts
      agent callbacks: write step_callback: ./file.ts#export
      agent apps: remove it: write a tool of your own and name it under tools: [./tools/mail.ts#send]
      agent skills: remove it: put its text into backstory, or give a task its files with input_files
      agent from_repository: put the agent into a file of its own and name that with extends, or in the list of agents
      task converter_cls: remove it: output_json or output_pydantic make the value
      task allow_crewai_trigger_context: remove it: give what starts the run as an input
      "
    `);
  });
});
