/**
 * Our commands, read by a real server through redis-cli --pipe: what it then answers about every key is what the server
 * that wrote the dump had answered.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CommandForms, commandForms } from '../../src/convert/rdb-to-commands/forms.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { findTarget, type Target } from '../../src/rdb/versions.js';
import { type CommandRun, commandRun, commandsOf } from '../support/command-run.js';
import { bytesOf, str } from '../support/file-builder.js';
import { type Fixture, fromBase64, listFixtures, readFixture, readTruth, toBase64 } from '../support/fixtures.js';
import { type LiveServer, startServer } from '../support/live-server.js';
import { comparable, fieldExpiries, liveValue, streamFacts } from '../support/live-value.js';

let server: LiveServer;
let target: Target;
let forms: CommandForms;

beforeAll(async () => {
  server = await startServer({ args: ['--databases', '256', '--sanitize-dump-payload', 'yes'] });
  target = await targetOfServer();
  forms = commandForms(target);
});

afterAll(async () => await server?.stop());

beforeEach(async () => {
  await server.send('FLUSHALL');
  await server.send('FUNCTION', 'FLUSH');
});

/** Test modules are not there. */
const FIXTURES = listFixtures().filter((fixture) => fixture.case !== 'module');

describe.each(['resp', 'restore'] as const)('-f %s', (format) => {
  it.each(FIXTURES)('$name', async (fixture) => {
    const file = readFixture(fixture.name);
    const run = commandRun(file, { format, target, onUnsupported: 'convert', nowMs: Date.now() });
    expect(await pipe(run.bytes)).toEqual({ errors: 0, replies: commandsOf(run.bytes).length });
    await compare(fixture, run, format);
  });

  it('replaces what is there where it is asked to', async () => {
    const file = bytesOf('REDIS0009', 0xfe, 0, 1, str('k'), 2, str('a'), str('b'), 0xff, [0, 0, 0, 0, 0, 0, 0, 0]);
    await server.send('SELECT', 0);
    await server.send('RPUSH', 'k', 'old');
    await pipe(commandRun(file, { format, target, replace: true }).bytes);
    expect(await server.send('LRANGE', 'k', 0, -1)).toEqual([Buffer.from('a'), Buffer.from('b')]);
    const { errors } = await pipe(commandRun(file, { format, target }).bytes);
    expect(errors).toBe(format === 'restore' ? 1 : 0);
  });
});

describe('the digest of a server of the same generation', () => {
  const own = FIXTURES.filter((fixture) => fixture.server === 'redis-7.0' && fixture.case !== 'expired');
  it.each(own)('$name', async (fixture) => {
    if (target.name !== 'redis:7.0') return; // Other generations write other digests.
    const { digest } = readTruth(fixture);
    for (const format of ['resp', 'restore'] as const) {
      await server.send('FLUSHALL');
      await pipe(commandRun(readFixture(fixture.name), { format, replace: true }).bytes);
      expect(await server.send('DEBUG', 'DIGEST')).toBe(digest);
    }
  });
});

/** Every key of the dump, against what its server said. */
async function compare(fixture: Fixture, run: CommandRun, format: 'resp' | 'restore'): Promise<void> {
  const lost = new Set(run.losses.flatMap(({ key, db, policy }) => (policy === 'drop' && key ? placeOf(db, key) : [])));
  const expiries = expiriesOf(readFixture(fixture.name));
  const { keys, functions } = readTruth(fixture);
  for (const { db, key: name, type, value, hash_ttl, stream, digest } of keys) {
    const key = fromBase64(name);
    const place = placeOf(db, key);
    if (lost.has(place)) continue;
    await server.send('SELECT', db);
    const expireAt = expiries.get(place);
    if (expireAt !== undefined && expireAt < Date.now()) {
      expect([name, await server.send('TYPE', key)]).toEqual([name, 'none']);
      continue;
    }
    expect([name, await server.send('TYPE', key)]).toEqual([name, type]);
    const digests = type === 'vectorset' && ((await server.send('DEBUG', 'DIGEST-VALUE', key)) as string[]);
    if (digests) expect([name, digests[0]]).toEqual([name, digest]);
    else expect([name, await liveValue(server, type, key)]).toEqual([name, comparable(type, value)]);
    // Entries give the nearest safe number.
    const found = Math.min(Number(await server.send('PEXPIRETIME', key)), Number.MAX_SAFE_INTEGER);
    expect([name, found]).toEqual([name, expireAt ?? -1]);
    if (hash_ttl !== undefined && forms.fieldExpiry !== undefined)
      expect(await fieldExpiries(server, key, hash_ttl)).toEqual(hash_ttl);
    if (stream?.full !== undefined) await compareStream(key, stream.full, format);
  }
  if (functions?.length && forms.functions)
    expect(await server.send('FUNCTION', 'LIST')).toHaveLength(functions.length);
}

/** What is written in no version of the dump's generation is not compared. */
async function compareStream(key: Uint8Array, full: unknown, format: 'resp' | 'restore'): Promise<void> {
  const expected = streamFacts(full, format === 'restore');
  const found = streamFacts(await server.send('XINFO', 'STREAM', key, 'FULL', 'COUNT', 0), true);
  if (expected.entriesAdded === undefined) {
    for (const facts of [expected, found]) {
      delete facts.entriesAdded;
      delete facts.maxDeletedId;
      for (const group of facts.groups as Record<string, unknown>[]) delete group.entriesRead;
    }
  }
  expect([toBase64(key), found]).toEqual([toBase64(key), expected]);
}

function expiriesOf(file: Uint8Array): Map<string, number> {
  const expiries = new Map<string, number>();
  for (const entry of readRdbSync(file))
    if (entry.kind === 'key' && entry.expireAtMs !== undefined)
      expiries.set(placeOf(entry.db, entry.key), entry.expireAtMs);
  return expiries;
}

function placeOf(db: number | undefined, key: Uint8Array): string {
  return `${db} ${toBase64(key)}`;
}

async function targetOfServer(): Promise<Target> {
  const info = String(await server.send('INFO', 'server'));
  const [, name, version] =
    /(valkey|redis)_version:(\S+)/.exec(info.replace(/redis_version(?=[\s\S]*valkey_version)/, '')) ?? [];
  return findTarget(`${name}:${version}`)!;
}

/** What redis-cli says at the end. */
async function pipe(bytes: Uint8Array): Promise<{ errors: number; replies: number }> {
  const sibling = join(dirname(process.env.REDIS_SERVER ?? ''), 'redis-cli');
  const child = spawn(existsSync(sibling) ? sibling : 'redis-cli', ['-p', String(server.port), '--pipe']);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.end(bytes);
  await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject));
  const [, errors, replies] = /errors: (\d+), replies: (\d+)/.exec(output) ?? [];
  if (errors === undefined) throw new Error(`redis-cli --pipe says ${output}`);
  return { errors: Number(errors), replies: Number(replies) };
}
