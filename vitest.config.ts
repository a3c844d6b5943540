import os from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

const exclude = [...configDefaults.exclude];
// Live tests need a real redis-server; without REDIS_SERVER they fail rather than skip, unless they are left out by name.
if (process.env.RDB_INSPECT_NO_LIVE === '1') exclude.push('test/live/**');
// Tests of the HTML report need a Chromium: CHROMIUM, or one in PATH.
if (process.env.RDB_INSPECT_NO_BROWSER === '1') exclude.push('test/browser/**');
// Minutes of fuzzing: npm run test:long asks for them.
if (process.env.RDB_INSPECT_LONG !== '1') exclude.push('test/long/**');

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude,
    // One for each processor: the main thread only waits. By default one processor would be left to it.
    maxWorkers: os.availableParallelism(),
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
