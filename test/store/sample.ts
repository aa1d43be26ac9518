import type { NewRun, NewStep, NewTask, RunEnd, StepEnd } from '../../src/store/records.js';
import { NO_SPEND, type Spend } from '../../src/util/spend.js';

/** 2026-01-02T03:04:05Z. */
export const START = Date.UTC(2026, 0, 2, 3, 4, 5);

export function newRun(change: Partial<NewRun> = {}): NewRun {
  return {
    id: 'run00001',
    crew: 'brief',
    process: 'sequential',
    definitionPath: '/project/crew.yaml',
    definitionFiles: [{ path: 'crew.yaml', text: 'name: brief\n' }],
    inputs: { topic: 'solar' },
    parentRunId: null,
    startedAt: START,
    workingDirectory: '/project',
    options: {},
    tasks: [newTask({ agent: 'Analyst' }), newTask({ key: 'article', position: 2, description: 'Write it.' })],
    ...change,
  };
}

export function newTask(change: Partial<NewTask> = {}): NewTask {
  return {
    key: 'research',
    position: 1,
    description: 'Research solar.',
    expectedOutput: change.key === 'article' ? 'Words.' : 'Facts.',
    agent: null,
    fingerprint: {},
    ...change,
  };
}

export function newStep(change: Partial<NewStep> = {}): NewStep {
  return {
    runId: 'run00001',
    path: 'research/llm/1',
    kind: 'model',
    taskKey: 'research',
    agent: 'Analyst',
    name: 'openai/gpt-4o',
    fingerprint: '0123456789abcdef',
    request: { messages: [{ role: 'user', text: 'Research solar.' }] },
    startedAt: START,
    hasEffects: false,
    ...change,
  };
}

export function stepEnd(change: Partial<StepEnd> = {}): StepEnd {
  return {
    runId: 'run00001',
    path: 'research/llm/1',
    name: 'openai/gpt-4o',
    status: 'completed',
    response: { content: [{ type: 'text', text: 'Sunny.' }], finishReason: 'stop' },
    isError: false,
    spend: NO_SPEND,
    error: null,
    endedAt: START + 1000,
    ...change,
  };
}

export function runEnd(change: Partial<RunEnd> = {}): RunEnd {
  return { status: 'completed', exitCode: 0, spend: NO_SPEND, error: null, endedAt: START + 5000, ...change };
}

/** The spend of one call. */
export function spend(inputTokens: number, outputTokens: number, costUsd: number | null): Spend {
  return {
    usage: { inputTokens, outputTokens, cachedInputTokens: 0, reasoningTokens: 0, requests: 1 },
    costUsd: costUsd ?? 0,
    unpricedRequests: costUsd === null ? 1 : 0,
  };
}
