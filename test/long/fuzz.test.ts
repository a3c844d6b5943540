/**
 * Damaged dumps, for minutes: whatever the bytes are, a reader ends soon with a value or a typed error, holds little, and
 * does the same however the bytes arrive. `npm run test:long -- --seed N` begins with a certain case.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listFixtures, readFixture } from '../support/fixtures.js';
import { smallFiles } from '../support/records.js';
import { Values } from '../support/workload-values.js';
import { type Damaged, damage } from './damage.js';
import { checkDeep, type Outcome, readInPieces, readWhole } from './outcome.js';

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

it(`reads damaged files within bounds, and the same in pieces (${MINUTES} minutes, seed ${SEED})`, {
  timeout: MINUTES * 60_000 + 120_000,
}, async () => {
  const deadline = performance.now() + MINUTES * 60_000;
  const before = process.memoryUsage.rss();
  const failures: string[] = [];
  const tally = { refused: 0, mostMs: 0, mostBytes: before };
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
async function runCase(seed: number, tally: { refused: number; mostMs: number }): Promise<string | undefined> {
  const values = new Values(seed);
  const { name, bytes } = values.chance(0.6) ? values.pick(small) : values.pick(fixtures);
  const damaged = damage(bytes, values.pick(fixtures).bytes, values);
  const what = `--seed ${seed}: ${name}, ${damaged.how}`;
  try {
    const { whole, wrong } = await timed(tally, () => compareReaders(damaged.bytes, values));
    if (!whole.ok) tally.refused++;
    return wrong === undefined ? undefined : `${what}: ${wrong} (${keep(damaged, seed)})`;
  } catch (error) {
    return `${what}: ${(error as Error).stack} (${keep(damaged, seed)})`;
  }
}

/** The clock is not ours alone: what was too slow is tried once more. */
async function timed<T>(tally: { mostMs: number }, work: () => Promise<T>): Promise<T> {
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

async function compareReaders(
  file: Uint8Array,
  values: Values,
): Promise<{ whole: Outcome; wrong: string | undefined }> {
  const options = { deep: values.chance(0.5), maxBlobBytes: MAX_BLOB_BYTES };
  const most = 2 ** (1 + values.below(17));
  const size = () => 1 + values.below(most);
  // From one byte to 64 MiB, small ones as often as large ones.
  const largeValueBytes = Math.floor(2 ** (values.below(2601) / 100));
  const whole = readWhole(file, options);
  const pieces = readInPieces(file, options, size);
  const onePiece = readInPieces(file, options, () => file.length);
  const parts = readInPieces(file, options, size, largeValueBytes);
  const checked = await checkDeep(file, MAX_BLOB_BYTES);
  const all = `deep ${options.deep}, whole: ${whole.text}; in pieces of up to ${most}: ${pieces.text}; values from ${largeValueBytes} in parts: ${parts.text}; check: ${checked.text}`;
  const wrong = whatIsWrong(whole, onePiece, pieces, parts, checked);
  return { whole, wrong: wrong && `${wrong}: ${all}` };
}

/** Undefined where the four agree. */
function whatIsWrong(
  whole: Outcome,
  onePiece: Outcome,
  pieces: Outcome,
  parts: Outcome,
  checked: Outcome,
): string | undefined {
  if (pieces.text !== onePiece.text) return `the size of pieces makes a difference (in one: ${onePiece.text})`;
  if (pieces.text !== whole.text && !isAboutSize(whole, pieces)) return 'pieces make a difference';
  // An error inside a value that also ends too early is found first by whoever does not wait for its end.
  if (parts.ok !== whole.ok || (whole.ok && parts.text !== whole.text)) return 'parts make a difference';
  return checked.ok && !whole.ok ? 'the check finds nothing' : undefined;
}

/** Whoever knows where the file ends sees at once that a length or a count leads beyond it; others read on until they do. */
function isAboutSize(whole: Outcome, pieces: Outcome): boolean {
  return whole.code === 'TRUNCATED' && !pieces.ok;
}

function keep({ bytes }: Damaged, seed: number): string {
  const path = join(mkdtempSync(join(tmpdir(), 'rdb-inspect-fuzz-')), `${seed}.rdb`);
  writeFileSync(path, bytes);
  return path;
}
