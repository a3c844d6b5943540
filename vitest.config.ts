import { configDefaults, defineConfig } from 'vitest/config';

// Live tests need a real redis-server; without REDIS_SERVER they fail rather than skip, unless they are left out by name.
const withoutLive = process.env.RDB_INSPECT_NO_LIVE === '1';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: withoutLive ? [...configDefaults.exclude, 'test/live/**'] : configDefaults.exclude,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
