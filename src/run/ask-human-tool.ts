import type { Tool } from '../tools/tool.js';
import { NO_SPEND } from '../util/spend.js';
import { askQuestion } from './ask-human.js';
import { argumentsOf, findRefusal, functionTool, type LoopTool, refuseCall } from './loop-tool.js';
import type { WorkPlace } from './run-context.js';

/** Makes the tool `ask_human` callable by an agent loop at that place: each question is a step that a person answers. */
export function createAskHumanTool(place: WorkPlace, tool: Tool): LoopTool {
  return {
    offer: functionTool(tool.name, tool.description, tool.parameters),
    isAnswer: tool.isAnswer,
    async call(run, call, agentRole) {
      const parsed = await tool.parseArguments(argumentsOf(call.input));
      const reason = parsed.ok
        ? await findRefusal(run, place, parsed.value, { tool, call, agentRole })
        : run.prompts.say('bad_arguments', { reason: parsed.reason });
      if (!parsed.ok || reason !== undefined) return refuseCall(run, place, call, { agentRole, reason: reason ?? '' });
      const text = String(parsed.value['question']);
      const answer = await askQuestion(run, place, { text, agentRole, call });
      return { ...answer, isError: false, spend: NO_SPEND };
    },
  };
}
