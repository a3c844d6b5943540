/** Logs replayed: state, transactions, files, what cannot be replayed; and what every server's log and our own commands hold. */
import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { openAofLog } from '../../src/aof/directory/directory.js';
import type { AofLog } from '../../src/aof/model.js';
import { fromByteString } from '../../src/bytes/byte-string.js';
import { FormatError } from '../../src/bytes/errors.js';
import { nodeFiles } from '../../src/bytes/files-node.js';
import { digestEngine } from '../../src/engine/digest.js';
import type { Engine } from '../../src/engine/engine.js';
import { type Replay, type ReplayOptions, replayLog } from '../../src/engine/replay-log.js';
import { replaySource } from '../../src/engine/replay-source.js';
import { snapshot, toRdb } from '../../src/engine/snapshot.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { logged } from '../support/aof-files.js';
import { FIXTURES, listFixtures, readTruth, toBase64 } from '../support/fixtures.js';
import { memoryLog } from '../support/memory-log.js';
import { valueAsTruth } from '../support/truth.js';

const text = (line: string): Uint8Array => new TextEncoder().encode(line);
const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const commands = (...lines: readonly string[]): Uint8Array =>
  joined(...lines.map((line) => logged(...line.split(' '))));

/** `db key value` of all strings. */
function strings(engine: Engine): string[] {
  const found: string[] = [];
  for (const db of engine.inUse()) {
    for (const [key, value] of db.keys.entries())
      found.push(`${db.index} ${key} ${typeof value === 'string' ? value : value.type}`);
  }
  return found;
}

async function replayed(files: readonly Uint8Array[], options: ReplayOptions = {}, chunk?: number): Promise<Replay> {
  return await replayLog(memoryLog(files, chunk), options);
}

