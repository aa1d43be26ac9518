import type { ToolContext } from '../../src/tools/tool.js';

/** What a tool is handed in tests; its log goes nowhere. */
export function toolContext(overrides: Partial<ToolContext> = {}): ToolContext {
  return {
    signal: new AbortController().signal,
    runId: 'r1234567',
    taskKey: 'research',
    stepPath: 'research/tool/call_1',
    workingDirectory: '/project',
    log: () => undefined,
    ...overrides,
  };
}
