/** writeRdb: every kind of destination, at its speed; values in parts; and what the target has no room for. */
import { PassThrough, Writable } from 'node:stream';
import { setImmediate as tick } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { EncodeError } from '../../src/bytes/errors.js';
import type { KeyEntry, RdbEntry, RdbValue } from '../../src/rdb/model.js';
import { readRdb } from '../../src/rdb/read.js';
import { findTarget } from '../../src/rdb/versions.js';
import { type WriteOptions, writeRdb } from '../../src/rdb/write.js';
import { decodeDeep, encodeEntries, recordTexts, valueText } from '../support/encode.js';
import { bytesOf } from '../support/file-builder.js';
import { fixturePath, readFixture } from '../support/fixtures.js';

const bytes = (text: string): Uint8Array => bytesOf(text);
const HEADER: RdbEntry = { kind: 'header', magic: 'REDIS', version: 10 };

function key(value: RdbValue, rest: Partial<KeyEntry> = {}): KeyEntry {
  return { kind: 'key', db: 0, key: bytes('k'), rdbType: 0, offset: 0, value, ...rest };
}

const string = (text: string): RdbValue => ({ type: 'string', encoding: 'raw', value: bytes(text) });

async function collect(
  entries: Iterable<RdbEntry> | AsyncIterable<RdbEntry>,
  options: WriteOptions = { target: 'redis:7.0' },
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  await writeRdb(entries, (chunk) => void chunks.push(chunk), options);
  return new Uint8Array(Buffer.concat(chunks));
}

describe('destinations', () => {
  const file = readFixture('redis-7.0/types');
  const source = decodeDeep(file);
  const expected = encodeEntries(source, { target: findTarget('redis:7.0')!, keepTypes: true });
  const options = { keepTypes: true };

  it('a function, from entries as they are read', async () => {
    const chunks: Uint8Array[] = [];
    const summary = await writeRdb(
      readRdb(fixturePath('redis-7.0/types')),
      (chunk) => void chunks.push(chunk),
      options,
    );
    expect(Buffer.compare(Buffer.concat(chunks), expected)).toBe(0);
    expect(summary.sizeBytes).toBe(expected.length);
    expect(summary.keys).toBe(source.filter((entry) => entry.kind === 'key').length);
  });

  it('a web stream, which is closed', async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const received = new Response(readable).arrayBuffer();
    await writeRdb(source, writable, options);
    expect(Buffer.compare(new Uint8Array(await received), expected)).toBe(0);
  });

  it('a Node stream, which is ended', async () => {
    const stream = new PassThrough({ highWaterMark: 100 });
    const chunks: Uint8Array[] = [];
    stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    await writeRdb(source, stream, options);
    expect(stream.writableFinished).toBe(true);
    expect(Buffer.compare(Buffer.concat(chunks), expected)).toBe(0);
    expect(stream.listenerCount('drain')).toBe(0);
  });

  it('streams that are to stay open', async () => {
    const stream = new PassThrough();
    await writeRdb([HEADER], stream, { keepOpen: true });
    expect(stream.writableEnded).toBe(false);
    let closed = false;
    const web = new WritableStream<Uint8Array>({
      close: () => {
        closed = true;
      },
    });
    await writeRdb([HEADER], web, { keepOpen: true });
    expect([closed, web.locked]).toEqual([false, false]);
  });
});