async function failure(files: readonly Uint8Array[], options: ReplayOptions = {}): Promise<FormatError> {
  const error = await replayed(files, options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(FormatError);
  return error as FormatError;
}

describe('a replay', () => {
  it('runs commands, whatever the size of the pieces', async () => {
    const log = commands('SET a 1', 'INCR a', 'SELECT 3', 'RPUSH l x', 'SET b 2', 'SELECT 40', 'SET c 3');
    for (const chunk of [1, 7, Infinity]) {
      const { engine, counts } = await replayed([log], {}, chunk);
      expect(strings(engine)).toEqual(['0 a 2', '3 l list', '3 b 2', '40 c 3']);
      expect(counts).toEqual({ commands: 7, refused: 0, changes: 5, skipped: new Map() });
    }
  });

  it('begins every file in database 0', async () => {
    const { engine } = await replayed([commands('SELECT 2', 'SET a 1'), commands('SET b 2')]);
    expect(strings(engine)).toEqual(['0 b 2', '2 a 1']);
  });

  it('runs a transaction at its EXEC', async () => {
    const log = commands('MULTI', 'SELECT 1', 'MULTI', 'SET a 1', 'EXEC', 'SET b 2', 'EXEC');
    expect(strings((await replayed([log])).engine)).toEqual(['1 a 1', '1 b 2']);
  });

  it('keeps arguments of a transaction apart from those of later commands', async () => {
    const log = commands('MULTI', 'SET a 1', 'SET b 2', 'SET c 3', 'EXEC', 'SET d 4');
    expect(strings((await replayed([log])).engine)).toEqual(['0 a 1', '0 b 2', '0 c 3', '0 d 4']);
  });

  it('counts error replies', async () => {
    const { engine, counts } = await replayed([commands('SET a x', 'INCR a', 'LPUSH a 1', 'GETEX', 'SET b 1')]);
    expect(strings(engine)).toEqual(['0 a x', '0 b 1']);
    expect(counts.refused).toBe(3);
  });

  it('lets nothing expire while it lasts, and everything afterwards', async () => {
    const { engine } = await replayed([commands('SET a 1 PXAT 1000', 'APPEND a 2', 'SET b 1', 'PEXPIREAT b 1')]);
    expect([...snapshot(engine)].filter(({ kind }) => kind === 'key')).toMatchObject([
      { expireAtMs: 1000, value: { value: text('12') } },
      { expireAtMs: 1 },
    ]);
    expect(engine.database(0).get('a')).toBeUndefined();
  });

  it('passes over annotations, and says the time of the last', async () => {
    const log = joined(text('#TS:1700000000\r\n'), commands('SET a 1'), text('#TS:1700000009\r\n#other\r\n'));
    const replay = await replayed([log]);
    expect(replay.timeSeconds).toBe(1_700_000_009);
    const entries = [...readRdbSync(bytesOf(replay))];
    expect(entries).toContainEqual({ kind: 'aux', name: text('ctime'), value: text('1700000009') });
  });

  it('runs nothing of what has no effect', async () => {
    const log = commands('PING', 'PUBLISH c m', 'GET a', 'SCRIPT LOAD x', 'EVAL_RO x 0', 'AUTH x', 'EXEC', 'SET a 1');
    const { engine, counts } = await replayed([log]);
    expect(strings(engine)).toEqual(['0 a 1']);
    expect(counts.skipped.size).toBe(0);
  });

  it('holds large commands and large values', async () => {
    const large = 'x'.repeat(3_000_000);
    const { engine } = await replayed(
      [joined(logged('SET', 'a', large), logged('RPUSH', 'l', large, 'b'))],
      {},
      65_536,
    );
    expect(engine.database(0).getString('a')).toBe(large);
    const base = bytesOf(await replayed([logged('SET', 'a', large)]));
    expect((await replayed([base, commands('APPEND a y')])).engine.database(0).getString('a')).toBe(`${large}y`);
  });
});

describe('the end of a log', () => {
  const whole = commands('SET a 1');
  const open = commands('MULTI', 'SET b 2');

  it.each([
    ['inside a command', joined(whole, commands('SET b 2').subarray(0, 11)), 'TRUNCATED', whole.length],
    ['inside a transaction', joined(whole, open), 'OPEN_TRANSACTION', whole.length],
    ['inside a command of one', joined(whole, open.subarray(0, open.length - 3)), 'TRUNCATED', whole.length + 15],
  ])('%s', async (_, log, code, offset) => {
    expect(await failure([log])).toMatchObject({ code, offset });
    const { engine, cut } = await replayed([log], { onTruncated: 'stop' });
    expect(strings(engine)).toEqual(['0 a 1']);
    expect(cut).toMatchObject({ file: { name: 'file0' }, error: { code, offset } });
    expect(await failure([log, whole], { onTruncated: 'stop' })).toMatchObject({ code, trail: ['file0'] });
  });

  it('inside the dump at its head is damage', async () => {
    const dump = bytesOf(await replayed([whole]));
    const cut = dump.subarray(0, dump.length - 12);
    expect(await failure([cut], { onTruncated: 'stop' })).toMatchObject({ code: 'TRUNCATED' });
  });

  it('may be its beginning', async () => {
    const { engine, counts } = await replayed([new Uint8Array(0), new Uint8Array(0)]);
    expect([strings(engine), counts.commands]).toEqual([[], 0]);
  });
});

describe('what is not replayed', () => {
  it.each([
    ['EVAL return"1" 0', /^EVAL "return\\"1\\"": a script/],
    ['evalsha e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0', /^EVALSHA "e0e1f9.*": a script/],
    ['FCALL f 0', /^FCALL "f": a script/],
    ['BF.ADD k x', /^BF.ADD: a command of a module/],
    ['NOSUCH k', /^NOSUCH: no command that servers/],
    ['XGROUP FROB k', /^XGROUP "FROB": no such subcommand/],
  ])('%s', async (line, message) => {
    const log = commands('SET a 1', 'MULTI', line, 'SET b 2', 'EXEC');
    const offset = commands('SET a 1', 'MULTI').length;
    const error = await failure([commands('SET a 0'), log]);
    expect(error).toMatchObject({ code: 'UNKNOWN_COMMAND', offset, trail: ['file1'] });
    expect(error.message).toMatch(message);
    const { engine, counts } = await replayed([log], { onUnknown: 'skip' });
    expect(strings(engine)).toEqual(['0 a 1', '0 b 2']);
    expect([...counts.skipped]).toEqual([[line.split(' ')[0]!.toUpperCase(), 1]]);
  });

  it('is shown in part where it is long', async () => {
    const { message } = await failure([logged('EVAL', 'x'.repeat(5000), '0')]);
    expect(message.length).toBeLessThan(300);
  });
});

describe('the generation', () => {
  it.each([
    [['SET a 1'], 'redis:7.0'],
    [['HSET h a 1', 'HPEXPIREAT h 4102444800000 FIELDS 1 a'], 'redis:7.4'],
    [['HSETEX h PXAT 4102444800000 FIELDS 1 a 1'], 'redis:8.0'],
    [['SET a 1', 'DELIFEQ a 1'], 'valkey:9.0'],
    [['FUNCTION LOAD #!lua\\sname=f\\n'], 'redis:7.0'],
  ])('of %j is %s', async (lines, name) => {
    expect((await replayed([commands(...lines)])).generation.name).toBe(name);
  });

  it('is that of the dump at the head, or a later one that the commands need', async () => {
    for (const [target, more, name] of [
      ['redis:6.2', 'SET a 1', 'redis:6.2'],
      ['redis:8.2', 'SET a 1', 'redis:8.2'],
      ['redis:6.2', 'HSETEX h PXAT 4102444800000 FIELDS 1 a 1', 'redis:8.0'],
      ['valkey:8.1', 'SET a 1', 'valkey:8.1'],
      ['valkey:8.1', 'HSETEX h PXAT 4102444800000 FIELDS 1 a 1', 'valkey:9.0'],
    ] as const) {
      const base = bytesOf(await replayed([commands('SET z 1')], { target }));
      const { engine, generation } = await replayed([base, commands(more)]);
      expect([engine.settings.target.name, generation.name]).toEqual([target, name]);
    }
  });
});

describe('the source of a dump', () => {
  it('gives the same bytes whatever is asked for', async () => {
    const lines = Array.from({ length: 3000 }, (_, at) => `SET key:${at} ${'v'.repeat(at % 90)}${at}`);
    const replay = await replayed([commands(...lines)]);
    const whole = bytesOf(replay);
    const source = replaySource(replay);
    const target = new Uint8Array(whole.length + 10);
    const at = (offset: number, max: number): Uint8Array => target.slice(0, source.readAt(offset, target, 0, max));
    expect(at(50_000, 20)).toEqual(whole.slice(50_000, 50_020));
    let pos = 0;
    for (let step = 1; pos < whole.length; step = (step * 7) % 5003) {
      const count = source.read(target, 0, step);
      expect(target.subarray(0, count)).toEqual(whole.subarray(pos, pos + count));
      pos += count;
      expect(at(pos, 5)).toEqual(whole.slice(pos, pos + 5));
      if (step % 3 === 0) expect(at(pos >> 1, 9)).toEqual(whole.slice(pos >> 1, (pos >> 1) + 9));
    }
    expect(source.read(target, 0, 1)).toBe(0);
    expect(source.readAt(whole.length, target, 0, 1)).toBe(0);
    expect(at(0, 9)).toEqual(whole.slice(0, 9));
  });
});

describe.each(listLogs())('the log of $name', ({ name, log }) => {
  const fixture = listFixtures().find((one) => one.name === name)!;
  const truth = readTruth(fixture);
  const hasModules = truth.keys.some(({ type }) => type === 'module');
  const hasScripts = /redis-(3\.2|4\.0)/.test(name);

  it('holds what the server said', async () => {
    const target = truth.server.name.replace('-', ':');
    const { engine, counts } = await replayLog(log(), { target, onUnknown: hasScripts ? 'skip' : 'error' });
    expect([...counts.skipped]).toEqual(hasScripts ? [['EVAL', 2]] : []);
    const found = new Map<string, unknown>();
    for (const db of engine.inUse()) {
      for (const [key, value] of db.keys.entries()) {
        const told = valueAsTruth(toRdb(value, engine.settings));
        found.set(`${db.index} ${toBase64(fromByteString(key))}`, told);
      }
    }
    const wrong = truth.keys.filter((told) => {
      const value = found.get(`${told.db} ${told.key}`);
      return !isDeepStrictEqual(asTold(value), asTold(valueTold(told)));
    });
    // As long as everything that can expire is there.
    const isWhole = wrong.length === 0 && (truth.expired ?? []).length === 0;
    if (truth.digest && isWhole && !hasModules) expect(digestEngine(engine).digest).toBe(truth.digest);
    const unsaid = UNSAID.find(([pattern]) => pattern.test(name))?.[1];
    expect(wrong.map(({ key }) => Buffer.from(key, 'base64').toString()).filter((key) => !unsaid?.test(key))).toEqual(
      [],
    );
  });
});

/** What the log of a server does not say, and its loading not either. */
const UNSAID: readonly (readonly [RegExp, RegExp])[] = [
  // Scripts; and PFMERGE made it dense before 4.0.
  [/^redis-3\.2/, /^(lua:[1ln]|m:hll2)$/],
  [/^redis-4\.0/, /^lua:[1ln]$/],
  // The rewrite of 5.0 loses a stream that never had an entry.
  [/^redis-5\.0\/aof-rewritten/, /^s:mkstream$/],
];

/** The form that valueAsTruth gives. */
function valueTold({ type, value }: { readonly type: string; readonly value: unknown }): unknown {
  switch (type) {
    case 'set':
      return [...(value as string[])].sort();
    case 'hash':
      return Object.fromEntries(value as [string, string][]);
    case 'string':
    case 'list':
    case 'zset':
    case 'stream':
      return value;
    default:
      return undefined;
  }
}

function asTold(value: unknown): unknown {
  // Scores are told as texts.
  return Array.isArray(value) ? value.map((one) => (isScored(one) ? [one[0], scoreOf(one[1])] : one)) : value;
}

function isScored(one: unknown): one is [string, string | number] {
  return Array.isArray(one) && one.length === 2 && !Array.isArray(one[1]);
}

function scoreOf(score: string | number): number {
  return typeof score === 'number' ? score : Number(score.replace(/^(-?)\+?inf$/i, '$1Infinity'));
}

function bytesOf(replay: Replay): Uint8Array {
  const source = replaySource(replay);
  const parts: Uint8Array[] = [];
  for (;;) {
    const part = new Uint8Array(4096);
    const count = source.read(part, 0, part.length);
    if (count === 0) return joined(...parts);
    parts.push(part.subarray(0, count));
  }
}

function listLogs(): { name: string; log: () => AofLog }[] {
  return listFixtures()
    .filter((fixture) => fixture.case.startsWith('aof-'))
    .map(({ name }) => {
      const within = path.join(FIXTURES, name);
      const directory = path.join(within, 'appendonlydir');
      const place = fs.existsSync(directory) ? directory : path.join(within, 'appendonly.aof');
      return { name, log: () => openAofLog(place, nodeFiles) };
    });
}
