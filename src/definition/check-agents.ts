import type { AgentFields } from './agent-schema.js';
import type { CrewShape } from './crew-shape.js';
import type { Entry } from './entries.js';
import type { Report } from './report.js';

/** Reports agents that cannot be told apart, and warns of agents and settings that will have no use. */
export function checkAgents(shape: CrewShape, report: Report): void {
  checkRoles(shape.agents, report);
  if (shape.crew.process !== 'sequential') return;
  if (shape.crew.task_order === 'manager') {
    report.warn(['task_order'], 'a sequential crew runs its tasks in the order of the file', {
      target: 'key',
      hint: 'remove it, or write process: hierarchical',
    });
  }
  checkUse(shape, report);
}

/** Delegation finds a coworker by its role. */
function checkRoles(agents: readonly Entry<AgentFields>[], report: Report): void {
  const holders = new Map<string, Entry<AgentFields>>();
  for (const agent of agents) {
    const role = agent.fields.role?.trim().toLowerCase();
    if (role === undefined) continue;
    const holder = holders.get(role);
    if (!holder) holders.set(role, agent);
    else {
      report.error([...agent.path, 'role'], `agent "${holder.key}" has this role already`, {
        hint: 'coworkers are found by their role: give each one its own',
      });
    }
  }
}

function checkUse({ agents, tasks }: CrewShape, report: Report): void {
  if (agents.some(({ fields, given }) => fields.allow_delegation ?? given.has('allow_delegation'))) return;
  const atWork = new Set(tasks.map(({ fields }) => fields.agent?.trim()));
  // A task whose agent is in doubt may be anybody's.
  if (agents.length < 2 || [...atWork].some((name) => !agents.some(({ key }) => key === name))) return;
  for (const { key, path } of agents.filter((agent) => !atWork.has(agent.key))) {
    report.warn(path, `agent "${key}" has no task, and no agent delegates`, {
      target: 'key',
      hint: `give a task agent: ${key}, or an agent allow_delegation: true`,
    });
  }
}
