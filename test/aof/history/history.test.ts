/** The history of a key: what is told of each command, and what is followed. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HistoryEvent, HistoryOptions } from '../../../src/aof/history/history.js';
import { readRdb } from '../../../src/rdb/read.js';
import { joined, logged, text } from '../../support/aof-files.js';
import { bytesOf, rdbFile, str } from '../../support/file-builder.js';
import { FIXTURES } from '../../support/fixtures.js';
import { told } from '../../support/history-told.js';
import { memoryLog } from '../../support/memory-log.js';

/** `SET a 1: a set`, one per event; keys with their database where it is not 0. */
async function lines(commands: readonly string[], key: string, options: HistoryOptions = {}): Promise<string[]> {
  const log = memoryLog([joined(...commands.map((line) => logged(...line.split(' '))))]);
  return (await told(log, key, options)).events.map(line);
}

function line(event: HistoryEvent): string {
  if (event.kind === 'base') return `base: ${place(event)} ${event.type}`;
  const command = event.command.args.map(({ bytes }) => Buffer.from(bytes)).join(' ');
  const effects = event.effects.map(({ kind, others, ...key }) =>
    [place(key), kind, ...(others.length > 0 ? [others.map(place).join(',')] : [])].join(' '),
  );
  return `${command}: ${effects.join('; ')}${event.isVoid ? ' (void)' : ''}`;
}

function place({ db, key }: { readonly db: number; readonly key: { readonly bytes: Uint8Array } }): string {
  return `${Buffer.from(key.bytes)}${db === 0 ? '' : `@${db}`}`;
}

describe('what a command did', () => {
  it.each([
    ['SET k v', 'k set'],
    ['set k v', 'k set'],
    ['INCR k', 'k changed'],
    ['LSET k 0 v', 'k modified'],
    ['SREM k m', 'k elements-removed'],
    ['DEL x k y', 'k deleted'],
    ['GETDEL k', 'k deleted'],
    ['PEXPIREAT k 5', 'k expiry-changed'],
    ['RENAME k x', 'k renamed-to x'],
    ['RENAMENX x k', 'x renamed-to k; k renamed-from x'],
    ['COPY k x DB 3', 'k copied-to x@3'],
    ['MOVE k 2', 'k moved-to k@2; k@2 moved-from k'],
    ['SUNIONSTORE k a b', 'k computed-from a,b'],
    ['SUNIONSTORE d a k', 'k used-for d'],
    ['SORT k STORE d', 'k used-for d'],
    ['SORT x STORE k', 'k computed-from x'],
    ['BITOP AND k a k', 'k computed-from a,k; k used-for k'],
    ['ZRANGESTORE k x 0 1', 'k computed-from x'],
    ['PFMERGE k x', 'k computed-from x'],
    ['SMOVE k x m', 'k elements-removed'],
    ['SMOVE x k m', 'k changed'],
    ['EVAL s 1 k', 'k script'],
    ['PFCOUNT k', 'k modified'],
    ['XGROUP CREATE k g $', 'k changed'],
    ['MY.MODULE k v', 'k named'],
    ['MIGRATE h p k 0 1', 'k deleted'],
  ])('%s', async (command, effect) => {
    expect(await lines([command], 'k')).toEqual([`${command}: ${effect}`]);
  });

  it.each(['SET x k', 'HSET h k v', 'PING k', 'PUBLISH k m', 'MY.MODULE x k', 'FLUSHALL', 'SELECT 0'])(
    'nothing: %s',
    async (command) => {
      expect(await lines([command], 'k')).toEqual([]);
    },
  );

  it.each([
    ['SET k v PXAT 1700000000001', 1700000000001],
    ['SET k v EX 5 PXAT', undefined],
    ['SET k PXAT', undefined],
    ['SET k v EX 10', undefined],
    ['GETEX k EXAT 1700000000', 1700000000000],
    ['EXPIREAT k 1700000000', 1700000000000],
    ['PEXPIREAT k nonsense', undefined],
    ['PERSIST k', undefined],
    ['RESTORE k 1700000000001 payload ABSTTL', 1700000000001],
    ['RESTORE k 1000 payload', undefined],
    ['RESTORE k 0 payload ABSTTL', undefined],
  ])('when it expires, where it says so: %s', async (command, expireAtMs) => {
    const [event] = (await told(memoryLog([logged(...command.split(' '))]), 'k')).events;
    expect(event).toMatchObject({ kind: 'command' });
    const effects = event?.kind === 'command' ? event.effects : [];
    expect(effects.map((effect) => effect.expireAtMs)).toEqual([expireAtMs]);
  });
});

