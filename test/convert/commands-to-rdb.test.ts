/** Logs as dumps, as compacted logs and directories; and our own commands of every dump, replayed. */
import { describe, expect, it } from 'vitest';
import { openAofLog } from '../../src/aof/directory/directory.js';
import { EncodeError } from '../../src/bytes/errors.js';
import {
  convertLogToAof,
  convertLogToDirectory,
  convertLogToRdb,
  type LogConvertOptions,
  type LogConvertSummary,
} from '../../src/convert/commands-to-rdb.js';
import { canonicalLines } from '../../src/engine/canonical.js';
import { digestRdb } from '../../src/engine/digest.js';
import { type Replay, replayLog } from '../../src/engine/replay-log.js';
import { replaySource } from '../../src/engine/replay-source.js';
import { snapshot } from '../../src/engine/snapshot.js';
import type { RdbEntry } from '../../src/rdb/model.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { findTarget, TARGETS, type Target } from '../../src/rdb/versions.js';
import { logged } from '../support/aof-files.js';
import { commandRun, commandsOf } from '../support/command-run.js';
import { listFixtures, readFixture } from '../support/fixtures.js';
import { MemoryFiles } from '../support/memory-files.js';
import { memoryLog } from '../support/memory-log.js';

/** As far as servers before 2.6 can say. */
const FAR = '2100000000000';
const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const commands = (...lines: readonly string[]): Uint8Array =>
  joined(...lines.map((line) => logged(...line.split(' '))));

const MIXED = commands(
  'SET plain value',
  `SET expiring v PXAT ${FAR}`,
  'RPUSH list a b c',
  'SADD set 1 2 3',
  'ZADD zset 1.5 a 2 b',
  'HSET hash f v g w',
  'SELECT 4',
  'SET other 1',
);

async function toRdb(log: Uint8Array, options: LogConvertOptions = {}): Promise<[RdbEntry[], LogConvertSummary]> {
  const parts: Uint8Array[] = [];
  const summary = await convertLogToRdb(memoryLog([log]), (bytes) => void parts.push(bytes.slice()), options);
  return [[...readRdbSync(joined(...parts))], summary];
}

function keysOf(entries: readonly RdbEntry[]): string[] {
  return entries.flatMap((entry) =>
    entry.kind === 'key' ? [`${entry.db} ${Buffer.from(entry.key).toString()} ${entry.value.type}`] : [],
  );
}

const target = (name: string): Target => findTarget(name)!;

describe('a log as a dump', () => {
  it('has all keys, for the server that the log speaks of', async () => {
    const [entries, summary] = await toRdb(MIXED);
    expect(entries[0]).toMatchObject({ kind: 'header', magic: 'REDIS', version: 10 });
    expect(keysOf(entries)).toEqual([
      ...['plain string', 'expiring string', 'list list', 'set set', 'zset zset', 'hash hash'].map((key) => `0 ${key}`),
      '4 other string',
    ]);
    expect(entries).toContainEqual(expect.objectContaining({ kind: 'key', expireAtMs: Number(FAR) }));
    expect(summary).toMatchObject({
      keysRead: 7,
      keysWritten: 7,
      commands: 8,
      refused: 0,
      target: 'redis:7.0',
      lost: [],
    });
  });

  it.each(TARGETS.map(({ name }) => name))('for %s', async (name) => {
    const [entries] = await toRdb(MIXED, { target: target(name) });
    const { magic, version } = target(name);
    expect(entries[0]).toMatchObject({ magic, version });
    const wanted = await canonicalLines((await toRdb(MIXED))[0], { target: target(name) });
    expect(await canonicalLines(entries, { target: target(name) })).toEqual(wanted);
  });

  it('loses what the target cannot hold, by the policy', async () => {
    const log = commands('HSET h a 1 b 2', `HPEXPIREAT h ${FAR} FIELDS 1 a`, 'SET s 1');
    await expect(toRdb(log, { target: target('redis:7.2') })).rejects.toThrow(EncodeError);
    const [dropped] = await toRdb(log, { target: target('redis:7.2'), onUnsupported: 'drop' });
    expect(keysOf(dropped)).toEqual(['0 s string']);
    const [converted, summary] = await toRdb(log, { target: target('redis:7.2'), onUnsupported: 'convert' });
    expect(keysOf(converted)).toEqual(['0 h hash', '0 s string']);
    expect(summary.lost).toMatchObject([{ what: 'field-expiry', count: 1 }]);
    expect((await toRdb(log))[1].target).toBe('redis:7.4');
  });

  it('with filters, other databases, other expiries', async () => {
    const [entries] = await toRdb(MIXED, {
      filter: { types: ['string'] },
      dbMap: new Map([[4, 1]]),
      setTtl: { action: 'strip' },
    });
    expect(keysOf(entries)).toEqual(['0 plain string', '0 expiring string', '1 other string']);
    expect(entries.some((entry) => entry.kind === 'key' && entry.expireAtMs !== undefined)).toBe(false);
  });

  it('with scripts left out, and with its end cut off', async () => {
    const log = joined(MIXED, logged('EVAL', 'return 1', '0'), commands('MULTI', 'SET never 1'));
    await expect(toRdb(log)).rejects.toMatchObject({ code: 'UNKNOWN_COMMAND', offset: MIXED.length });
    await expect(toRdb(log, { onUnknown: 'skip' })).rejects.toMatchObject({ code: 'OPEN_TRANSACTION' });
    const [entries, { skipped }] = await toRdb(log, { onUnknown: 'skip', onTruncated: 'stop' });
    expect([...skipped]).toEqual([['EVAL', 1]]);
    expect(keysOf(entries)).toHaveLength(7);
  });
});

