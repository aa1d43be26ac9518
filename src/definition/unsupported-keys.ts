/** Which kind of map a key stands in. */
export type Level = 'crew' | 'agent' | 'task';

const MEMORY = 'remove it: a task is given the outputs of earlier ones by its context, and `crew show` has every run';
const KNOWLEDGE = 'remove it: give a task files with input_files, or an agent the tool search_documents';
const EMBEDDER = 'remove it: it is for memory and knowledge_sources, which this version does not have';
const MCP = 'name the server under mcp_servers, and its tools under tools: [mcp:name]';
const SKILLS = 'remove it: put its text into backstory, or give a task its files with input_files';
const CODE =
  'remove it: use run_command with the programs that you choose, or a tool of your own: [./tools/run.ts#run]';
const SECURITY = 'remove it: there is nothing to set; secrets are never stored or shown';

/** Keys that crewAI has, or a later version will have, and this one does not: each with what to do instead. */
const UNSUPPORTED: Readonly<Record<Level, Readonly<Record<string, string>>>> = {
  crew: {
    memory: MEMORY,
    short_term_memory: MEMORY,
    long_term_memory: MEMORY,
    entity_memory: MEMORY,
    external_memory: MEMORY,
    user_memory: MEMORY,
    memory_config: MEMORY,
    embedder: EMBEDDER,
    knowledge: KNOWLEDGE,
    knowledge_sources: KNOWLEDGE,
    tracing: 'remove it: every step of a run is recorded; `crew show <run> --steps` shows it',
    checkpoint: 'remove it: every step of a run is recorded; `crew resume` goes on where it stopped',
    skills: SKILLS,
    security_config: SECURITY,
    allow_shell: 'remove it: crew asks before it starts programs; --trust answers yes',
  },
  agent: {
    memory: MEMORY,
    embedder: EMBEDDER,
    knowledge: KNOWLEDGE,
    knowledge_sources: KNOWLEDGE,
    knowledge_config: KNOWLEDGE,
    mcps: MCP,
    allow_code_execution: CODE,
    code_execution_mode: CODE,
    planning: 'write reasoning: true, which has the agent think its work over; planning is for the crew',
    planning_config: 'write reasoning: true and max_reasoning_attempts',
    callbacks: 'write step_callback: ./file.ts#export',
    apps: 'remove it: write a tool of your own and name it under tools: [./tools/mail.ts#send]',
    skills: SKILLS,
    checkpoint: 'remove it: every step of a run is recorded; `crew resume` goes on where it stopped',
    from_repository: 'put the agent into a file of its own and name that with extends, or in the list of agents',
    agent_executor: 'remove it: all agents work the same way',
    executor_class: 'remove it: all agents work the same way',
    security_config: SECURITY,
  },
  task: {
    output_log_file: 'move it to the top: the log is of the whole run',
    converter_cls: 'remove it: output_json or output_pydantic make the value',
    allow_crewai_trigger_context: 'remove it: give what starts the run as an input',
    security_config: SECURITY,
  },
};

/** What to do instead of a key that crewAI has and this version does not; undefined for other keys. */
export function findReplacement(level: Level, key: string): string | undefined {
  return Object.hasOwn(UNSUPPORTED[level], key) ? UNSUPPORTED[level][key] : undefined;
}

/** True for a value that only says that a thing is not used, so that there is nothing to refuse. */
export function isSwitchedOff(value: unknown): boolean {
  if (value === null || value === false || value === '' || value === 'safe') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** What is meant by keys that are found in crews and are no near misses. */
export const KEY_ALIASES: Readonly<Record<Level | 'tool', Readonly<Record<string, string>>>> = {
  crew: {
    mcpServers: 'mcp_servers',
    mcps: 'mcp_servers',
    llm: 'manager_llm',
    manager: 'manager_agent',
    steps: 'tasks',
  },
  agent: { model: 'llm', purpose: 'goal', instructions: 'backstory', prompt: 'backstory' },
  task: {
    output: 'expected_output',
    prompt: 'description',
    needs: 'depends_on',
    output_schema: 'output_json',
    max_retries: 'guardrail_max_retries',
  },
  tool: {
    directory: 'root',
    folder: 'root',
    file_path: 'root',
    pdf: 'files',
    txt: 'files',
    mdx: 'files',
    docx: 'files',
    csv: 'file',
    json_path: 'file',
    db_uri: 'url',
    website_url: 'domains',
    website: 'domains',
    search_url: 'base_url',
    n_results: 'max_results',
  },
};