describe('where a key came from', () => {
  it('follows renames back, and says where the key went', async () => {
    const commands = ['SET x 1', 'SET a old', 'DEL a', 'RENAME x a', 'INCR a', 'RENAME a b', 'SET a new', 'RENAME b c'];
    expect(await lines(commands, 'b')).toEqual([
      'SET x 1: x set',
      'RENAME x a: x renamed-to a; a renamed-from x',
      'INCR a: a changed',
      'RENAME a b: a renamed-to b; b renamed-from a',
      'RENAME b c: b renamed-to c',
    ]);
    expect(await lines(commands, 'a')).toEqual([
      'SET x 1: x set',
      'SET a old: a set',
      'DEL a: a deleted',
      'RENAME x a: x renamed-to a; a renamed-from x',
      'INCR a: a changed',
      'RENAME a b: a renamed-to b',
      'SET a new: a set',
    ]);
    expect(await lines(commands, 'b', { follow: 'none' })).toEqual([
      'RENAME a b: b renamed-from a',
      'RENAME b c: b renamed-to c',
    ]);
  });

  it('follows copies until they were made', async () => {
    expect(await lines(['SET a 1', 'COPY a b', 'SET a 2', 'DEL a'], 'b')).toEqual([
      'SET a 1: a set',
      'COPY a b: a copied-to b; b copied-from a',
    ]);
  });

  it('follows across databases', async () => {
    const commands = ['SELECT 1', 'SET k 1', 'MOVE k 2', 'SELECT 2', 'COPY k k DB 5', 'SELECT 5', 'INCR k'];
    expect(await lines(commands, 'k', { db: 5 })).toEqual([
      'SET k 1: k@1 set',
      'MOVE k 2: k@1 moved-to k@2; k@2 moved-from k@1',
      'COPY k k DB 5: k@2 copied-to k@5; k@5 copied-from k@2',
      'INCR k: k@5 changed',
    ]);
    expect(await lines(commands, 'k', { db: 1 })).toEqual(['SET k 1: k@1 set', 'MOVE k 2: k@1 moved-to k@2']);
  });

  it('follows databases that are swapped', async () => {
    const commands = ['SET k 0', 'SET a 0', 'SWAPDB 0 1', 'SELECT 1', 'RENAME a b', 'SWAPDB 1 2', 'SELECT 2', 'INCR b'];
    expect(await lines(commands, 'b', { db: 2 })).toEqual([
      'SET a 0: a set',
      'SWAPDB 0 1: a swapped a@1',
      'RENAME a b: a@1 renamed-to b@1; b@1 renamed-from a@1',
      'SWAPDB 1 2: b@1 swapped b@2',
      'INCR b: b@2 changed',
    ]);
    expect(await lines(commands, 'k')).toEqual([
      'SET k 0: k set',
      'SWAPDB 0 1: k swapped k@1',
      'SWAPDB 1 2: k@1 swapped k@2',
    ]);
  });

  it('tells of flushes while the key may exist', async () => {
    const commands = [
      'FLUSHALL',
      'SET k 1',
      'SELECT 1',
      'FLUSHDB',
      'SET k 1',
      'FLUSHALL',
      'FLUSHALL',
      'DEL k',
      'FLUSHDB',
    ];
    expect(await lines(commands, 'k')).toEqual([
      'SET k 1: k set',
      'SET k 1: k@1 set',
      'FLUSHALL: k flushed; k@1 flushed',
      'DEL k: k@1 deleted',
    ]);
  });

  it('tells of slots that are dropped', async () => {
    // The slot of "k" is 7629.
    const commands = [
      'SET k 1',
      'CLUSTER FLUSHSLOT 7628',
      'TRIMSLOTS RANGES 1 0 10',
      'CLUSTER FLUSHSLOT 7629',
      'SET k 2',
    ];
    expect(await lines([...commands, 'TRIMSLOTS RANGES 2 0 10 7000 8000'], 'k')).toEqual([
      'SET k 1: k set',
      'CLUSTER FLUSHSLOT 7629: k flushed',
      'SET k 2: k set',
      'TRIMSLOTS RANGES 2 0 10 7000 8000: k flushed',
    ]);
  });

  it('follows what is computed where it is asked to', async () => {
    const commands = [
      'SADD a 1',
      'SADD b 2',
      'SUNIONSTORE t a b',
      'SADD a 3',
      'SORT t STORE l',
      'PFADD h 1',
      'PFMERGE l h',
    ];
    expect(await lines(commands, 'l')).toEqual(['SORT t STORE l: l computed-from t', 'PFMERGE l h: l computed-from h']);
    expect(await lines(commands, 'l', { follow: 'all' })).toEqual([
      'SADD a 1: a changed',
      'SADD b 2: b changed',
      'SUNIONSTORE t a b: t computed-from a,b; a used-for t; b used-for t',
      'SORT t STORE l: t used-for l; l computed-from t',
      'PFADD h 1: h changed',
      'PFMERGE l h: l computed-from h; h used-for l',
    ]);
  });
});

