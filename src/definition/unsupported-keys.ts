/** Which kind of map a key stands in. */
export type Level = 'crew' | 'agent' | 'task';

const CREW = `verbose manager_callbacks function_calling_llm config language language_file memory short_term_memory
  long_term_memory entity_memory embedder cache full_output step_callback task_callback before_kickoff_callbacks
  after_kickoff_callbacks share_crew output_log_file prompt_file planning planning_llm knowledge_sources knowledge stream
  chat_llm mcp_servers tools extends tracing skills`;
const AGENT = `function_calling_llm max_retry_limit verbose step_callback cache system_template
  prompt_template response_template use_system_prompt respect_context_window inject_date date_format reasoning
  max_reasoning_attempts multimodal knowledge_sources knowledge embedder memory mcps guardrail guardrail_max_retries
  allow_code_execution code_execution_mode config planning callbacks apps skills`;
const TASK = `create_directory response_model human_input markdown callback guardrail guardrails guardrail_llm input_files
  condition when outputs config output_log_file`;

const UNSUPPORTED: Readonly<Record<Level, ReadonlySet<string>>> = {
  crew: new Set(CREW.split(/\s+/)),
  agent: new Set(AGENT.split(/\s+/)),
  task: new Set(TASK.split(/\s+/)),
};

/** True for a key that crewAI has at this level, or a later version will have, and this one does not. */
export function isUnsupportedKey(level: Level, key: string): boolean {
  return UNSUPPORTED[level].has(key);
}

/** What is meant by keys that are found in crews and are no near misses. */
export const KEY_ALIASES: Readonly<Record<Level, Readonly<Record<string, string>>>> = {
  crew: { llm: 'manager_llm', manager: 'manager_agent', steps: 'tasks' },
  agent: { model: 'llm', purpose: 'goal', instructions: 'backstory', prompt: 'backstory' },
  task: { output: 'expected_output', prompt: 'description', needs: 'depends_on', output_schema: 'output_json' },
};
