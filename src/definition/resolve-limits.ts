import { parseDuration } from '../util/duration.js';
import { agentEntries } from './crew-parts.js';
import type { CrewShape } from './crew-shape.js';
import type { Report } from './report.js';
import type { CrewDefinition } from './types.js';

/** The limits of a crew. Warns of a rate limit that is shared and not there. */
export function resolveLimits(
  shape: CrewShape,
  report: Report,
): Pick<CrewDefinition, 'limits' | 'maxRpm' | 'maxTpm' | 'shareRateLimit'> {
  const { crew } = shape;
  const { limits = {}, share_rate_limit: shareRateLimit = false } = crew;
  const { budget_usd: budgetUsd, timeout, max_model_calls: maxModelCalls, max_tokens: maxTokens } = limits;
  const rates = [crew.max_rpm, limits.max_rpm].filter((rate) => rate !== undefined);
  const isRated = (given: ReadonlySet<string>): boolean => given.has('max_rpm') || given.has('max_tpm');
  const hasRate =
    rates.length > 0 || crew.max_tpm !== undefined || agentEntries(shape).some((agent) => isRated(agent.given));
  if (shareRateLimit && !hasRate) {
    report.warn(['share_rate_limit'], 'there is no max_rpm or max_tpm to share', {
      target: 'key',
      hint: 'add max_rpm',
    });
  }
  return {
    limits: {
      ...(budgetUsd !== undefined && { budgetUsd }),
      ...(timeout !== undefined && { timeoutMs: parseDuration(timeout) }),
      ...(maxModelCalls !== undefined && { maxModelCalls }),
      ...(maxTokens !== undefined && { maxTokens }),
    },
    maxRpm: rates.length > 0 ? Math.min(...rates) : undefined,
    maxTpm: crew.max_tpm,
    shareRateLimit,
  };
}