describe('failures', () => {
  const large = Array.from({ length: 100 }, () => key(string('x'.repeat(100_000))));
  const raw = { target: 'redis:7.0', compress: false };

  it('of a function', async () => {
    const fail = (): Promise<void> => Promise.reject(new Error('disk full'));
    await expect(writeRdb(large, fail, raw)).rejects.toThrow('disk full');
  });

  it('of a web stream', async () => {
    const stream = new WritableStream<Uint8Array>({ write: () => Promise.reject(new Error('disk full')) });
    await expect(writeRdb(large, stream, raw)).rejects.toThrow('disk full');
  });

  it('of a Node stream, early and late', async () => {
    const early = new Writable({ write: (_chunk, _encoding, done) => done(new Error('disk full')) });
    await expect(writeRdb(large, early, raw)).rejects.toThrow('disk full');
    const late = new Writable({
      write: (_chunk, _encoding, done) => done(),
      final: (done) => done(new Error('no room to close')),
    });
    await expect(writeRdb([HEADER], late)).rejects.toThrow('no room to close');
    const gone = new PassThrough({ highWaterMark: 10 });
    setTimeout(() => gone.destroy(), 10);
    await expect(writeRdb(large, gone, raw)).rejects.toThrow('closed');
    const unfinished = new Writable({ write: (_chunk, _encoding, done) => done(), final: () => unfinished.destroy() });
    await expect(writeRdb([HEADER], unfinished)).rejects.toThrow('closed');
  });

  it('of the entries abort the destination', async () => {
    async function* broken(): AsyncGenerator<RdbEntry> {
      yield HEADER;
      await tick();
      throw new Error('cut off');
    }
    const node = new PassThrough();
    node.on('error', () => undefined);
    await expect(writeRdb(broken(), node)).rejects.toThrow('cut off');
    expect(node.destroyed).toBe(true);
    let reason: unknown;
    const web = new WritableStream<Uint8Array>({
      abort: (why) => {
        reason = why;
      },
    });
    await expect(writeRdb(broken(), web)).rejects.toThrow('cut off');
    expect(reason).toEqual(new Error('cut off'));
  });

  it('by a signal', async () => {
    const aborter = new AbortController();
    const write = (): void => aborter.abort(new Error('enough'));
    await expect(writeRdb(large, write, { ...raw, signal: aborter.signal })).rejects.toThrow('enough');
  });

  it('of options', async () => {
    await expect(collect([], { target: 'redis:99' })).rejects.toThrow(RangeError);
    await expect(collect([key(string('v'))], {})).rejects.toThrow(TypeError);
    await expect(collect([], {})).rejects.toThrow(TypeError);
    expect(decodeDeep(await collect([HEADER], {}))[0]).toEqual(HEADER);
  });
});

describe('what the target has no room for', () => {
  const library: RdbEntry = { kind: 'function', code: bytes('#!lua name=l\n'), name: 'l', engine: 'lua' };
  const meta = key(string('v'), { meta: [{ name: 'META-abcd', version: 0, flags: 0, items: [] }] });

  it('is an error unless someone wants to hear of it', async () => {
    for (const entry of [library, meta]) {
      await expect(collect([entry], { target: 'redis:6.2' })).rejects.toThrow(EncodeError);
      const omitted: RdbEntry[] = [];
      const file = await collect([entry], { target: 'redis:6.2', onOmitted: (lost) => void omitted.push(lost) });
      expect(omitted).toEqual([entry]);
      expect(decodeDeep(file).filter(({ kind }) => kind === 'key')).toHaveLength(entry.kind === 'key' ? 1 : 0);
    }
  });

  it('is left out unasked where it is a hint', async () => {
    const hints: RdbEntry[] = [
      { kind: 'aux', name: bytes('a'), value: bytes('b') },
      { kind: 'resize-db', db: 0, keys: 1, expires: 1 },
      { kind: 'slot-info', slot: 1, keys: 1, expires: 1 },
      { kind: 'hash-template', id: 1, fields: [bytes('f')] },
    ];
    expect(decodeDeep(await collect(hints, { target: 'redis:2.6' })).map(({ kind }) => kind)).toEqual([
      'header',
      'select-db',
      'end',
    ]);
  });
});

describe('a slow destination', () => {
  it('holds back the entries: what waits stays small', async () => {
    let produced = 0;
    let consumed = 0;
    let most = 0;
    function* entries(): Generator<RdbEntry> {
      const value = string('z'.repeat(10_000));
      for (let left = 5000; left > 0; left--) {
        produced += 10_000;
        most = Math.max(most, produced - consumed);
        yield key(value);
      }
    }
    const slow = async (chunk: Uint8Array): Promise<void> => {
      await tick();
      consumed += chunk.length;
    };
    await writeRdb(entries(), slow, { target: 'redis:7.0', compress: false });
    expect(consumed).toBeGreaterThan(50_000_000);
    expect(most).toBeLessThan(4_000_000);
  });
});

