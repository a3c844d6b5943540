/**
 * Damaged dumps, for minutes: whatever the bytes are, a reader ends soon with a value or a typed error, holds little, and
 * does the same however the bytes arrive. `npm run test:long -- --seed N` begins with a certain case.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fromBase64, listFixtures, readFixture, readTruth } from '../support/fixtures.js';
import { smallFiles } from '../support/records.js';
import { Values } from '../support/workload-values.js';
import { type Damaged, damage } from './damage.js';
import { checkDeep, type Outcome, readDump, readInPieces, readWhole } from './outcome.js';

const MINUTES = Number(process.env.RDB_INSPECT_FUZZ_MINUTES ?? 3);
const SEED = Number(process.env.RDB_INSPECT_FUZZ_SEED ?? 1);
/** Cases, where a certain failure is looked for. */
const CASES = Number(process.env.RDB_INSPECT_FUZZ_CASES ?? Infinity);

const MAX_BLOB_BYTES = 1024 * 1024;
const MAX_CASE_MS = 2000;
/** Of the process, on top of what it has when the files are loaded; the collector is in no hurry. */
const MAX_GROWTH_BYTES = 512 * 1024 * 1024;
const MAX_FAILURES = 20;

const fixtures = listFixtures().map(({ name }) => ({ name, bytes: readFixture(name) }));
/** A damaged byte is likely to hit structure in these. */
const small = smallFiles();
const dumps = listFixtures().flatMap((fixture) => {
  const payloads = readTruth(fixture).keys.flatMap(({ dump }) => (dump === undefined ? [] : [fromBase64(dump)]));
  return payloads.map((bytes) => ({ name: `a payload of ${fixture.name}`, bytes }));
});

it(`reads damaged files within bounds, and the same in pieces (${MINUTES} minutes, seed ${SEED})`, {
  timeout: MINUTES * 60_000 + 120_000,
}, async () => {
  const deadline = performance.now() + MINUTES * 60_000;
  const before = process.memoryUsage.rss();
  const failures: string[] = [];
  const tally: Tally = { refused: 0, mostMs: 0, mostBytes: before };
  let count = 0;
  for (; count < CASES && performance.now() < deadline && failures.length < MAX_FAILURES; count++) {
    const failure = await runCase(SEED + count, tally);
    if (failure !== undefined) failures.push(failure);
    if (count % 64 === 0) tally.mostBytes = Math.max(tally.mostBytes, process.memoryUsage.rss());
  }
  const growth = tally.mostBytes - before;
  console.log(
    `${count} damaged files, ${tally.refused} refused; the slowest took ${tally.mostMs.toFixed(0)} ms; ` +
      `memory grew by ${(growth / 1024 / 1024).toFixed(0)} MiB`,
  );
  expect(failures).toEqual([]);
  expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
});

/** Undefined where everything is as it should be. */
async function runCase(seed: number, tally: Tally): Promise<string | undefined> {
  const values = new Values(seed);
  const asDump = values.chance(0.1);
  const { name, bytes } = values.pick(asDump ? dumps : values.chance(0.6) ? small : fixtures);
  const damaged = damage(bytes, values.pick(fixtures).bytes, values);
  try {
    const { ok, wrong } = await timed(tally, () =>
      asDump ? decodeAlone(damaged.bytes, values) : compareReaders(damaged.bytes, values),
    );
    if (!ok) tally.refused++;
    if (wrong === undefined) return undefined;
    return describeFailure(seed, `${name}, ${damaged.how}: ${wrong}`, damaged);
  } catch (error) {
    return describeFailure(seed, `${name}, ${damaged.how}: ${(error as Error).stack}`, damaged);
  }
}

interface Tally {
  refused: number;
  mostMs: number;
  mostBytes: number;
}

/** The clock is not ours alone: what was too slow is tried once more. */
async function timed<T>(tally: Tally, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    const startedAt = performance.now();
    const result = await work();
    const ms = performance.now() - startedAt;
    if (ms > MAX_CASE_MS && tries < 2) continue;
    if (ms > MAX_CASE_MS) throw new Error(`took ${ms.toFixed(0)} ms`);
    tally.mostMs = Math.max(tally.mostMs, ms);
    return result;
  }
}

interface Verdict {
  readonly ok: boolean;
  readonly wrong: string | undefined;
}

async function decodeAlone(payload: Uint8Array, values: Values): Promise<Verdict> {
  const { ok } = readDump(payload, { deep: values.chance(0.5), maxBlobBytes: MAX_BLOB_BYTES });
  return { ok, wrong: undefined };
}

async function compareReaders(file: Uint8Array, values: Values): Promise<Verdict> {
  const options = { deep: values.chance(0.5), maxBlobBytes: MAX_BLOB_BYTES };
  const most = 2 ** (1 + values.below(17));
  const size = () => 1 + values.below(most);
  // From one byte to 64 MiB, small ones as often as large ones.
  const largeValueBytes = Math.floor(2 ** (values.below(2601) / 100));
  const outcomes: Outcomes = {
    whole: readWhole(file, options),
    onePiece: readInPieces(file, options, () => file.length),
    pieces: readInPieces(file, options, size),
    parts: readInPieces(file, options, size, largeValueBytes),
    checked: await checkDeep(file, MAX_BLOB_BYTES),
  };
  const wrong = whatIsWrong(file, outcomes);
  if (wrong === undefined) return { ok: outcomes.whole.ok, wrong };
  const all = Object.entries(outcomes).map(([reader, { text }]) => `${reader}: ${text}`);
  const how = `deep ${options.deep}, pieces of up to ${most}, values from ${largeValueBytes} in parts`;
  return { ok: outcomes.whole.ok, wrong: `${wrong} (${how}): ${all.join(', ')}` };
}

interface Outcomes {
  /** By readRdbSync. */
  readonly whole: Outcome;
  /** By RdbDecoder: written at once, in pieces, and with values in parts. */
  readonly onePiece: Outcome;
  readonly pieces: Outcome;
  readonly parts: Outcome;
  readonly checked: Outcome;
}

/** Undefined where they agree. */
function whatIsWrong(file: Uint8Array, { whole, onePiece, pieces, parts, checked }: Outcomes): string | undefined {
  if (checked.ok && !whole.ok) return 'the check finds nothing';
  if (pieces.text !== onePiece.text) return 'the size of pieces makes a difference';
  // An error inside a value that also ends too early is found first by whoever does not wait for its end.
  if (parts.ok !== pieces.ok || (pieces.ok && parts.text !== pieces.text)) return 'parts make a difference';
  if (whole.text === pieces.text || (!whole.ok && seesMore(file, whole, pieces))) return undefined;
  return 'entries and events differ';
}

/**
 * Whoever knows where the file ends sees at once that a length or a count leads beyond it; others read on until they do.
 * And entries have their key's metadata (Redis 8.6), which a visitor is not shown.
 */
function seesMore(file: Uint8Array, whole: Outcome, pieces: Outcome): boolean {
  if (whole.code === 'TRUNCATED') return !pieces.ok;
  const version = Number(new TextDecoder('latin1').decode(file.subarray(5, 9)));
  return version >= 13 && file.includes(0xf3) && (whole.code === 'BAD_LZF' || whole.code === 'LIMIT_BLOB');
}

/** The file is kept: who mends the failure wants to look at it. */
function describeFailure(seed: number, what: string, { bytes }: Damaged): string {
  const path = join(mkdtempSync(join(tmpdir(), 'rdb-inspect-fuzz-')), `${seed}.rdb`);
  writeFileSync(path, bytes);
  return `--seed ${seed} --cases 1: ${what} (${path})`;
}
