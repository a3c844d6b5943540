/** The base of a rewritten log as commands, taken while commands go on. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCommand } from '../../src/aof/command-table.js';
import { toByteString } from '../../src/bytes/byte-string.js';
import { EncodeError } from '../../src/bytes/errors.js';
import { canonicalLines } from '../../src/engine/canonical.js';
import { digestEngine } from '../../src/engine/digest.js';
import { Engine } from '../../src/engine/engine.js';
import { LiveSnapshot } from '../../src/engine/live-snapshot.js';
import { replayLog } from '../../src/engine/replay-log.js';
import { CommandError } from '../../src/engine/reply.js';
import { Session } from '../../src/engine/session.js';
import { type EngineOptions, isSince } from '../../src/engine/settings.js';
import { snapshot } from '../../src/engine/snapshot.js';
import type { RdbEntry } from '../../src/rdb/model.js';
import { CommandBase, type CommandBaseOptions } from '../../src/store/command-base.js';
import { chanceOf } from '../support/chance.js';
import { byKey, commandLines, commandRun, commandsOf } from '../support/command-run.js';
import { encodeEntries } from '../support/encode.js';
import { FIXTURES } from '../support/fixtures.js';
import { mixed } from '../support/generators/mixed.js';
import { memoryLog } from '../support/memory-log.js';
import { random } from '../support/random.js';
import { sayable } from '../support/sayable.js';

const NOW = 1_700_000_000_000;
const MiB = 1024 * 1024;

/** Pieces as they came, and the base that puts them out. */
class Collected {
  readonly pieces: Uint8Array[] = [];
  readonly base: CommandBase;

  constructor({ settings }: Engine, options: Partial<CommandBaseOptions> = {}) {
    const { target, encoding } = settings;
    this.base = new CommandBase((bytes, start, end) => void this.pieces.push(bytes.slice(start, end)), {
      target,
      settings: encoding,
      nowMs: NOW,
      ...options,
    });
  }

  get bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.pieces));
  }
}

function headOf(engine: Engine): RdbEntry[] {
  return [...snapshot(engine)].filter(({ kind }) => kind !== 'key');
}

/** The base of an engine that stands still. */
function baseOf(engine: Engine, options: Partial<CommandBaseOptions> = {}): Uint8Array {
  const collected = new Collected(engine, options);
  const live = new LiveSnapshot(engine, (entry) => collected.base.entry(entry), headOf(engine));
  while (!live.step(7));
  collected.base.end();
  expect(collected.base.bytesWritten).toBe(collected.bytes.length);
  return collected.bytes;
}

function engineWith(target: string, lines: readonly string[], options: EngineOptions = {}): Engine {
  const engine = new Engine({ target, clock: () => NOW, ...options });
  const session = new Session(engine);
  for (const line of lines) {
    const reply = session.execute(line.split(' '));
    if (reply instanceof CommandError) throw new Error(`${line}: ${reply.message}`);
  }
  return engine;
}

async function replayed(bytes: Uint8Array, { settings }: Engine): Promise<Engine> {
  const { target, encoding } = settings;
  return (await replayLog(memoryLog([bytes]), { target, encoding, clock: () => NOW })).engine;
}

/** Pending entries that are no longer in their stream are dropped by servers that read their XCLAIM. */
async function linesOf(engine: Engine): Promise<string[]> {
  return sayable(await canonicalLines([...snapshot(engine)]), engine.settings.target);
}

/** What any base can say of the dataset as it is: what a server has that reads the commands of a whole dump. */
async function referenceOf(engine: Engine): Promise<string[]> {
  const { target, encoding } = engine.settings;
  const dump = encodeEntries(snapshot(engine), { target, settings: encoding, keepTypes: true });
  return await linesOf(await replayed(commandRun(dump, { nowMs: NOW, target }).bytes, engine));
}

