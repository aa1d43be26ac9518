import { formatPath } from '../util/format-path.js';
import type { ManagerShape } from './crew-parts.js';
import type { CrewShape } from './crew-shape.js';
import { resolveAgent, type AgentOptions } from './resolve-agents.js';
import type { ModelResolver } from './resolve-models.js';
import type { AgentDefinition } from './types.js';

/** The manager of a hierarchical crew; undefined in a sequential one, or where it is reported. */
export function resolveManager(
  shape: CrewShape,
  models: ModelResolver,
  options: AgentOptions,
): AgentDefinition | undefined {
  const { crew, given, manager } = shape;
  const { report } = options;
  const isCalled = crew.process === 'hierarchical';
  const hasOwnModel = manager?.kind === 'agent' && manager.entry.given.has('llm');
  const resolver = isCalled ? models : models.unused;
  const managerModels =
    crew.manager_llm === undefined
      ? undefined
      : (hasOwnModel ? models.unused : resolver).resolve(crew.manager_llm, ['manager_llm']);
  const managerAgent = manager && resolveManagerAgent(manager, shape.agents, resolver, options, managerModels);
  if (crew.process === 'sequential') {
    for (const key of ['manager_llm', 'manager_agent'].filter((name) => given.has(name))) {
      report.warn([key], 'a sequential crew has no manager', {
        target: 'key',
        hint: 'remove it, or write process: hierarchical',
      });
    }
  }
  if (!isCalled) return undefined;
  if (!given.has('manager_agent') && !given.has('manager_llm')) {
    report.error(['process'], 'a hierarchical crew needs a manager', {
      hint: 'add manager_llm: provider/model, or manager_agent',
    });
  }
  if (hasOwnModel && given.has('manager_llm')) {
    report.warn(['manager_llm'], 'manager_agent has an llm of its own, so this one is not used', { target: 'key' });
  }
  return managerAgent ?? (managerModels && createManager(managerModels, models, options));
}

function resolveManagerAgent(
  manager: ManagerShape,
  agents: CrewShape['agents'],
  models: ModelResolver['unused'],
  options: AgentOptions,
  managerModels: AgentDefinition['models'] | undefined,
): AgentDefinition | undefined {
  const { report } = options;
  const path = ['manager_agent'];
  const name = manager.kind === 'name' ? manager.name : manager.entry.fields.role?.trim();
  const twin = agents.find(
    ({ key, fields }) =>
      (manager.kind === 'name' && key === name) ||
      (name !== undefined && fields.role?.trim().toLowerCase() === name.toLowerCase()),
  );
  if (twin) {
    report.error(path, `"${name}" is among the agents too (${formatPath(twin.path)}); a manager must not be`, {
      target: 'key',
      hint: `move ${formatPath(twin.path)} to manager_agent`,
    });
  } else if (manager.kind === 'name') {
    report.error(path, `"${name}" is neither an agent's map nor the path of a file with one`, {
      hint: 'write role, goal and backstory below manager_agent',
    });
  }
  if (manager.kind === 'name') return undefined;
  return resolveAgent(manager.entry, models, options, managerModels && (() => managerModels));
}

/** The manager of a crew that only names its model. */
function createManager(
  managerModels: AgentDefinition['models'],
  models: ModelResolver,
  options: AgentOptions,
): AgentDefinition {
  const fields = {
    role: 'Crew Manager',
    goal: 'Get every task done well by the coworker who is best at it.',
    backstory: 'You know what each coworker can do, hand out clear work and accept only what meets the expectations.',
    allow_delegation: true,
  };
  const entry = { key: 'manager', path: ['manager_llm'], fields, given: new Set<string>() };
  return resolveAgent(entry, models, options, () => managerModels);
}
