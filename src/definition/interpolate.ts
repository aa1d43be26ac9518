import type { JsonValue } from '../util/json.js';
import { replacePlaceholders } from './placeholders.js';
import type { AgentDefinition, CrewDefinition, GuardrailDefinition, TaskDefinition } from './types.js';

/**
 * The definition with the inputs put into its texts: role, goal, backstory, description, expected_output, files, guardrails
 * that are sentences. Only names that `inputs` has are replaced; lists and objects are put in as JSON.
 */
export function interpolateDefinition(
  definition: CrewDefinition,
  inputs: Readonly<Record<string, JsonValue>>,
): CrewDefinition {
  const put = (text: string): string =>
    replacePlaceholders(text, (name) => {
      const value = Object.hasOwn(inputs, name) ? inputs[name] : undefined;
      return value === undefined ? undefined : textOf(value);
    });
  const putIntoGuardrail = (guardrail: GuardrailDefinition): GuardrailDefinition =>
    guardrail.kind === 'sentence' ? { ...guardrail, name: put(guardrail.name), text: put(guardrail.text) } : guardrail;
  const putIntoAgent = (agent: AgentDefinition): AgentDefinition => ({
    ...agent,
    role: put(agent.role),
    goal: put(agent.goal),
    backstory: put(agent.backstory),
    guardrails: agent.guardrails.map(putIntoGuardrail),
  });
  const putIntoTask = (task: TaskDefinition): TaskDefinition => ({
    ...task,
    description: put(task.description),
    expectedOutput: put(task.expectedOutput),
    guardrails: task.guardrails.map(putIntoGuardrail),
    outputFile: task.outputFile === undefined ? undefined : put(task.outputFile),
    outputs: task.outputs.map(({ path, as }) => ({ path: put(path), as })),
    inputFiles: task.inputFiles.map(put),
  });
  return {
    ...definition,
    agents: definition.agents.map(putIntoAgent),
    tasks: definition.tasks.map(putIntoTask),
    manager: definition.manager && putIntoAgent(definition.manager),
  };
}

function textOf(value: JsonValue): string {
  if (typeof value === 'string') return value;
  return value === null ? '' : JSON.stringify(value);
}