const ALL_TYPES = [
  'SET string value',
  'SET number 12345',
  'SETRANGE raw 3 abc',
  'PFADD hll a b c',
  'RPUSH list a b c 1 2 3',
  'SADD ints 1 2 3',
  'SADD words a b c',
  'ZADD zset 1.5 a 2 b -inf c 1e300 d',
  'HSET hash f v g w',
  'XADD stream 1-1 f v',
  'XADD stream 2-1 f v g w',
  'XADD stream 3-1 f v',
  'XDEL stream 2-1',
  'XGROUP CREATE stream group 0',
  'XREADGROUP GROUP group reader COUNT 1 STREAMS stream >',
  'XGROUP CREATECONSUMER stream group idle',
  'XGROUP CREATE empty group $ MKSTREAM',
  'SET mortal v PXAT 1900000000001',
  'RPUSH doomed a b',
  'PEXPIREAT doomed 1900000000002',
  'SELECT 3',
  'SET string other',
  'SELECT 15',
  'HSET hash f v',
];

describe('a base of commands', () => {
  it.each<[string, readonly string[]]>([
    ['redis:6.2', []],
    ['redis:7.0', []],
    ['redis:7.4', ['HPEXPIREAT hash 1900000000003 FIELDS 1 f', 'HSET hash h x']],
    ['redis:8.8', ['ARSET array 5 a b', 'HPEXPIREAT hash 1900000000003 FIELDS 1 f']],
    ['valkey:8.1', []],
    ['valkey:9.1', ['HPEXPIREAT hash 1900000000003 FIELDS 1 f', 'HSET hash h x']],
  ])('says all that a dataset holds: %s', async (target, more) => {
    const engine = engineWith(target, [...ALL_TYPES, ...more]);
    const session = new Session(engine);
    // Packed and expanded.
    for (let at = 0; at < 1000; at++)
      for (const line of [`HSET bigh f${at} v`, `SADD bigs m${at}`, `ZADD bigz ${at / 8} m${at}`, `RPUSH bigl e${at}`])
        session.execute(line.split(' '));
    if (engine.settings.target.records.functions)
      session.execute(['FUNCTION', 'LOAD', "#!lua name=lib\nredis.register_function('f', function() end)"]);
    const copy = await replayed(baseOf(engine), engine);
    expect(digestEngine(copy).digest).toBe(digestEngine(engine).digest);
    expect(await linesOf(copy)).toEqual(await linesOf(engine));
    expect(copy.functions).toEqual(engine.functions);
  });

  it.each(['redis-7.0', 'redis-7.4', 'redis-8.6', 'valkey-9.1'])(
    'has the commands of the rewrite of a server, key by key: %s',
    async (server) => {
      const file = path.join(FIXTURES, server, 'aof-rewritten', 'appendonlydir', 'appendonly.aof.2.base.aof');
      const theirs = new Uint8Array(fs.readFileSync(file));
      const target = server.replace('-', ':');
      // Deliveries of pending entries are never in the future.
      const { engine } = await replayLog(memoryLog([theirs]), { target, clock: () => 2 * NOW });
      const [ours, wanted] = [byKey(commandsOf(baseOf(engine))), byKey(commandsOf(theirs))];
      expect([...ours.keys()].sort()).toEqual([...wanted.keys()].sort());
      expect(wanted.size).toBeGreaterThan(160);
      for (const [key, commands] of wanted) {
        // A pending entry that is no longer in its stream was dropped when it was read.
        const added = new Set(commands.flatMap(([name, , id]) => (name === 'XADD' ? id! : [])));
        const read = commands.filter(([name, , , , , id]) => name !== 'XCLAIM' || added.has(id!));
        expect(saidBy(ours.get(key)!), key).toEqual(saidBy(read));
      }
    },
  );

  it('has functions first, a SELECT where the database changes, and expiries that are over', () => {
    const engine = engineWith('redis:7.0', ['SET a 1', 'SELECT 2', 'SET b 2 PXAT 1700000000001']);
    new Session(engine).execute(['FUNCTION', 'LOAD', "#!lua name=lib\nredis.register_function('f', function() end)"]);
    const base = baseOf(engine, { nowMs: NOW + 1000, timestampSeconds: 1_700_000_001 });
    expect(Buffer.from(base).toString('latin1').startsWith('#TS:1700000001\r\n*3\r\n$8\r\nFUNCTION\r\n')).toBe(true);
    expect(commandLines(base).slice(1)).toEqual([
      'SELECT 0',
      'SET a 1',
      'SELECT 2',
      'SET b 2',
      'PEXPIREAT b 1700000000001',
    ]);
  });

  it('says a value in the form in which the engine holds it', () => {
    const lines = ['HSET hash a 1 b 2', 'HPEXPIRE hash 1000 FIELDS 1 a', 'HPERSIST hash FIELDS 1 a'];
    // As Redis does where fields once had an expiry: one by one.
    const base = baseOf(engineWith('redis:7.4', ['HSET plain a 1 b 2', ...lines]));
    expect(commandLines(base)).toEqual(['SELECT 0', 'HMSET plain a 1 b 2', 'HMSET hash b 2', 'HMSET hash a 1']);
  });

  it('is nothing for nothing', () => {
    expect(baseOf(engineWith('redis:7.0', []))).toEqual(new Uint8Array(0));
  });

  it.each([
    ['redis:6.2', 11],
    ['redis:7.0', 12],
    ['redis:7.4', 13],
    ['redis:8.8', 14],
    ['valkey:9.1', 15],
  ])('is that of the moment when it began, whatever happens meanwhile: %s, seed %i', async (target, seed) => {
    // Mortal keys that go meanwhile are missing in it: here nothing does, as the clock stands.
    const engine = new Engine({ target, clock: () => NOW, random: random(seed) });
    const session = new Session(engine);
    const has = (name: string): boolean => isSince(engine.settings.target, findCommand(name)?.since ?? {});
    const chance = chanceOf(seed, engine, has);
    const generate = mixed();
    const run = (count: number): void => {
      for (let left = count; left > 0; left--) {
        const command = generate(chance);
        session.execute(('args' in command ? command.args : command).map(String));
      }
    };
    let meanwhile = 0;
    for (let round = 0; round < 8; round++) {
      run(600);
      // What has expired goes now: nobody is to come by it between here and the end.
      for (const db of engine.inUse()) for (const key of [...db.keys.keys()]) db.expireIfDue(key);
      const then = await referenceOf(engine);
      const collected = new Collected(engine);
      const live = new LiveSnapshot(engine, (entry) => collected.base.entry(entry), headOf(engine));
      for (const steps = 1 + chance.integer(8); !live.step(steps); meanwhile++) run(chance.integer(10));
      collected.base.end();
      expect(await linesOf(await replayed(collected.bytes, engine))).toEqual(then);
    }
    expect(meanwhile).toBeGreaterThan(20);
  });
});

