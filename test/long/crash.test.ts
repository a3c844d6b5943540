/**
 * Ten thousand power cuts and more: `npm run test:long -- --seed N` begins with a certain one. A failure names the variant, the
 * seed and the state, which `stateOf` makes again.
 */
import { expect, it } from 'vitest';
import { checkOrder } from '../support/crash-order.js';
import { runCrashes } from '../support/crash-recovery.js';
import { CRASH_VARIANTS, LARGE_VARIANTS } from '../support/crash-variants.js';
import { liveUntilCrash } from '../support/crash-workload.js';

const SEED = Number(process.env.RDB_INSPECT_FUZZ_SEED ?? 1);
const SEEDS = 10;
const STATES = 80;
const LARGE_STATES = 8;

const LIVES = [
  ...CRASH_VARIANTS.map((variant) => [variant.name, variant, STATES] as const),
  ...LARGE_VARIANTS.map((variant) => [variant.name, variant, LARGE_STATES] as const),
];

it.each(LIVES)(
  `comes to what it must from seed ${SEED} on: %s`,
  { timeout: 900_000 },
  async (_name, variant, states) => {
    let count = 0;
    const failures: string[] = [];
    for (let seed = SEED; seed < SEED + SEEDS; seed++) {
      const order = checkOrder((await liveUntilCrash(variant, seed)).files);
      expect(order.broken, `seed ${seed}`).toEqual([]);
      // Every fifth with pages in the middle of files that were not written.
      const report = await runCrashes({ variant, seed, count: states, holes: seed % 5 === 0 });
      count += report.recoveries;
      failures.push(...report.failures);
    }
    expect(failures).toEqual([]);
    expect(count).toBe(SEEDS * states);
  },
);
