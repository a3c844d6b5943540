/** Every form of commands that we write of the dumps of real servers, replayed, gives their datasets back. */
import { afterAll, describe, expect, it } from 'vitest';
import { EncodeError } from '../../src/bytes/errors.js';
import { formatQuoted } from '../../src/bytes/quote.js';
import { canonicalLines } from '../../src/engine/canonical.js';
import { digestEngine } from '../../src/engine/digest.js';
import { replayLog } from '../../src/engine/replay-log.js';
import { snapshot } from '../../src/engine/snapshot.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { SourceTarget } from '../../src/rdb/source-target.js';
import { findTarget, type Target } from '../../src/rdb/versions.js';
import { commandRun, type RunOptions } from '../support/command-run.js';
import { listFixtures, readFixture } from '../support/fixtures.js';
import { memoryLog } from '../support/memory-log.js';
import { sayable } from '../support/sayable.js';

/**
 * Values of modules, which have no commands but RESTORE, are tested where those are written. The other cases that are left out
 * hold the same kinds of values once more.
 */
const FIXTURES = listFixtures().filter(({ case: name }) => /^(types|streams|hfe|expired|lru|cluster)$/.test(name));
/** One of each generation that has forms of its own. */
const REWRITERS = [
  'redis:2.4',
  'redis:2.6',
  'redis:5.0',
  'redis:6.2',
  'redis:7.0',
  'redis:7.4',
  'redis:8.6',
  'valkey:9.0',
];
const RESTORERS = ['redis:2.8', 'redis:3.2', 'redis:5.0', 'redis:7.0', 'redis:8.6', 'valkey:9.1'];
/** Has room for whatever a log may hold. */
const ROOMY = findTarget('redis:8.10')!;

/** After everything that the fixtures tell of. */
const NOW_MS = Date.UTC(2030, 0);

let compared = 0;
let digests = 0;

describe.each(FIXTURES)('the commands of $name', ({ name }) => {
  const file = readFixture(name);
  const writer = writerOf(file);
  const negativeZeros = keysWithNegativeZero(file);

  it.each(REWRITERS)('as %s rewrites them', async (server) => {
    await compare(findTarget(server)!, { format: 'resp' });
  });

  it.each(RESTORERS)('as payloads for %s', async (server) => {
    await compare(findTarget(server)!, { format: 'restore' });
  });

  async function compare(target: Target, options: RunOptions): Promise<void> {
    const log = commandsFor(file, { ...options, target });
    // What cannot be said, and what is lost, is tested where commands are written.
    if (log === undefined) return;
    const found = await held(log, target);
    const wanted = await held(file, target);
    const said = (lines: readonly string[]): readonly string[] => sayable(lines, older(writer, target));
    expect(found.refused).toBe(0);
    const differing = difference(said(found.lines), said(wanted.lines));
    const isUnsaid = unsaidIn(name, `${options.format} ${target.name}`, differing);
    const isZero = (line: string): boolean => negativeZeros.has(line.split(' ').slice(1, 3).join(' '));
    expect(differing.filter((line) => !isUnsaid(line) && !isZero(line))).toEqual([]);
    compared++;
    // A packed set loses the sign of a zero where commands put it in, and keeps it where it is loaded as it is.
    if (negativeZeros.size > 0 || differing.some((line) => line.includes(' digest='))) return;
    expect(found.digest).toBe(wanted.digest);
    digests++;
  }
});

afterAll(() => {
  expect(compared).toBeGreaterThan(400);
  expect(digests).toBeGreaterThan(200);
  expect(UNSAID.filter((rule) => !heeded.has(rule))).toEqual([]);
});

type Unsaid = readonly [fixture: RegExp, form: RegExp, line: RegExp];

/** What does not come back, by fixture and form, and why. */
const UNSAID: readonly Unsaid[] = [
  // XCLAIM makes nothing pending of an entry that is gone, on no server.
  [/./, /^resp/, /^- .* pending [59]-0 /],
  // Before 6.2 there is no command for a consumer with nothing pending.
  [/./, /^resp redis:5\.0/, /^- .* consumer "(alice|idle-consumer)"$/],
  // Release candidates had functions in another form.
  [/^redis-7\.0rc1/, /./, /^. function "oldlib2?"/],
  // Before 5.0 payloads have the life that is left: at least a millisecond.
  [/expired$/, /^restore redis:[23]/, /^. 0 "gone:/],
  // A field that has expired is left out where fields cannot expire, and is no loss.
  [/expired$/, /^restore redis:(5|7\.0)/, /^. 0 "gone:hfe"/],
];
const heeded = new Set<Unsaid>();

function unsaidIn(name: string, form: string, differing: readonly string[]): (line: string) => boolean {
  const rules = UNSAID.filter(([fixture, forms]) => fixture.test(name) && forms.test(form));
  for (const rule of rules) if (differing.some((line) => rule[2].test(line))) heeded.add(rule);
  return (line) => rules.some(([, , lines]) => lines.test(line));
}

/** As their lines begin. */
function keysWithNegativeZero(file: Uint8Array): ReadonlySet<string> {
  const found = new Set<string>();
  for (const entry of readRdbSync(file)) {
    if (entry.kind !== 'key' || entry.value.type !== 'zset') continue;
    const isOne = entry.value.members.some(({ score }) => Object.is(score, -0));
    if (isOne) found.add(`${entry.db} ${formatQuoted(entry.key, 0, entry.key.length)}`);
  }
  return found;
}

function commandsFor(file: Uint8Array, options: RunOptions): Uint8Array | undefined {
  try {
    const { bytes, losses } = commandRun(file, { nowMs: NOW_MS, ...options });
    return losses.length === 0 ? bytes : undefined;
  } catch (error) {
    if (error instanceof EncodeError) return undefined;
    throw error;
  }
}

interface Held {
  readonly lines: readonly string[];
  readonly digest: string;
  readonly refused: number;
}

/** What this server has in memory once it has loaded a log, which may be a dump alone. */
async function held(log: Uint8Array, target: Target): Promise<Held> {
  const { engine, counts } = await replayLog(memoryLog([log]), { target, clock: () => NOW_MS });
  const lines = await canonicalLines(snapshot(engine, { target: ROOMY }), { target });
  return { lines, digest: digestEngine(engine).digest, refused: counts.refused };
}

function difference(found: readonly string[], wanted: readonly string[]): string[] {
  const [has, should] = [new Set(found), new Set(wanted)];
  return [
    ...found.filter((line) => !should.has(line)).map((line) => `+ ${line}`),
    ...wanted.filter((line) => !has.has(line)).map((line) => `- ${line}`),
  ];
}

function older(a: Target, b: Target): Target {
  return a.version % 80 < b.version % 80 ? a : b;
}

function writerOf(file: Uint8Array): Target {
  const source = new SourceTarget();
  for (const entry of readRdbSync(file)) {
    if (entry.kind === 'header') source.start(entry);
    if (entry.kind === 'aux') source.aux(entry);
  }
  return source.resolve();
}
