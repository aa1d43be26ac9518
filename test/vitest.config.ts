import { defineConfig } from 'vitest/config';

/** Where `.ci/run` reads its counts from. */
const { TEST_REPORT } = process.env;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    reporters: TEST_REPORT ? ['default', ['json', { outputFile: TEST_REPORT }]] : ['default'],
    setupFiles: ['test/helpers/setup.ts'],
  },
});
