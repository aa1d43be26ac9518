import { DEFAULT_PROMPT_TEXTS } from '../../src/definition/prompt-pieces.js';
import type { AgentDefinition, CrewDefinition, TaskDefinition } from '../../src/definition/types.js';

/** An agent with what a test does not care about filled in. */
export function createAgent(agent: Partial<AgentDefinition> & { readonly key: string }): AgentDefinition {
  return {
    role: agent.key,
    goal: `Goal of ${agent.key}.`,
    backstory: `Background of ${agent.key}.`,
    models: [{ reference: 'openai/gpt-4.1-mini', provider: 'openai', modelId: 'gpt-4.1-mini' }],
    tools: [],
    allowDelegation: false,
    maxIter: 25,
    maxRpm: undefined,
    maxExecutionTimeMs: undefined,
    functionCallingModels: undefined,
    maxTpm: undefined,
    cache: false,
    stepCallback: undefined,
    guardrails: [],
    guardrailMaxRetries: 3,
    templates: { system: undefined, prompt: undefined, response: undefined },
    useSystemPrompt: true,
    respectContextWindow: true,
    dateFormat: undefined,
    reasoningAttempts: 0,
    multimodal: false,
    verbose: false,
    ...agent,
  };
}

/** A task with what a test does not care about filled in; its position counts from the list it is put in. */
export function createTask(task: Partial<TaskDefinition> & { readonly key: string }): TaskDefinition {
  return {
    position: 1,
    description: `Do ${task.key}.`,
    expectedOutput: `The result of ${task.key}.`,
    agent: undefined,
    context: undefined,
    dependsOn: [],
    asyncExecution: false,
    tools: [],
    coworkers: undefined,
    outputFile: undefined,
    output: undefined,
    guardrailMaxRetries: 3,
    maxExecutionTimeMs: undefined,
    contextForms: {},
    outputs: [],
    createDirectory: true,
    guardrails: [],
    humanInput: false,
    when: undefined,
    runsIfSkipped: false,
    callback: undefined,
    markdown: false,
    inputFiles: [],
    ...task,
  };
}

/** A definition around these parts; tasks get their positions in order. */
export function createDefinition(definition: Partial<CrewDefinition>): CrewDefinition {
  const tasks = (definition.tasks ?? []).map((task, index) => ({ ...task, position: index + 1 }));
  return {
    name: 'test',
    process: definition.manager ? 'hierarchical' : 'sequential',
    inputs: {},
    agents: [createAgent({ key: 'worker' })],
    manager: undefined,
    taskOrder: 'file',
    limits: {},
    maxRpm: undefined,
    maxTpm: undefined,
    shareRateLimit: false,
    promptTexts: DEFAULT_PROMPT_TEXTS,
    language: undefined,
    planning: undefined,
    callbacks: { step: undefined, task: undefined, manager: [], beforeKickoff: [], afterKickoff: [] },
    chatModels: undefined,
    fullOutput: false,
    outputLogFile: undefined,
    verbose: false,
    stream: false,
    namedTools: {},
    mcpServers: {},
    permissions: { allow: undefined, ask: [], deny: [] },
    missingToolKeys: [],
    source: { path: '/crew/crew.yaml', directory: '/crew', files: [] },
    environment: {},
    secretVariables: [],
    missingKeys: [],
    warnings: [],
    ...definition,
    tasks,
  };
}
