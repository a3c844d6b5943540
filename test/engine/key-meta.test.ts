/** Metadata of modules (Redis 8.6+): it stays with its key, and goes with it. */
import { describe, expect, it } from 'vitest';
import { canonicalLines } from '../../src/engine/canonical.js';
import { Engine } from '../../src/engine/engine.js';
import { loadKey } from '../../src/engine/load.js';
import { replayLog } from '../../src/engine/replay-log.js';
import { replaySource } from '../../src/engine/replay-source.js';
import { snapshot } from '../../src/engine/snapshot.js';
import { decodeDump } from '../../src/rdb/dump.js';
import type { KeyMeta } from '../../src/rdb/model.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { findTarget } from '../../src/rdb/versions.js';
import { logged } from '../support/aof-files.js';
import { testEngine } from '../support/engine-run.js';
import { bytesOf, hex, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { memoryLog } from '../support/memory-log.js';

/** One class with one text. */
const recordOf = (text: string): Uint8Array => bytesOf(0xf3, len(1), hex('21 25 A4 30'), len(5), str(text), len(0));

/** `a` has metadata, `b` has other metadata and expires, `c` has none. */
const BASE = rdbFile(
  'REDIS0013',
  keyRecord(0, 'a', str('1'), recordOf('of a')),
  keyRecord(0, 'b', str('2'), [0xfc, hex('00 d0 5e 25 bb 03 00 00'), recordOf('of b')]),
  keyRecord(0, 'c', str('3')),
);

/** `db key metadata` of every key that has any. */
function metaIn(engine: Engine): string {
  const found: string[] = [];
  for (const entry of snapshot(engine)) {
    if (entry.kind === 'key' && entry.meta !== undefined)
      found.push(`${entry.db}${Buffer.from(entry.key)}=${textOf(entry.meta)}`);
  }
  return found.sort().join(', ');
}

function textOf(meta: readonly KeyMeta[]): string {
  return meta
    .flatMap(({ items }) => items.map(({ value }) => (typeof value === 'object' ? Buffer.from(value) : value)))
    .join();
}

const BOTH = '0a=of a, 0b=of b';

describe('metadata of a key', () => {
  it.each([
    ['INCR a', BOTH],
    ['APPEND a x', BOTH],
    ['SETRANGE a 0 x', BOTH],
    ['EXPIRE a 100', BOTH],
    ['PERSIST b', BOTH],
    ['GETEX b PERSIST', BOTH],
    ['SET d 1', BOTH],
    ['DEL a', '0b=of b'],
    ['UNLINK a b', ''],
    ['GETDEL a', '0b=of b'],
    ['SET a 1', '0b=of b'],
    ['SET b 1 KEEPTTL', '0a=of a'],
    ['SETEX a 10 1', '0b=of b'],
    ['GETSET a 1', '0b=of b'],
    ['MSET a 1 b 1', ''],
    ['PEXPIREAT a 5', BOTH],
    ['RENAME a d', '0b=of b, 0d=of a'],
    ['RENAME a b', '0b=of a'],
    ['RENAME c a', '0b=of b'],
    ['RENAMENX a b', BOTH],
    ['MOVE a 1', '0b=of b, 1a=of a'],
    ['COPY a d', BOTH],
    ['COPY a b REPLACE', '0a=of a'],
    ['BITOP NOT a c', '0b=of b'],
    ['SWAPDB 0 1', '1a=of a, 1b=of b'],
    ['FLUSHDB', ''],
    ['FLUSHALL', ''],
  ])('%s', async (command, left) => {
    const { engine } = await replayLog(memoryLog([BASE, logged(...command.split(' '))]));
    expect(metaIn(engine)).toBe(left);
  });

  it('goes with a key that has expired', async () => {
    const { engine } = await replayLog(memoryLog([BASE, logged('PEXPIREAT', 'a', '5')]));
    expect(metaIn(engine)).toBe(BOTH);
    engine.database(0).get('a');
    expect(metaIn(engine)).toBe('0b=of b');
  });

  it('is in what DUMP gives, and comes back with it', () => {
    const { engine, run } = testEngine({ target: 'redis:8.6' });
    for (const entry of readRdbSync(BASE)) if (entry.kind === 'key') loadKey(engine, entry);
    const [withMeta, without] = [run('DUMP', 'a') as string, run('DUMP', 'c') as string];
    expect(decodeDump(Buffer.from(withMeta, 'latin1')).meta).toMatchObject([{ items: [{ kind: 'string' }] }]);
    expect([run('RESTORE', 'd', 0, withMeta), metaIn(engine)]).toEqual(['+OK', `${BOTH}, 0d=of a`]);
    expect([run('RESTORE', 'd', 0, without, 'REPLACE'), metaIn(engine)]).toEqual(['+OK', BOTH]);
  });

  it('is written again', async () => {
    const replay = await replayLog(memoryLog([BASE]));
    const source = replaySource(replay);
    const bytes = new Uint8Array(4096);
    const file = bytes.slice(0, source.read(bytes, 0, bytes.length));
    expect(await canonicalLines(readRdbSync(file))).toEqual(await canonicalLines(readRdbSync(BASE)));
  });

  it('needs a server that has it', async () => {
    const { engine, generation } = await replayLog(memoryLog([BASE]), { target: 'redis:7.2' });
    expect([engine.settings.target.name, generation.name]).toEqual(['redis:7.2', 'redis:8.6']);
    expect(metaIn(engine)).toBe('');
    const found = [...snapshot(engine, { target: generation })].filter((entry) => entry.kind === 'key' && entry.meta);
    expect(found).toHaveLength(2);
  });

  it('is replaced by that of a later entry', () => {
    const engine = new Engine({ target: findTarget('redis:8.6')! });
    const [first, second, third] = [...readRdbSync(BASE)].filter((entry) => entry.kind === 'key');
    loadKey(engine, first!);
    loadKey(engine, { ...second!, key: first!.key });
    expect(metaIn(engine)).toBe('0a=of b');
    loadKey(engine, { ...third!, key: first!.key });
    expect([metaIn(engine), engine.database(0).hasMeta]).toEqual(['', false]);
  });
});
