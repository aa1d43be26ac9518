import type { AgentDefinition, TaskDefinition } from '../definition/types.js';
import { isJsonObject } from '../util/json.js';
import { openConversation } from './agent-prompt.js';
import { callModel, textOf } from './call-model.js';
import { argumentsOf, functionTool } from './loop-tool.js';
import type { RunContext } from './run-context.js';

/** Start of the paths of the manager's choices; no task key can be the same. */
const ORDER_PATH = '@order';

/** Lets the manager choose the next one of the tasks that are ready; file order decides where its answer names none. */
export async function chooseTask(
  run: RunContext,
  options: {
    readonly manager: AgentDefinition;
    readonly ready: readonly TaskDefinition[];
    readonly finished: readonly string[];
    /** 1-based count of the choices in this run. */
    readonly number: number;
  },
): Promise<TaskDefinition> {
  const { manager, ready, finished, number } = options;
  const keys = ready.map(({ key }) => key);
  const conversation = openConversation(manager, {
    system: run.prompts.system(manager, { isManager: true }),
    text: run.prompts.chooseTask(ready, finished),
  });
  const answer = await callModel(
    run,
    { path: ORDER_PATH, taskKey: '' },
    {
      agent: manager,
      conversation,
      tools: [
        functionTool('choose_task', run.prompts.say('choose_task'), {
          type: 'object',
          properties: { task: { type: 'string', enum: keys } },
          required: ['task'],
          additionalProperties: false,
        }),
      ],
      toolsBefore: undefined,
      toolChoice: 'required',
      number,
    },
  );
  const call = answer.content.find((part) => part.type === 'tool-call');
  const args = call ? argumentsOf(call.input) : undefined;
  const named = isJsonObject(args) ? args['task'] : textOf(answer).trim();
  const task = ready.find(({ key }) => key === named);
  if (task) return task;
  const first = ready[0] as TaskDefinition;
  run.emit({
    type: 'warning',
    message: `the manager chose ${JSON.stringify(named)}, which is not a task that is ready; going on with ${first.key}`,
  });
  return first;
}