describe('a log as a compacted log', () => {
  const log = joined(MIXED, commands('SELECT 0', 'DEL list', 'SET plain other', 'INCR n', 'INCR n'));

  it('of one file', async () => {
    const parts: Uint8Array[] = [];
    const summary = await convertLogToAof(memoryLog([log]), (bytes) => void parts.push(bytes));
    const lines = commandsOf(joined(...parts)).map((args) => args.join(' '));
    expect(lines).toContain('SET n 2');
    expect(lines.filter((line) => line.startsWith('SET plain'))).toEqual(['SET plain other']);
    expect(summary).toMatchObject({ keysRead: 7, commands: 13 });
    expect(await linesOf(await replayLog(memoryLog(parts.length === 1 ? parts : [joined(...parts)])))).toEqual(
      await linesOf(await replayLog(memoryLog([log]))),
    );
  });

  it.each(['rdb', 'aof'] as const)('in a directory with a base in %s', async (base) => {
    const files = new MemoryFiles();
    const summary = await convertLogToDirectory(memoryLog([log]), '/data/appendonlydir', files, { base });
    expect(summary.keysWritten).toBe(7);
    const again = openAofLog('/data/appendonlydir', files);
    expect(again.files.map(({ role }) => role)).toEqual(['base', 'incr']);
    expect(again.files[1]!.sizeBytes).toBe(0);
    expect(await linesOf(await replayLog(again))).toEqual(await linesOf(await replayLog(memoryLog([log]))));
  });
});

/** What commands cannot say, and what is therefore not replayed. */
const UNSAYABLE = /module|vset|vectors/;

describe.each(listFixtures().filter(({ name }) => !UNSAYABLE.test(name)))('the commands of $name', ({ name }) => {
  it('give the dataset back', async () => {
    const file = readFixture(name);
    const run = commandRun(file, { onUnsupported: 'convert' });
    const { target } = await digestRdb(file);
    const { engine, counts } = await replayLog(memoryLog([run.bytes]), { target });
    expect(counts.refused).toBe(0);
    // As the server holds it that loads the dump: old ones know less of their streams.
    const loaded = await replayLog(memoryLog([file]), { target });
    const wanted = await canonicalLines(snapshot(loaded.engine), { target });
    const found = await canonicalLines(snapshot(engine), { target });
    const kept = (lines: readonly string[]): string[] => sayable(lines, name, target);
    expect(kept(found)).toEqual(kept(wanted));
  });
});

async function linesOf(replay: Replay): Promise<string[]> {
  const source = replaySource(replay);
  const parts: Uint8Array[] = [];
  for (;;) {
    const part = new Uint8Array(65_536);
    const count = source.read(part, 0, part.length);
    if (count === 0) break;
    parts.push(part.subarray(0, count));
  }
  return await canonicalLines(readRdbSync(joined(...parts)));
}

const COUNTERS = / (deleted|added|read|duplicates)=\S+/g;

/**
 * What commands carry: not when a consumer was last seen, not what is pending of an entry that is gone (5-0 and 9-0 in all fixtures),
 * not how many entries were added twice; before 7.0 no counters of streams, before 6.2 no consumers without anything pending.
 */
function sayable(lines: readonly string[], name: string, { version }: Target): string[] {
  const lost = [/^module-aux/, / pending [59]-0 /];
  if (name.startsWith('redis-5.0')) lost.push(/ consumer "alice"/);
  // Release candidates had functions in another form, and kept the sign of a zero where 7.0 does not.
  if (name.startsWith('redis-7.0rc1')) lost.push(/^function "oldlib/, /"zset:scores"/);
  return lines
    .filter((line) => !lost.some((pattern) => pattern.test(line)))
    .map((line) => line.replace(/ seen=\d+ active=\S+$/, ''))
    .map((line) => (version < 10 || line.includes(' idmp ') ? line.replace(COUNTERS, '') : line));
}