/** The commands of a key, without the order in which tables hold pairs, and without where a command ends. */
function saidBy(commands: readonly string[][]): string[] {
  return commands
    .flatMap(([name, key, ...args]) => {
      if (name !== 'HMSET' && name !== 'ZADD') return [JSON.stringify([name, key, ...args])];
      return args.flatMap((arg, at) => (at % 2 === 0 ? JSON.stringify([name, arg, args[at + 1]]) : []));
    })
    .sort();
}

describe('what cannot be said in commands', () => {
  it('fails the base, and goes on failing it', () => {
    const engine = engineWith('redis:8.6', ['SET a 1', 'VADD vectors VALUES 2 1 0 e', 'SET b 2']);
    const { base } = new Collected(engine);
    const give = (): void => {
      for (const entry of snapshot(engine)) base.entry(entry);
      base.end();
    };
    expect(give).toThrow(EncodeError);
    expect(() => base.end()).toThrow(EncodeError);
    expect(() => base.entry(headOf(engine)[0]!)).toThrow(EncodeError);
  });

  it('is a function that the target does not know, data of modules, and metadata of keys', () => {
    const code = new TextEncoder().encode('#!lua name=lib\n');
    const key = { kind: 'key', db: 0, key: code, rdbType: 0, offset: 0 } as const;
    const value = { type: 'string', encoding: 'raw', value: code } as const;
    const meta = [{ name: 'META-aaaa', version: 1, flags: 1, items: [] }];
    const refused: [string, RdbEntry][] = [
      ['redis:6.2', { kind: 'function', name: 'lib', engine: 'LUA', code }],
      ['redis:7.0', { kind: 'module-aux', module: 'testmodul', version: 1, when: 2, items: [] }],
      ['redis:8.6', { ...key, value, meta }],
    ];
    for (const [target, entry] of refused) {
      const { base } = new Collected(engineWith(target, []));
      const give = (): void => {
        base.entry(entry);
        base.end();
      };
      expect(give, entry.kind).toThrow(EncodeError);
    }
  });

  it('is what the destination refuses', () => {
    const engine = engineWith('redis:7.0', []);
    const full = new Error('no space left');
    const base = new CommandBase(
      () => {
        throw full;
      },
      { target: engine.settings.target, nowMs: NOW },
    );
    const key = (at: number): RdbEntry => ({
      kind: 'key',
      db: 0,
      key: new TextEncoder().encode(`k${at}`),
      rdbType: 0,
      offset: 0,
      value: { type: 'string', encoding: 'raw', value: new Uint8Array(100_000) },
    });
    expect(() => {
      for (let at = 0; at < 50; at++) base.entry(key(at));
    }).toThrow(full);
    expect(() => base.end()).toThrow(full);
  });
});