describe('values in parts', () => {
  /** Reads a file with every value beyond `size` bytes in parts, and writes it again. */
  async function rewrite(file: Uint8Array, size: number, options: WriteOptions): Promise<Uint8Array> {
    return collect(readRdb(file, { maxEntryBytes: size }), options);
  }

  it.each(['redis-7.0', 'redis-7.4', 'redis-8.6', 'valkey-9.1', 'redis-2.6'])('of every type of %s', async (server) => {
    const file = readFixture(`${server}/types`);
    const header = decodeDeep(file)[0]!;
    if (header.kind !== 'header') throw new TypeError(header.kind);
    const again = decodeDeep(await rewrite(file, 300, {}));
    const values = (entries: readonly RdbEntry[]): string[] =>
      entries.filter((entry): entry is KeyEntry => entry.kind === 'key').map((entry) => valueText(entry.value));
    expect(values(again)).toEqual(values(decodeDeep(file)));
  });

  it('keeps streams and modules whole', async () => {
    for (const name of ['redis-7.0/streams', 'redis-8.6/vset']) {
      const file = readFixture(name);
      const again = decodeDeep(await rewrite(file, 1, { keepTypes: true }));
      const plain = (entries: readonly RdbEntry[]): string[] =>
        recordTexts(entries).filter((text) => text.includes('"type":"stream"') || text.includes('"type":"module"'));
      expect(plain(again)).toEqual(plain(decodeDeep(file)));
    }
  });

  async function* parts(count: number, make: (at: number) => RdbValue): AsyncGenerator<RdbValue> {
    for (let at = 0; at < count; at++) yield make(at);
  }

  const filler = new Uint8Array(20_000).map((_, at) => (at * 7919 + (at >> 3) * 104729) & 0xff);
  /** 100 incompressible items of 20 kB. */
  const items = (at: number): Uint8Array[] =>
    Array.from({ length: 100 }, (_, index) => {
      const item = filler.slice();
      new DataView(item.buffer).setUint32(0, at * 100 + index);
      return item;
    });

  it.each<[string, RdbValue, (at: number) => RdbValue, number]>([
    [
      'list',
      { type: 'list', encoding: 'quicklist', items: [] },
      (at) => ({ type: 'list', encoding: 'quicklist', items: items(at) }),
      1,
    ],
    [
      'hash',
      { type: 'hash', encoding: 'hashtable', fields: [] },
      (at) => ({
        type: 'hash',
        encoding: 'hashtable',
        fields: items(at).map((value, index) => ({ field: bytes(`field ${at * 100 + index}`), value })),
      }),
      4,
    ],
  ])(
    'a %s of 200 MB goes out as it comes',
    async (_name, empty, make, rdbType) => {
      let produced = 0;
      let most = 0;
      let consumed = 0;
      let head: Uint8Array | undefined;
      const counted = (at: number): RdbValue => {
        produced += 2_000_000;
        most = Math.max(most, produced - consumed);
        return make(at);
      };
      const slow = async (chunk: Uint8Array): Promise<void> => {
        head ??= chunk.slice(0, 40);
        await tick();
        consumed += chunk.length;
      };
      const entry = key(empty, { parts: parts(100, counted), elementCount: 10_000 });
      await writeRdb([entry], slow, { target: 'redis:7.0', compress: false });
      expect(consumed).toBeGreaterThan(200_000_000);
      expect(most).toBeLessThan(10_000_000);
      // FE 00, type, "k", and 10,000 as a length.
      expect(head!.slice(9, 16)).toEqual(bytesOf(0xfe, 0, rdbType, 1, 'k', 0x67, 0x10));
    },
    60_000,
  );

  it('refuses what does not add up', async () => {
    const list: RdbValue = { type: 'list', encoding: 'quicklist', items: [bytes('a')] };
    const one = (rest: Partial<KeyEntry>): Promise<Uint8Array> => collect([key({ ...list, items: [] }, rest)]);
    await expect(one({ parts: parts(2, () => list), elementCount: 1 })).rejects.toThrow(EncodeError);
    await expect(one({ parts: parts(2, () => list), elementCount: 3 })).rejects.toThrow(EncodeError);
    await expect(one({ parts: parts(1, () => string('v')) })).rejects.toThrow(EncodeError);
    const cron: RdbValue = {
      type: 'cron',
      encoding: 'cron',
      script: bytes(''),
      startMs: 0,
      intervalMs: 0,
      keys: [],
      args: [],
    };
    await expect(collect([key(cron, { parts: parts(1, () => cron) })])).rejects.toThrow(EncodeError);
    const empty: RdbValue = { type: 'module', encoding: 'module', module: '', version: 0, items: [] };
    await expect(collect([key(empty, { parts: parts(1, () => empty) })])).rejects.toThrow(EncodeError);
  });

  it('joins a string that comes in pieces, and an array', async () => {
    const file = await collect([key(string(''), { parts: parts(3, (at) => string(`${at},`)) })]);
    expect(decodeDeep(file)[2]).toMatchObject({ value: string('0,1,2,') });
    const array = (at: number): RdbValue => ({
      type: 'array',
      encoding: 'array',
      insertIndex: 9n,
      elements: [{ index: 2n ** 63n * BigInt(at) + 5n, value: bytes(`text ${at}`) }],
    });
    const arrays = await collect([key({ ...array(0), elements: [] } as RdbValue, { parts: parts(2, array) })], {
      target: 'redis:8.8',
    });
    expect(decodeDeep(arrays)[2]).toMatchObject({
      value: { insertIndex: 9n, elements: [{ index: 5n }, { index: 2n ** 63n + 5n }] },
    });
  });
});
