/** The engine is the server in everything, whatever the commands: three seeds here, twenty by `npm run test:long`. */
import { it } from 'vitest';
import { fuzzEngine } from '../support/engine-fuzz.js';

it.each([101, 102, 103])('is as the server in everything, seed %i', fuzzEngine, 300_000);
