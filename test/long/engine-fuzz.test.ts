/** The engine beside a live server, seed after seed: `npm run test:long -- --seed N` begins with a certain one. */
import { it } from 'vitest';
import { fuzzEngine } from '../support/engine-fuzz.js';

const SEED = Number(process.env.RDB_INSPECT_FUZZ_SEED ?? 1);
const SEEDS = 20;

it.each(Array.from({ length: SEEDS }, (_, index) => SEED + index))(
  'is as the server in everything, seed %i',
  fuzzEngine,
);
