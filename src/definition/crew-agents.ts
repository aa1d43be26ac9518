import type { AgentDefinition, CrewDefinition, TaskDefinition } from './types.js';

/** Everyone in a crew: its agents, then its manager. */
export function everyoneIn({
  agents,
  manager,
}: Pick<CrewDefinition, 'agents' | 'manager'>): readonly AgentDefinition[] {
  return manager ? [...agents, manager] : agents;
}

/** Where an agent of the crew stands in its file, such as `agents.writer`. */
export function fieldOf(agent: AgentDefinition, { manager }: Pick<CrewDefinition, 'manager'>): string {
  return agent === manager ? 'manager_agent' : `agents.${agent.key}`;
}

/** Who does a task. Hierarchical: the manager, whichever task it is. Sequential: the task's own agent, or the only one. */
export function performerOf(
  { agents, manager }: Pick<CrewDefinition, 'agents' | 'manager'>,
  task: Pick<TaskDefinition, 'agent'>,
): AgentDefinition {
  return manager ?? ((agents.find(({ key }) => key === task.agent) ?? agents[0]) as AgentDefinition);
}

/** Everyone who may get a task's work from somebody. */
export function teamOf(
  { agents }: Pick<CrewDefinition, 'agents'>,
  { coworkers }: Pick<TaskDefinition, 'coworkers'>,
): readonly AgentDefinition[] {
  return coworkers ? agents.filter(({ key }) => coworkers.includes(key)) : agents;
}
