/** A dump that is served from where it lies: how keys are found, gone through and kept, and that nothing changes. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { allCommands } from '../../src/aof/command-table.js';
import { BytesSource } from '../../src/bytes/source-plain.js';
import { hashOf } from '../../src/engine/key-hash-words.js';
import { CommandError, type Reply, Status } from '../../src/engine/reply.js';
import { Session } from '../../src/engine/session.js';
import { DumpBackend } from '../../src/serve/dump/dump-backend.js';
import { type OpenedDump, openDump } from '../../src/serve/dump/open-dump.js';
import { PlaceTable } from '../../src/serve/dump/place-table.js';
import { bytesOf, int64Le, keyRecord, len, type Piece, rdbFile, str } from '../support/file-builder.js';
import { manyKeys } from '../support/many-keys.js';
import { random } from '../support/random.js';

const NOW_MS = Date.UTC(2030, 0);
const SELECT = 0xfe;
const EXPIRE_MS = 0xfc;
const IDLE = 0xf8;

function expiresAt(atMs: bigint): Piece {
  return [EXPIRE_MS, int64Le(atMs)];
}

async function open(
  file: Uint8Array,
  options: Parameters<typeof openDump>[1] = {},
): Promise<OpenedDump & { readonly run: (...args: (string | number)[]) => unknown; readonly session: Session }> {
  const dump = await openDump(new BytesSource(file), { clock: () => NOW_MS, random: random(1), ...options });
  const session = new Session(dump.engine);
  return { ...dump, session, run: (...args) => shown(session.execute(args.map(String))) };
}

function shown(reply: Reply): unknown {
  if (reply instanceof CommandError) return `-${reply.message}`;
  return reply instanceof Status ? `+${reply.text}` : reply;
}

function scanAll(run: (...args: (string | number)[]) => unknown, ...options: (string | number)[]): string[] {
  const found: string[] = [];
  for (let cursor = '0'; ; ) {
    const [next, keys] = run('SCAN', cursor, ...options) as [string, string[]];
    found.push(...keys);
    if (next === '0') return found;
    cursor = next;
  }
}

describe('keys of a dump', () => {
  it('are found in any order, and those that are not there are not', async () => {
    const { run, loadedBecause } = await open(await manyKeys(20_000), { maxValueBytes: 10_000 });
    expect(loadedBecause).toBeUndefined();
    const next = random(7);
    for (let step = 0; step < 5000; step++) {
      const index = Math.floor(next() * 25_000);
      const type = index % 7 === 0 ? 'stream' : index % 3 === 0 ? 'list' : index % 11 === 0 ? 'hash' : 'string';
      expect(run('TYPE', `key:${index}`)).toBe(index < 20_000 ? `+${type}` : '+none');
      expect(run('EXISTS', `key:${index}`)).toBe(index < 20_000 ? 1 : 0);
    }
    expect(run('DBSIZE')).toBe(20_000);
  });

  it('are all seen by SCAN, each of them once, however many are asked for', async () => {
    const { run } = await open(await manyKeys(3000));
    const all = Array.from({ length: 3000 }, (_, index) => `key:${index}`).sort();
    expect(scanAll(run).sort()).toEqual(all);
    for (const count of [1, 7, 100, 2999, 3000, 100_000]) expect(scanAll(run, 'COUNT', count).sort()).toEqual(all);
    expect(scanAll(run, 'MATCH', 'key:1?').sort()).toEqual(Array.from({ length: 10 }, (_, at) => `key:1${at}`));
    expect(scanAll(run, 'TYPE', 'stream').length).toBe(Math.ceil(3000 / 7));
    expect((run('KEYS', '*') as string[]).sort()).toEqual(all);
    expect(run('SCAN', 4_000_000_000)).toEqual(['0', []]);
  });

  it('are given at random, every one of them', async () => {
    const { run } = await open(await manyKeys(50));
    const seen = new Set<unknown>();
    for (let step = 0; step < 2000; step++) seen.add(run('RANDOMKEY'));
    expect(seen.size).toBe(50);
    expect((await open(rdbFile('REDIS0010'))).run('RANDOMKEY')).toBeNull();
  });

  it('may have any name, and stand behind anything', async () => {
    const long = 'n'.repeat(100_000);
    const names = ['', '\0\xff\r\n', long, `${long}x`];
    const records = names.map((name, index) => keyRecord(0, name, str(`value ${index}`), [[IDLE, len(index)]]));
    // Another name of 12 bytes, compressed: eleven times the letter, as LZF has it; and an integer.
    const integers = bytesOf(0, 0xc0, 0x2a, 0xc1, 0x39, 0x30);
    const file = rdbFile(
      'REDIS0010',
      [SELECT, len(3)],
      records,
      integers,
      [SELECT, len(0)],
      keyRecord(0, 'a', str('b')),
    );
    const { run } = await open(file);
    expect(run('GET', 'a')).toBe('b');
    run('SELECT', '3');
    for (const [index, name] of names.entries()) expect(run('GET', name)).toBe(`value ${index}`);
    expect(run('GET', '42')).toBe('12345');
    expect(run('OBJECT', 'ENCODING', '42')).toBe('int');
    expect(scanAll(run).sort()).toEqual([...names, '42'].sort());
  });

  it('of which one comes again have the value, the expiry and the type that come last', async () => {
    const gone = 2_000_000_000_000n;
    const file = rdbFile(
      'REDIS0010',
      [SELECT, len(0)],
      keyRecord(0, 'twice', str('first'), expiresAt(gone)),
      keyRecord(0, 'once', str('x')),
      [SELECT, len(1)],
      keyRecord(0, 'twice', str('elsewhere')),
      [SELECT, len(0)],
      keyRecord(1, 'twice', [len(1), str('second')]),
      keyRecord(0, 'last', str('y'), expiresAt(gone)),
    );
    const { run, engine } = await open(file);
    expect(run('LRANGE', 'twice', 0, -1)).toEqual(['second']);
    expect([run('TTL', 'twice'), run('DBSIZE')]).toEqual([-1, 3]);
    expect(engine.database(0).keys.expiring).toBe(1);
    expect(scanAll(run, 'COUNT', 1).sort()).toEqual(['last', 'once', 'twice']);
    expect((run('KEYS', '*') as string[]).sort()).toEqual(['last', 'once', 'twice']);
    run('SELECT', 1);
    expect([run('GET', 'twice'), run('DBSIZE')]).toEqual(['elsewhere', 1]);
  });

  it('of one hash are told apart', () => {
    const table = new PlaceTable();
    for (let place = 0; place < 100; place++) table.add(place % 3, place * 100, place * 100 + (place % 2) * 300 + 1, 1);
    table.finish((first, second) => first % 50 === second % 50 && first % 3 === second % 3);
    for (let place = 0; place < 100; place++) {
      expect(table.search(place % 3, (found) => found === place)).toBe(place);
      expect(table.keyOffsetOf(place) - table.offsetOf(place)).toBe((place % 2) * 300 + 1);
    }
    expect(table.search(7, () => true)).toBe(-1);
    expect(table.size).toBe(100);
  });

  it('may be many, and expire or not', () => {
    const table = new PlaceTable();
    const next = random(3);
    const times = Array.from({ length: 30_000 }, () => (next() < 0.1 ? Math.floor(next() * 2 ** 45) : undefined));
    for (const [place, atMs] of times.entries()) {
      table.add(Math.imul(place, 0x9e3779b1), place * 50, place * 50 + 1, place * 50 + 50);
      if (atMs !== undefined) table.setExpiry(place % 100 === 0 ? 2n ** 60n + BigInt(place) : atMs);
    }
    table.finish(() => false);
    for (const [place, atMs] of times.entries()) {
      const told = atMs !== undefined && place % 100 === 0 ? 2n ** 60n + BigInt(place) : atMs;
      expect(table.expiryOf(place)).toBe(told);
      expect([table.offsetOf(place), table.endOf(place)]).toEqual([place * 50, place * 50 + 50]);
      expect(table.search(Math.imul(place, 0x9e3779b1), (found) => found === place)).toBe(place);
    }
    expect([table.size, table.expiring]).toEqual([30_000, times.filter((atMs) => atMs !== undefined).length]);
  });

  it('may lie beyond four gigabytes', () => {
    const table = new PlaceTable();
    const offsets = [9, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 12345];
    for (const offset of offsets) table.add(hashOf(String(offset)), offset, offset + 2, offset + 9);
    table.finish(() => false);
    for (const [place, offset] of offsets.entries()) {
      expect(table.search(hashOf(String(offset)), () => true)).toBe(place);
      expect([table.offsetOf(place), table.keyOffsetOf(place)]).toEqual([offset, offset + 2]);
    }
    expect(table.endOf(3)).toBe(2 ** 40 + 12345 + 9);
  });
});

describe('what has expired', () => {
  it('is there: TTL says 0, and EXPIRETIME when it was', async () => {
    const file = rdbFile(
      'REDIS0010',
      keyRecord(0, 'gone', str('value'), expiresAt(1_000_000_000_000n)),
      keyRecord(0, 'before time', str('value'), expiresAt(-5n)),
      keyRecord(0, 'never', str('value'), expiresAt(-1n)),
      keyRecord(0, 'far', str('value'), expiresAt(2n ** 62n)),
      keyRecord(0, 'soon', str('value'), expiresAt(BigInt(NOW_MS) + 5000n)),
    );
    const { run, engine } = await open(file);
    expect([run('GET', 'gone'), run('TTL', 'gone'), run('PEXPIRETIME', 'gone')]).toEqual([
      'value',
      0,
      1_000_000_000_000,
    ]);
    expect(run('GET', 'before time')).toBe('value');
    expect([run('TTL', 'never'), run('PEXPIRETIME', 'far'), run('TTL', 'soon')]).toEqual([-1, 2n ** 62n, 5]);
    expect([run('DBSIZE'), run('EXISTS', 'gone', 'before time'), run('TYPE', 'gone')]).toEqual([5, 2, '+string']);
    expect([scanAll(run).length, (run('KEYS', '*') as string[]).length]).toEqual([5, 5]);
    expect(engine.database(0).keys.expiring).toBe(4);
    expect(engine.database(0).keys.dueFrom(0, 5, NOW_MS)).toBe('gone');
  });
});

describe('nothing changes', () => {
  it('by any command that would change something', async () => {
    const { session, run, engine } = await open(await manyKeys(100));
    let refused = 0;
    for (const { name, isWrite, isModule } of allCommands()) {
      if (!isWrite || isModule) continue;
      for (let argc = 0; argc < 6; argc++) {
        const reply = session.execute([
          ...name.split(' '),
          ...Array.from({ length: argc }, (_, at) => `key:${at + 1}`),
        ]);
        const text = reply instanceof CommandError ? reply.message : 'no error';
        expect(text, name).toMatch(/^READONLY You can't write|unknown (sub)?command|wrong number of arguments/);
        if (text.startsWith('READONLY')) refused++;
      }
    }
    expect(refused).toBeGreaterThan(250);
    expect(run('DBSIZE')).toBe(100);
    expect(() => engine.database(0).set('key:1', 'x')).toThrow('READONLY');
    expect(() => engine.database(0).delete('key:1')).toThrow('READONLY');
  });

  it('by a transaction, which is given up as a whole', async () => {
    const { run } = await open(await manyKeys(10));
    expect([run('MULTI'), run('GET', 'key:1'), run('SET', 'key:1', 'x')]).toEqual([
      '+OK',
      '+QUEUED',
      "-READONLY You can't write against a read only replica.",
    ]);
    expect(run('EXEC')).toBe('-EXECABORT Transaction discarded because of previous errors.');
    expect([run('WATCH', 'key:1'), run('MULTI'), run('TYPE', 'key:1'), run('EXEC')]).toEqual([
      '+OK',
      '+OK',
      '+QUEUED',
      [new Status('string')],
    ]);
    expect(run('PING')).toBe('+PONG');
  });
});

describe('values that were decoded', () => {
  it('are kept while they fit in what was set aside', async () => {
    const { run, values } = await open(await manyKeys(5000), { maxValueBytes: 50_000 });
    for (let index = 0; index < 5000; index++) run('OBJECT', 'ENCODING', `key:${index}`);
    expect(values!.bytes).toBeLessThanOrEqual(50_000);
    expect(values!.count).toBeGreaterThan(10);
    const before = values!.count;
    run('OBJECT', 'ENCODING', 'key:4999');
    expect(values!.count).toBe(before);
    for (const _ of run('KEYS', '*') as string[]);
    expect(values!.count).toBe(before);
  });

  it('are read once, as long as they are kept', async () => {
    const source = new BytesSource(await manyKeys(5000));
    let reads = 0;
    const readAt = source.readAt.bind(source);
    source.readAt = (...args) => {
      reads++;
      return readAt(...args);
    };
    const { engine } = await openDump(source);
    const session = new Session(engine);
    session.execute(['DEBUG', 'OBJECT', 'key:77']);
    const before = reads;
    for (let step = 0; step < 50; step++) session.execute(['DEBUG', 'OBJECT', 'key:77']);
    expect(reads).toBe(before);
  });

  it('of one that is too large for that are kept until the next comes', async () => {
    const file = rdbFile('REDIS0010', keyRecord(0, 'large', str('v'.repeat(200_000))), keyRecord(0, 'small', str('v')));
    const { run, values } = await open(file, { maxValueBytes: 1000 });
    expect((run('GET', 'large') as string).length).toBe(200_000);
    expect(values!.count).toBe(1);
    expect(run('STRLEN', 'small')).toBe(1);
    expect([values!.count, values!.bytes < 1000]).toEqual([1, true]);
  });
});

describe('a record that is damaged', () => {
  it('is an error of whoever asks for it, and no trouble for others', async () => {
    // A listpack that says it is larger than it is.
    const bad = str(bytesOf(0x20, 0, 0, 0, 1, 0, 0x81, 0x61, 2, 0xff));
    const file = rdbFile('REDIS0010', keyRecord(16, 'bad', bad), keyRecord(0, 'good', str('value')));
    const { run } = await open(file);
    expect(run('HGETALL', 'bad')).toMatch(/^-ERR the dump cannot be read at offset \d+: BAD_\w+ /);
    expect([run('GET', 'good'), run('TYPE', 'bad'), run('EXISTS', 'bad')]).toEqual(['value', '+hash', 1]);
  });

  it('ends the opening where not even its bounds are right, or the checksum is wrong', async () => {
    const file = await manyKeys(100);
    await expect(open(file.subarray(0, 1000))).rejects.toMatchObject({ code: 'TRUNCATED' });
    await expect(open(new Uint8Array(0))).rejects.toMatchObject({ code: 'EMPTY_INPUT' });
    const flipped = file.slice();
    flipped[flipped.length - 3]! ^= 1;
    await expect(open(flipped)).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    expect((await open(flipped, { checksum: false })).run('DBSIZE')).toBe(100);
  });
});

describe('what cannot be read where it lies is loaded', () => {
  const plain = rdbFile('REDIS0010', [SELECT, len(20)], keyRecord(0, 'key', str('value'), expiresAt(1000n)));
  const set = '*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$3\r\nnew\r\n';
  const SOURCES: readonly (readonly [why: string, file: Uint8Array, value: string])[] = [
    ['it is compressed (gzip)', gzipSync(plain), 'value'],
    ['commands follow it', bytesOf(plain, `*2\r\n$6\r\nSELECT\r\n$2\r\n20\r\n${set}`), 'new'],
    ['it is a log', bytesOf(`*2\r\n$6\r\nSELECT\r\n$2\r\n20\r\n${set}`), 'new'],
    [
      'what it says of some keys stands elsewhere in it',
      rdbFile('REDIS0010', expiresAt(1000n), [SELECT, len(20)], keyRecord(0, 'key', str('value'))),
      'value',
    ],
  ];

  it.each(SOURCES)('%s', async (why, file, value) => {
    const { run, loadedBecause, values } = await open(file);
    expect([loadedBecause, values]).toEqual([why, undefined]);
    expect(run('SELECT', 20)).toBe('+OK');
    expect([run('GET', 'key'), run('TTL', 'key')]).toEqual([value, value === 'new' ? -1 : 0]);
    expect(run('SET', 'key', 'x')).toMatch(/^-READONLY/);
  });

  it('such as what comes in pieces', async () => {
    const file = await manyKeys(1000);
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < file.length; at += 1000) yield file.subarray(at, at + 1000);
    }
    const { openSource } = await import('../../src/bytes/source.js');
    const dump = await openDump(await openSource(pieces()));
    expect(dump.loadedBecause).toBe('it cannot be read at any offset');
    expect(new Session(dump.engine).execute(['DBSIZE'])).toBe(1000);
  });
});

describe('a server for a dump', () => {
  it.each([
    ['REDIS0006', 'redis:7.0'],
    ['REDIS0010', 'redis:7.0'],
    ['REDIS0012', 'redis:7.4'],
    ['VALKEY080', 'valkey:9.0'],
  ])('stands for the one that wrote %s, and for Redis 7.0 at least', async (magic, name) => {
    const file = rdbFile(magic, keyRecord(0, 'key', str('value')));
    for (const bytes of [file, gzipSync(file)]) expect((await open(bytes)).engine.settings.target.name).toBe(name);
    expect((await open(file, { target: 'redis:8.0' })).engine.settings.target.name).toBe('redis:8.0');
  });

  it('has its libraries, and sessions with commands of its own', async () => {
    const code = '#!lua name=mylib\nredis.register_function("f", function() return 1 end)';
    const dump = await openDump(new BytesSource(rdbFile('REDIS0010', [0xf5, str(code)], keyRecord(0, 'k', str('v')))));
    const owner = { refusalOf: () => undefined, begins: () => 0, ended: () => undefined, refused: () => undefined };
    const commands = { CLIENT: () => 'ours' };
    const backend = new DumpBackend(dump, commands);
    const session = backend.session(owner as unknown as Parameters<DumpBackend['session']>[0]);
    expect(JSON.stringify(session.execute(['FUNCTION', 'LIST']))).toContain('mylib');
    expect([session.runner.owner, backend.store, session.execute(['GET', 'k'])]).toEqual([owner, undefined, 'v']);
    backend.flush();
    await backend.close();
  });
});
