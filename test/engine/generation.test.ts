/** Who wrote a log that has no dump at its head. */
import { describe, expect, it } from 'vitest';
import type { AofLog, LogFile, LogRole, Manifest } from '../../src/aof/model.js';
import { BytesSource } from '../../src/bytes/source-plain.js';
import { digestEngine } from '../../src/engine/digest.js';
import { type Replay, type ReplayOptions, replayLog } from '../../src/engine/replay-log.js';
import { findTarget } from '../../src/rdb/versions.js';
import { logged } from '../support/aof-files.js';

interface Part {
  readonly role: LogRole;
  readonly name: string;
  readonly lines: readonly string[];
}

const SINGLE = 'appendonly.aof';
const BASE = 'appendonly.aof.1.base.aof';
const INCR = 'appendonly.aof.1.incr.aof';

const text = (line: string): Uint8Array =>
  line.startsWith('#') ? new TextEncoder().encode(`${line}\r\n`) : logged(...line.split(' '));

function logOf(parts: readonly Part[], manifest?: Manifest): AofLog {
  const files = parts.map(({ role, name, lines }): LogFile => {
    const bytes = new Uint8Array(Buffer.concat(lines.map(text)));
    return { role, name, path: name, seq: 1n, sizeBytes: bytes.length, open: async () => new BytesSource(bytes) };
  });
  return { name: 'log', files, history: [], manifest };
}

const single = (...lines: string[]): Part => ({ role: 'single', name: SINGLE, lines });
const base = (...lines: string[]): Part => ({ role: 'base', name: BASE, lines });
const incr = (...lines: string[]): Part => ({ role: 'incr', name: INCR, lines });

async function writerOf(parts: readonly Part[], options: ReplayOptions = {}, manifest?: Manifest): Promise<Replay> {
  return await replayLog(logOf(parts, manifest), { onUnknown: 'skip', ...options });
}

type Case = [parts: Part[], engine: string, by: string];

