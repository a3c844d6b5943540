/** What a live server says of its data through its normal read commands, in the shape of truth.json (fixtures/README.md). */
import { toBase64 } from '../support/fixtures.js';
import type { Reply } from '../support/resp-client.js';
import { flatReply } from '../support/truth.js';
import { newerCommands, type Send } from '../support/workload-pipeline.js';

export interface ServerKey {
  readonly db: number;
  readonly key: Buffer;
  readonly type: string;
  /** OBJECT ENCODING. */
  readonly encoding: string;
  /** Unix ms, −1 without; undefined where the server has no PEXPIRETIME. */
  readonly expireAtMs: number | undefined;
  /** As valueAsTruth gives it; of a vector set its parameters and elements. */
  readonly value: unknown;
  /** Field (base64) to Unix ms, where fields can expire. */
  readonly fieldTimes: Readonly<Record<string, number>>;
  /** XINFO STREAM FULL. */
  readonly stream: Readonly<Record<string, unknown>> | undefined;
  readonly dump: Buffer;
}

export interface ServerContent {
  /** By {@link keyName}. */
  readonly keys: ReadonlyMap<string, ServerKey>;
  /** DBSIZE of every database that is not empty. */
  readonly sizes: ReadonlyMap<number, number>;
  /** How many keys of a database expire. */
  readonly expiring: ReadonlyMap<number, number>;
  /** The code of every function library, sorted. */
  readonly functions: readonly string[];
}

export interface VectorSetTruth {
  readonly info: Readonly<Record<string, unknown>>;
  /** By element (base64). */
  readonly elements: Readonly<
    Record<string, { readonly vector: readonly number[]; readonly attribute: string | null }>
  >;
}

export function keyName(db: number, key: Uint8Array): string {
  return `db ${db} ${JSON.stringify(Buffer.from(key).toString('latin1').slice(0, 100))} ${key.length}`;
}

/** Reads everything. Nothing else may change the data meanwhile. */
export async function readContent(send: Send): Promise<ServerContent> {
  const commands = await newerCommands(send);
  const keys = new Map<string, ServerKey>();
  const sizes = new Map<number, number>();
  const expiring = new Map<number, number>();
  const info = String(await send('INFO', 'keyspace'));
  for (const [, number, expires] of info.matchAll(/^db(\d+):keys=\d+,expires=(\d+)/gm)) {
    const db = Number(number);
    await send('SELECT', db);
    sizes.set(db, (await send('DBSIZE')) as number);
    expiring.set(db, Number(expires));
    const names = (await send('KEYS', '*')) as Buffer[];
    for (const key of await Promise.all(names.map((name) => readKey(send, commands, db, name))))
      keys.set(keyName(db, key.key), key);
  }
  return { keys, sizes, expiring, functions: await readFunctions(send) };
}

async function readKey(send: Send, commands: ReadonlySet<string>, db: number, key: Buffer): Promise<ServerKey> {
  const [type, encoding, expireAtMs, dump] = await Promise.all([
    send('TYPE', key),
    send('OBJECT', 'ENCODING', key),
    commands.has('pexpiretime') ? send('PEXPIRETIME', key) : undefined,
    send('DUMP', key),
  ]);
  const [value, fieldTimes, stream] = await Promise.all([
    readValue(send, String(type), key),
    type === 'hash' && commands.has('hpexpiretime') ? readFieldTimes(send, key) : {},
    type === 'stream' ? readStream(send, key) : undefined,
  ]);
  return {
    db,
    key,
    type: String(type),
    encoding: String(encoding),
    expireAtMs: expireAtMs as number | undefined,
    value,
    fieldTimes,
    stream,
    dump: dump as Buffer,
  };
}

async function readValue(send: Send, type: string, key: Buffer): Promise<unknown> {
  switch (type) {
    case 'string':
      return toBase64((await send('GET', key)) as Buffer);
    case 'list':
      return ((await send('LRANGE', key, 0, -1)) as Buffer[]).map(toBase64);
    case 'set':
      return ((await send('SMEMBERS', key)) as Buffer[]).map(toBase64).sort();
    case 'zset':
      return pairs((await send('ZRANGE', key, 0, -1, 'WITHSCORES')) as Buffer[]).map(([member, score]) => [
        toBase64(member),
        scoreOf(score.toString()),
      ]);
    case 'hash':
      return Object.fromEntries(pairs((await send('HGETALL', key)) as Buffer[]).map((pair) => pair.map(toBase64)));
    case 'stream':
      return ((await send('XRANGE', key, '-', '+')) as [Buffer, Buffer[]][]).map(([id, fields]) => [
        id.toString(),
        fields.map(toBase64),
      ]);
    case 'vectorset':
      return readVectorSet(send, key);
    default:
      return undefined;
  }
}

async function readFieldTimes(send: Send, key: Buffer): Promise<Record<string, number>> {
  const fields = (await send('HKEYS', key)) as Buffer[];
  const times = (await send('HPEXPIRETIME', key, 'FIELDS', fields.length, ...fields)) as number[];
  return Object.fromEntries(
    fields.map((field, index) => [toBase64(field), times[index]!] as const).filter(([, atMs]) => atMs >= 0),
  );
}

async function readStream(send: Send, key: Buffer): Promise<Record<string, unknown>> {
  const info = flatReply(textReply(await send('XINFO', 'STREAM', key, 'FULL', 'COUNT', 0)));
  // FULL says nothing of idempotent producers, the short form does.
  return { ...flatReply(textReply(await send('XINFO', 'STREAM', key))), ...info };
}

async function readVectorSet(send: Send, key: Buffer): Promise<VectorSetTruth> {
  const info = flatReply(textReply(await send('VINFO', key)));
  const members = (await send('VRANDMEMBER', key, 1_000_000)) as Buffer[];
  const read = async (member: Buffer) => {
    const vector = ((await send('VEMB', key, member)) as Buffer[]).map(Number);
    const attribute = (await send('VGETATTR', key, member)) as Buffer | null;
    return [toBase64(member), { vector, attribute: attribute?.toString() ?? null }] as const;
  };
  return { info, elements: Object.fromEntries(await Promise.all(members.map(read))) };
}

async function readFunctions(send: Send): Promise<string[]> {
  const libraries = (await send('FUNCTION', 'LIST', 'WITHCODE')) as Reply[];
  return libraries.map((library) => String(flatReply(textReply(library)).library_code)).sort();
}

/** A reply with texts for byte strings, one character per byte. */
export function textReply(reply: Reply): unknown {
  if (Array.isArray(reply)) return reply.map(textReply);
  return reply instanceof Uint8Array ? reply.toString('latin1') : reply;
}

function pairs<T>(items: readonly T[]): [T, T][] {
  return Array.from({ length: items.length >> 1 }, (_, index) => [items[2 * index]!, items[2 * index + 1]!]);
}

function scoreOf(text: string): number {
  return text === 'inf' ? Infinity : text === '-inf' ? -Infinity : Number(text);
}
