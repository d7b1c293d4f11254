import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/helpers/database-server.ts'],
    // Limits that end a test which hangs; no test measures time. A machine with two busy cores must stay below them.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    maxWorkers: 2,
    // Modules are loaded once in a worker, not once in each file: half of the time of short files. No test mocks or changes one.
    isolate: false,
  },
});