describe('the writer of a log', () => {
  it.each<Case>([
    // Nothing says more.
    [[single()], 'redis:7.0', 'nothing'],
    [[single('SET a 1')], 'redis:7.0', 'nothing'],
    // A client's own texts of scores say nothing.
    [[single('ZADD z 0.1 a 100000000 b')], 'redis:7.0', 'nothing'],
    // Commands.
    [[single('UNLINK a')], 'redis:7.0', 'signs'],
    [[single('XADD s 1-1 f v')], 'redis:7.0', 'signs'],
    [[single('FUNCTION FLUSH')], 'redis:7.0', 'signs'],
    [[single('HSETEX h FIELDS 1 f v')], 'redis:8.0', 'signs'],
    [[single('HSETEX h PXAT 4102444800000 FIELDS 1 f v')], 'redis:8.0', 'signs'],
    [[single('DELEX a')], 'redis:8.4', 'signs'],
    [[single('DELIFEQ a 1')], 'valkey:9.0', 'signs'],
    // What only older servers log.
    [[single('SET a 1', 'EXPIREAT a 4102444800')], 'redis:2.4', 'signs'],
    [[single('BLPOP l 0')], 'redis:2.4', 'signs'],
    [[single('SET a 1 EX 100')], 'redis:3.0', 'signs'],
    [[single('BRPOPLPUSH a b 0')], 'redis:3.2', 'signs'],
    [[single('GETSET a 1')], 'redis:6.0', 'signs'],
    [[single('SCRIPT LOAD x')], 'redis:6.2', 'signs'],
    [[single('EVAL x 0')], 'redis:6.2', 'signs'],
    [[single('XSETID s 1-1')], 'redis:6.2', 'signs'],
    [[single('RESTORE a 100 x')], 'redis:6.2', 'signs'],
    [[single('ZADD z 1.1000000000000001 a')], 'redis:7.0', 'signs'],
    [[single('XADD s MAXLEN 0 0-0 x y')], 'redis:6.0', 'signs'],
    [[single('XADD s MAXLEN 0 0-1 x y', 'XSETID s 0-0')], 'redis:6.2', 'signs'],
    // Forms that came later.
    [[single('SET a 1 PXAT 4102444800000')], 'redis:7.0', 'signs'],
    [[single('XSETID s 1-1 ENTRIESADDED 1 MAXDELETEDID 0-0')], 'redis:7.0', 'signs'],
    [[single('RESTORE a 0 x'), incr('RESTORE a 100 x ABSTTL')], 'redis:7.0', 'signs'],
    [[single('#TS:1700000000', 'SET a 1')], 'redis:7.0', 'signs'],
    // How files are laid out, and how rewrites put scores and fields.
    [[base('SET a 1'), incr()], 'redis:7.0', 'signs'],
    [[base('ZADD z 1.1000000000000001 a')], 'redis:7.0', 'signs'],
    [[base('ZADD z 100000000 a')], 'redis:7.0', 'signs'],
    [[base('ZADD z 1.1 a')], 'redis:7.2', 'signs'],
    [[base('ZADD z 1e+8 a')], 'redis:7.2', 'signs'],
    [[base('HMSET h f v', 'HPEXPIREAT h 4102444800000 FIELDS 1 f')], 'redis:7.4', 'signs'],
    [[base('HSETEX h PXAT 4102444800000 FIELDS 1 f v')], 'valkey:9.0', 'signs'],
    [[incr('HPEXPIREAT h 4102444800000 FIELDS 1 f')], 'redis:7.4', 'signs'],
    [[incr('HSET h f v', 'HPEXPIREAT h 4102444800000 FIELDS 1 f')], 'redis:7.4', 'signs'],
    // An empty file says nothing, and the next one is asked.
    [[base(), incr('DELIFEQ a 1')], 'valkey:9.0', 'signs'],
    // A server was replaced by a later one.
    [[single('EVAL x 0', 'HSETEX h FIELDS 1 f v')], 'redis:8.0', 'signs'],
    [[{ role: 'base', name: SINGLE, lines: ['ZADD z 1.1 a', 'EVAL x 0'] }, incr()], 'redis:7.0', 'signs'],
  ])('%j', async (parts, engine, by) => {
    const replay = await writerOf(parts);
    expect([replay.engine.settings.target.name, replay.writer.by]).toEqual([engine, by]);
  });

  it.each<[parts: Part[], isGuess: boolean]>([
    [[single('SET a 1')], false],
    [[single('ZADD z 1 a 1.5 b 100000 c')], false],
    [[single('ZADD z 0.1 a')], true],
    [[single('ZADD z 100000000 a')], true],
    [[single('ZADD z 0.1 a', 'GETSET a 1')], false],
    [[base('SET a 1'), incr('ZADD z 0.1 a')], true],
    [[base('ZADD z 0.1 a'), incr('ZADD z 0.7 a')], false],
    [[base('HMSET h f v', 'HPEXPIREAT h 4102444800000 FIELDS 1 f')], false],
    [[base('HSETEX h PXAT 4102444800000 FIELDS 1 f v')], false],
    [[incr('HSET h f v', 'HPEXPIREAT h 4102444800000 FIELDS 1 f')], true],
    [[incr('HSET h f v', 'HPEXPIREAT h 4102444800000 FIELDS 1 f', 'DELIFEQ a 1')], false],
    [[incr('HSET h f v', 'HPEXPIREAT h 4102444800000 FIELDS 1 f', 'HPERSIST h FIELDS 1 f')], false],
  ])('of %j is a guess where it matters: %s', async (parts, isGuess) => {
    expect((await writerOf(parts)).writer.isGuess).toBe(isGuess);
  });

  it('has replication offsets in its manifest as of Redis 8.0', async () => {
    const entry = { name: INCR, seq: 1n, type: 'incr', startOffset: 0n } as const;
    const { generation, writer } = await writerOf([incr('SET a 1')], {}, { entries: [entry] });
    expect([generation.name, writer]).toEqual(['redis:8.0', { by: 'signs', isGuess: false }]);
  });

  it('may be told, or be likely', async () => {
    const likely = findTarget('redis:6.2');
    const about = async (parts: Part[], options: ReplayOptions): Promise<string[]> => {
      const { engine, writer } = await writerOf(parts, options);
      expect(writer.isGuess).toBe(false);
      return [engine.settings.target.name, writer.by];
    };
    expect(await about([single('SET a 1')], { target: 'valkey:8.1', likely })).toEqual(['valkey:8.1', 'told']);
    expect(await about([single('SET a 1')], { likely })).toEqual(['redis:6.2', 'beside']);
    expect(await about([single('DELEX a')], { likely })).toEqual(['redis:8.4', 'signs']);
    expect(await about([base('ZADD z 1.1 a')], { likely })).toEqual(['redis:7.2', 'signs']);
  });

  it('decides the digest', async () => {
    const digestOf = async (...lines: string[]): Promise<string> =>
      digestEngine((await writerOf([base(...lines)])).engine).digest;
    const told = async (target: string): Promise<string> =>
      digestEngine((await writerOf([base('ZADD z 1.1 a')], { target })).engine).digest;
    expect(await digestOf('ZADD z 1.1 a')).toBe(await told('redis:8.6'));
    expect(await digestOf('ZADD z 1.1000000000000001 a')).toBe(await told('redis:7.0'));
    expect(await told('redis:8.6')).not.toBe(await told('redis:7.0'));
  });
});
