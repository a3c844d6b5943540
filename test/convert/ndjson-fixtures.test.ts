/** Every dump of a real server as NDJSON: the text that JSON.stringify would give for the decoded entries. */
import { describe, expect, it } from 'vitest';
import type { KeyEntry } from '../../src/rdb/model.js';
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

  it('has the text of every entry, in file order', () => {
    const keys = [...readRdbSync(file)].filter((entry): entry is KeyEntry => entry.kind === 'key');
    expect(lines.length).toBe(keys.length);
    keys.forEach((entry, index) => {
      // Entries saturate times beyond 2^53, lines do not.
      const exact = entry.expireAtMs === Number.MAX_SAFE_INTEGER;
      const line = exact ? lines[index]!.replace(/"expireAt":"\d+"/, `"expireAt":${entry.expireAtMs}`) : lines[index]!;
      expect(line).toBe(expectedLine(entry));
    });
  });

  it('has the same bytes however the input arrives', () => {
    const small = file.length > MAX_BYTEWISE ? 1021 : 1;
    expect(linesOf(file, { chunk: () => small })).toEqual(lines);
    expect(linesOf(file, { chunk: randomSizes(SEED, 5000) })).toEqual(lines);
  });

  it('has the same content as large values, in bounded pieces', () => {
    const run = exportRun(file, { limits: { largeValueBytes: 1 }, chunk: randomSizes(SEED, 3000) });
    expect(run.lines.map((line) => withoutLarge(JSON.parse(line)))).toEqual(lines.map((line) => normal(JSON.parse(line))));
    expect(Math.max(0, ...run.pieces)).toBeLessThanOrEqual(512 * 1024);
  });

  it('is one array as JSON', () => {
    expect(exportRun(file, { format: 'json' }).text).toBe(
      lines.length === 0 ? '[]\n' : `[${lines.join('\n,')}\n]\n`,
    );
  });
});

type Line = Record<string, unknown> & { type: string; value: unknown; large?: boolean; fieldExpireAt?: unknown };

/** A line in the form that both modes have in common: hashes as pairs with expiry, zsets sorted, nothing decoded. */
function normal(line: Line): Line {
  const { fieldExpireAt, ...rest } = line;
  if (line.type === 'hash') {
    const times = pairsOf(fieldExpireAt ?? {});
    return { ...rest, value: pairsOf(line.value).map(([field, value]) => [field, value, timeOf(times, field)]) };
  }
  if (line.type === 'zset') return { ...rest, value: [...(line.value as unknown[])].map((pair) => JSON.stringify(pair)).sort() };
  if (line.type === 'module') return { ...rest, value: { ...(line.value as object), decoded: undefined } };
  return rest as Line;
}

function withoutLarge(line: Line): Line {
  const { large, ...rest } = line;
  const isLarge = rest.value !== undefined && large === true;
  if (!isLarge) return normal(rest as Line);
  if (line.type !== 'hash') return normal(rest as Line);
  const { $pairs: pairs } = line.value as { $pairs: unknown[][] };
  return { ...rest, value: pairs.map(([field, value, time]) => [field, value, time]) } as Line;
}

function pairsOf(value: unknown): [unknown, unknown][] {
  const { $pairs: pairs } = value as { $pairs?: [unknown, unknown][] };
  return Array.isArray(pairs) ? pairs : Object.entries(value as object);
}

function timeOf(times: readonly [unknown, unknown][], field: unknown): unknown {
  return times.find(([name]) => JSON.stringify(name) === JSON.stringify(field))?.[1];
}
