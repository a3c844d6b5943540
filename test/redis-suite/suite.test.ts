/** A part of what `npm run test:redis-suite` runs: units that take seconds. */
import { beforeAll, describe, expect, it } from 'vitest';
import { judge } from '../../scripts/redis-suite-known.mjs';
import { OUR_SERVER, runUnit } from '../../scripts/redis-suite-run.mjs';
import { obtainSuite, type Suite } from '../../scripts/redis-suite-source.mjs';
import { CORE, knownUnits, type Mode, readBaseline } from '../../scripts/redis-suite-units.mjs';

const QUICK: readonly (readonly [Mode, string])[] = [
  ['external', 'unit/protocol'],
  ['external', 'unit/type/string'],
  ['external', 'unit/type/incr'],
  ['external', 'unit/type/hash'],
  ['external', 'unit/sort'],
  ['external', 'unit/multi'],
  ['external', 'unit/quit'],
  ['spawn', 'integration/rdb'],
  ['spawn', 'integration/convert-zipmap-hash-on-load'],
  ['spawn', 'integration/convert-ziplist-hash-on-load'],
  ['spawn', 'integration/convert-ziplist-zset-on-load'],
];

const LIMIT_SECONDS = 120;

// It needs redis-cli and a download, as the live tests need a redis-server.
describe.skipIf(process.env.RDB_INSPECT_NO_LIVE === '1')("Redis's test suite", () => {
  let suite: Suite;
  beforeAll(async () => {
    const obtained = await obtainSuite();
    if ('why' in obtained) throw new Error(`Redis's test suite could not be obtained: ${obtained.why}`);
    suite = obtained;
  }, 300_000);

  it.each(QUICK)('%s %s', { timeout: (LIMIT_SECONDS + 30) * 1_000 }, async (mode, unit) => {
    const known = knownUnits()({ mode, unit });
    const leftOut = known.tests.filter(({ fate }) => fate === 'left out').map(({ name }) => name);
    const run = await runUnit({ suite, server: OUR_SERVER, mode, unit, leftOut, limitSeconds: LIMIT_SECONDS });
    run.discard();
    expect(judge(run.log, readBaseline()[mode][unit] ?? 0, known)).toEqual([]);
  });
});

describe('the baseline', () => {
  it.each([
    ['external', 1_391],
    // Twelve of unit/dump are in both.
    ['spawn', 222],
  ] as const)('of the core, %s', (mode, tests) => {
    const baseline = readBaseline()[mode];
    expect(CORE[mode].reduce((sum, unit) => sum + (baseline[unit] ?? 0), 0)).toBe(tests);
  });
});
