import type { HumanStepRequest } from '../journal/step-payloads.js';
import type { HumanStepResponse } from '../journal/human-question.js';
import { pauseDeadlines } from '../limits/deadline.js';
import type { Tool } from '../tools/tool.js';
import type { JsonObject } from '../util/json.js';
import { orAbort } from '../util/or-abort.js';
import { askForPermission, permissionPath } from './ask-human.js';
import type { ToolCall } from './loop-tool.js';
import { hasRulesFor, judgeCall } from './permissions.js';
import type { RunContext, WorkPlace } from './run-context.js';
import { createToolUses } from './tool-uses.js';

/** A call that is about to be carried out. */
export interface GatedCall {
  readonly tool: Pick<Tool, 'name' | 'id' | 'maxUsageCount'>;
  /** Allowed where no rule names it, also where there is a list of what is allowed. */
  readonly needsNoRule?: true;
  /** As the tool takes them. */
  readonly args: JsonObject;
  readonly call: ToolCall;
  readonly agentRole: string;
  /** Path of its step. */
  readonly path: string;
}

/** Lets calls of tools through, as far as the crew's rules, a person and the number of calls before them want it. */
export interface ToolGate {
  /** False where it lets every call of the tool through. */
  minds(tool: Pick<Tool, 'name' | 'id' | 'maxUsageCount'>): boolean;
  /**
   * Why the call is not carried out, in words for the model; undefined where it may be. A person who has to agree is asked as
   * a step of its own, one call at a time. Rejects as `askForPermission` does.
   */
  findRefusal(run: RunContext, place: WorkPlace, call: GatedCall): Promise<string | undefined>;
}

/** The gate of a run; it knows what was called and agreed to in an earlier life of the run. */
export function createToolGate({
  runId,
  definition: { permissions },
  store,
}: Pick<RunContext, 'runId' | 'definition' | 'store'>): ToolGate {
  const uses = createToolUses(store, runId);
  let agreed: Set<string> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const askInTurn = async (run: RunContext, ask: () => Promise<string | undefined>): Promise<string | undefined> => {
    const goOn = pauseDeadlines(run.signal);
    const turn = orAbort(last, run.signal).finally(goOn).then(ask);
    last = turn.catch(() => undefined);
    return turn;
  };

  /** What the person said against it; undefined where they agreed, now or to all such calls before. */
  const findObjection = (run: RunContext, place: WorkPlace, gated: GatedCall, rule: string) =>
    askInTurn(run, async () => {
      agreed ??= findAgreed(store, runId);
      const key = agreementKey(gated.tool.name, rule);
      const isAgreed = agreed.has(key);
      // What was said to this very call comes first, and a question that is open is answered with the others.
      const wasAsked = store.findStep(runId, permissionPath(place, gated.call)) !== undefined;
      if (isAgreed && !wasAsked) return undefined;
      const answer = await askForPermission(run, place, { ...gated, rule, isAgreed });
      if (answer.decision === 'always') agreed.add(key);
      return answer.decision === 'deny' ? run.prompts.deniedByPerson(answer.text) : undefined;
    });

  return {
    minds: (tool) => tool.maxUsageCount !== undefined || hasRulesFor(permissions, tool),
    async findRefusal(run, place, gated) {
      const { tool, args, path, needsNoRule } = gated;
      const verdict = judgeCall(permissions, { tool, args, workingDirectory: run.workingDirectory });
      if (verdict.kind === 'deny' && (verdict.rule !== undefined || !needsNoRule)) {
        return run.prompts.denied(verdict.rule);
      }
      if (!uses.take(tool, path)) {
        return run.prompts.say('used_up', { name: tool.name, count: tool.maxUsageCount ?? 0 });
      }
      const objection = verdict.kind === 'ask' ? await findObjection(run, place, gated, verdict.rule) : undefined;
      if (objection !== undefined) uses.giveBack(tool, path);
      return objection;
    },
  };
}

function findAgreed(store: RunContext['store'], runId: string): Set<string> {
  const answers = store.listSteps(runId, 'human').flatMap(({ name, request, response, status }) => {
    const { rule } = request as HumanStepRequest;
    const isAlways = status === 'completed' && (response as HumanStepResponse).decision === 'always';
    return isAlways && rule !== undefined ? [agreementKey(name, rule)] : [];
  });
  return new Set(answers);
}

function agreementKey(tool: string, rule: string): string {
  return JSON.stringify([tool, rule]);
}
