/** Every dump of a real server as NDJSON: the text that JSON.stringify would give for the decoded entries. */
import { describe, expect, it } from 'vitest';
import { readRdbSync } from '../../src/rdb/read.js';
import { listFixtures, readFixture } from '../support/fixtures.js';
import { randomSizes } from '../support/random.js';
import { expectedLine } from './expected-json.js';
import { exportRun, linesOf } from './export-run.js';

const SEED = 20261125;

/** Beyond this size, chunks of few bytes take too long. */
const MAX_BYTEWISE = 64 * 1024;

describe.each(listFixtures())('$name', ({ name }) => {
  const file = readFixture(name);
  const lines = linesOf(file);

  const keys = [...readRdbSync(file)].filter((entry) => entry.kind === 'key');

  it('has the text of every entry, in file order', () => {
    expect(saturated(lines)).toEqual(keys.map((entry) => expectedLine(entry)));
  });

  it('has the same bytes however the input arrives', () => {
    const small = file.length > MAX_BYTEWISE ? 1021 : 1;
    expect(linesOf(file, { chunk: () => small })).toEqual(lines);
    expect(linesOf(file, { chunk: randomSizes(SEED, 5000) })).toEqual(lines);
  });

  it('streams every value as if it were large, in bounded pieces', () => {
    const run = exportRun(file, { limits: { largeValueBytes: 1 }, chunk: randomSizes(SEED, 3000) });
    expect(saturated(run.lines)).toEqual(keys.map((entry) => expectedLine(entry, entry.valueBytes! > 1)));
    expect(Math.max(0, ...run.pieces)).toBeLessThanOrEqual(512 * 1024);
  });

  it('is one array as JSON', () => {
    expect(exportRun(file, { format: 'json' }).text).toBe(lines.length === 0 ? '[]\n' : `[${lines.join('\n,')}\n]\n`);
  });
});

/** Lines have times beyond 2^53 exactly; entries have the nearest safe number. */
function saturated(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line.replace(/"expireAt":\d{17,}|"expireAt":9007199254740993/, `"expireAt":${Number.MAX_SAFE_INTEGER}`),
  );
}