describe('large values', () => {
  it('are put out while others are still to come', () => {
    const engine = engineWith('redis:7.0', []);
    const session = new Session(engine);
    for (let at = 0; at < 40; at++) session.execute(['SET', `k${at}`, 'x'.repeat(MiB / 4)]);
    const collected = new Collected(engine);
    const live = new LiveSnapshot(engine, (entry) => collected.base.entry(entry), headOf(engine));
    for (let step = 1; !live.step(1); step++)
      expect(step * (MiB / 4) - collected.base.bytesWritten).toBeLessThan(2 * MiB);
    collected.base.end();
    expect(commandsOf(collected.bytes).length).toBe(41);
    expect(Math.max(...collected.pieces.map(({ length }) => length))).toBeLessThan(MiB);
  });

  it.each(['redis:7.0', 'redis:7.4', 'valkey:9.1'])('come in parts, and whole: %s', async (target) => {
    const engine = new Engine({ target, clock: () => NOW });
    const session = new Session(engine);
    const text = 'y'.repeat(900);
    for (let at = 0; at < 6000; at += 4) {
      session.execute(['RPUSH', 'list', `${at}${text}`, `${at + 1}${text}`, String(at), text]);
      session.execute(['SADD', 'set', `${at}${text}`, `${at + 1}${text}`]);
      session.execute(['ZADD', 'zset', String(at / 3), `${at}${text}`, String(-at), `${at + 1}${text}`]);
      session.execute(['HSET', 'hash', `${at}`, text, `${at + 1}`, text]);
      session.execute(['XADD', 'stream', `${at + 1}-1`, 'f', text, `${at}`, text]);
    }
    session.execute(['SET', 'string', toByteString(new Uint8Array(9 * MiB).fill(7))]);
    session.execute(['PEXPIREAT', 'list', '1900000000000']);
    session.execute(['XGROUP', 'CREATE', 'stream', 'group', '0']);
    session.execute(['XREADGROUP', 'GROUP', 'group', 'reader', 'COUNT', '100', 'STREAMS', 'stream', '>']);
    if (target !== 'redis:7.0') session.execute(['HPEXPIREAT', 'hash', '1900000000000', 'FIELDS', '2', '0', '5']);
    const copy = await replayed(baseOf(engine), engine);
    expect(digestEngine(copy).digest).toBe(digestEngine(engine).digest);
    expect(await linesOf(copy)).toEqual(await linesOf(engine));
  });
});
