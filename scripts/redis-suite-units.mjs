/** Which units of the suite are run, how many tests each has with the real server, and which of them are known to fail. */
import fs from 'node:fs';
import path from 'node:path';
import { NOTHING_KNOWN, readKnown } from './redis-suite-known.mjs';
import { root } from './setup.mjs';

/**
 * @typedef {import('./redis-suite-known.mjs').Mode} Mode
 * @typedef {import('./redis-suite-known.mjs').KnownUnit} KnownUnit
 * @typedef {Record<Mode, Record<string, number>>} Baseline tests by mode and unit
 * @typedef {{ mode: Mode, unit: string }} Job
 */

/** @type {readonly Mode[]} */
export const MODES = ['external', 'spawn'];

/**
 * Commands and types, against a server that runs; persistence, with servers that the suite starts and kills.
 * @type {Readonly<Record<Mode, readonly string[]>>}
 */
export const CORE = {
  external: [
    'unit/dump',
    'unit/protocol',
    'unit/keyspace',
    'unit/scan',
    'unit/info-command',
    'unit/type/string',
    'unit/type/incr',
    'unit/type/list',
    'unit/type/list-3',
    'unit/type/set',
    'unit/type/zset',
    'unit/type/hash',
    'unit/type/stream',
    'unit/type/stream-cgroups',
    'unit/sort',
    'unit/expire',
    'unit/other',
    'unit/multi',
    'unit/quit',
    'unit/pubsub',
    'unit/bitops',
    'unit/bitfield',
    'unit/geo',
    'unit/hyperloglog',
    'unit/lazyfree',
  ],
  spawn: [
    'integration/aof',
    'integration/aof-multi-part',
    'integration/rdb',
    'integration/convert-zipmap-hash-on-load',
    'integration/convert-ziplist-hash-on-load',
    'integration/convert-ziplist-zset-on-load',
    'integration/corrupt-dump',
    'integration/corrupt-dump-fuzzer',
    'integration/dismiss-mem',
    'unit/aofrw',
    'unit/dump',
  ],
};

const FOLDER = path.join(root, 'test', 'redis-suite');
const BASELINE = path.join(FOLDER, 'baseline.json');

/** @returns {Baseline} */
export function readBaseline() {
  return JSON.parse(fs.readFileSync(BASELINE, 'utf8'));
}

/** @param {Baseline} baseline */
export function writeBaseline(baseline) {
  fs.writeFileSync(BASELINE, `${JSON.stringify(baseline, null, 2)}\n`);
}

/** @returns {(job: Job) => KnownUnit} */
export function knownUnits() {
  const units = readKnown(fs.readFileSync(path.join(FOLDER, 'known.md'), 'utf8'));
  const baseline = readBaseline();
  const names = MODES.flatMap((mode) => Object.keys(baseline[mode]).map((unit) => `${mode} ${unit}`));
  const unheard = [...units.keys()].find((name) => !names.includes(name));
  if (unheard !== undefined) throw new Error(`known.md is about a unit that baseline.json does not have: ${unheard}`);
  return ({ mode, unit }) => units.get(`${mode} ${unit}`) ?? NOTHING_KNOWN;
}

/**
 * A unit that is named without a mode is run in the modes in which it belongs to the core, else in all that the baseline has.
 * @param {readonly string[]} named
 * @param {{ mode: Mode | undefined, all: boolean, baseline: Baseline }} options
 * @returns {Job[]}
 */
export function chooseJobs(named, { mode, all, baseline }) {
  const modes = mode === undefined ? MODES : [mode];
  const jobs = modes.flatMap((each) => {
    const known = Object.keys(baseline[each]);
    const chosen = named.length > 0 ? named.filter((unit) => known.includes(unit)) : all ? known : CORE[each];
    return chosen.map((unit) => ({ mode: each, unit }));
  });
  const unknown = named.find((unit) => !jobs.some((job) => job.unit === unit));
  if (unknown !== undefined) throw new TypeError(`baseline.json has no ${mode ?? 'unit'} ${unknown}`);
  if (named.length === 0 || mode !== undefined) return jobs;
  const inCore = (/** @type {Job} */ job) => CORE[job.mode].includes(job.unit);
  return jobs.filter((job) => inCore(job) || !MODES.some((each) => CORE[each].includes(job.unit)));
}