describe('transactions', () => {
  it('marks what never happened, and does not follow it', async () => {
    const commands = ['SET a 1', 'MULTI', 'SET k 1', 'EXEC', 'MULTI', 'RENAME a k', 'DEL k'];
    const log = memoryLog([joined(...commands.map((words) => logged(...words.split(' '))))]);
    const { events, failure, followed } = await told(log, 'k');
    expect(events.map(line)).toEqual([
      'SET k 1: k set',
      'RENAME a k: k renamed-from a (void)',
      'DEL k: k deleted (void)',
    ]);
    expect(events.map((event) => event.kind === 'command' && event.command.multiOffset !== undefined)).toEqual([
      true,
      true,
      true,
    ]);
    expect({ failure, followed }).toEqual({ failure: 'OPEN_TRANSACTION', followed: [] });
  });

  it('also where the log ends inside a command of one', async () => {
    const bytes = joined(logged('SET', 'k', '1'), logged('MULTI'), logged('DEL', 'k'), text('*2\r\n$3\r\nDE'));
    const { events, failure } = await told(memoryLog([bytes]), 'k');
    expect(events.map(line)).toEqual(['SET k 1: k set', 'DEL k: k deleted (void)']);
    expect(failure).toBe('TRUNCATED');
  });
});

describe('bases', () => {
  const dump = rdbFile(
    'REDIS0009',
    0xfe,
    1,
    0xfc,
    bytesOf(1, 0, 0, 0, 0, 0, 0, 0),
    0,
    str('a'),
    str('v'),
    0,
    str('z'),
    str('v'),
  );

  it('begin the history', async () => {
    const incr = joined(logged('SELECT', '1'), logged('RENAME', 'a', 'k'), logged('RENAME', 'z', 'y'));
    const { events } = await told(memoryLog([dump, incr]), 'k');
    expect(events.map(line)).toEqual(['base: a@1 string', 'RENAME a k: a@1 renamed-to k@1; k@1 renamed-from a@1']);
    expect(events[0]).toMatchObject({ encoding: 'raw', expireAtMs: 1, valueBytes: 2, place: { file: 0, offset: 11 } });
  });

  it('of real servers name their keys', async () => {
    const directory = path.join(FIXTURES, 'redis-7.0', 'aof-preamble', 'appendonlydir');
    const base = fs.readdirSync(directory).find((name) => name.endsWith('.base.rdb'))!;
    const bytes = new Uint8Array(fs.readFileSync(path.join(directory, base)));
    let keys = 0;
    for await (const entry of readRdb(bytes)) {
      if (entry.kind !== 'key') continue;
      const { events } = await told(memoryLog([bytes]), Buffer.from(entry.key).toString('latin1'), { db: entry.db });
      // Names beyond ASCII were asked for in other bytes.
      if (entry.key.some((byte) => byte >= 0x80)) continue;
      expect(events).toMatchObject([
        { kind: 'base', db: entry.db, type: entry.value.type, encoding: entry.value.encoding },
      ]);
      keys++;
    }
    expect(keys).toBeGreaterThan(5);
  });
});

it('ends at its limit', async () => {
  const log = memoryLog([joined(...Array.from({ length: 50 }, () => logged('INCR', 'k')))]);
  expect((await told(log, 'k', { limit: 7 })).events).toHaveLength(7);
});

it('hands over batches, and gives the same in any pieces', async () => {
  const log = joined(
    ...Array.from({ length: 1000 }, (_, at) => logged(at % 9 === 0 ? 'RENAME' : 'INCR', `k${at % 5}`, 'k')),
  );
  const whole = (await told(memoryLog([log]), 'k')).events.map(line);
  expect(whole.length).toBeGreaterThan(100);
  expect((await told(memoryLog([log], 7), 'k')).events.map(line)).toEqual(whole);
});
