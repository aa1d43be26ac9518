import { defineConfig } from 'vitest/config';

/** Where `.ci/run` reads its counts from. */
const { TEST_REPORT } = process.env;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // What is waited for is the start of a process, which takes its time on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    reporters: TEST_REPORT ? ['default', ['json', { outputFile: TEST_REPORT }]] : ['default'],
    setupFiles: ['test/helpers/setup.ts'],
  },
});
