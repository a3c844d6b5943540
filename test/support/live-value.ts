/** What a live server says about a key, in the shape of truth.json, so that a deep comparison does the work. */
import { toBase64 } from './fixtures.js';
import type { LiveServer } from './live-server.js';
import type { Reply } from './resp-client.js';
import { flatReply, replyText } from './truth.js';

type Sender = Pick<LiveServer, 'send'>;

/** The value as `TruthKey.value` with scores as numbers, and hashes as records; undefined for modules. */
export async function liveValue(server: Sender, type: string, key: Uint8Array): Promise<unknown> {
  const texts = async (...args: [string, ...(string | number | Uint8Array)[]]): Promise<string[]> =>
    ((await server.send(...args)) as Buffer[]).map(toBase64);
  switch (type) {
    case 'string':
      return toBase64((await server.send('GET', key)) as Buffer);
    case 'list':
      return await texts('LRANGE', key, 0, -1);
    case 'set':
      return (await texts('SMEMBERS', key)).sort();
    case 'zset': {
      const reply = (await server.send('ZRANGE', key, 0, -1, 'WITHSCORES')) as Buffer[];
      return pairsOf(reply).map(([member, score]) => [toBase64(member), scoreOf(score.toString())]);
    }
    case 'hash':
      return Object.fromEntries(pairsOf(await texts('HGETALL', key)));
    case 'stream': {
      const reply = (await server.send('XRANGE', key, '-', '+')) as [Buffer, Buffer[]][];
      return reply.map(([id, fields]) => [id.toString(), fields.map(toBase64)]);
    }
    default:
      return undefined;
  }
}

/** The truth in that shape. */
export function comparable(type: string, value: unknown): unknown {
  if (type === 'zset') return (value as [string, string][]).map(([member, score]) => [member, scoreOf(score)]);
  return type === 'hash' ? Object.fromEntries(value as [string, string][]) : value;
}

/** Field and expiry, −1 without, for the fields of `expected` and in their order. */
export async function fieldExpiries(
  server: Sender,
  key: Uint8Array,
  expected: readonly (readonly [string, number])[],
): Promise<[string, unknown][]> {
  const fields = expected.map(([field]) => new Uint8Array(Buffer.from(field, 'base64')));
  const reply = (await server.send('HPEXPIRETIME', key, 'FIELDS', fields.length, ...fields)) as Reply[];
  return expected.map(([field], index) => [field, reply[index]]);
}

/**
 * What XINFO STREAM FULL says, but for memory and for times at which consumers were seen. Without `withDeleted` only
 * pending entries that the stream still has.
 */
export function streamFacts(full: unknown, withDeleted: boolean): Record<string, unknown> {
  const reply = flatReply(plain(full));
  const live = new Set((reply.entries as [string, unknown][]).map(([id]) => id));
  const groups = (reply.groups as unknown[]).map((group) => groupFacts(flatReply(group), live, withDeleted));
  return {
    length: reply.length,
    lastId: reply['last-generated-id'],
    maxDeletedId: reply['max-deleted-entry-id'],
    entriesAdded: reply['entries-added'],
    groups,
  };
}

function groupFacts(
  group: Record<string, unknown>,
  live: ReadonlySet<string>,
  withDeleted: boolean,
): Record<string, unknown> {
  const pending = (group.pending ?? group.pel) as [string, ...unknown[]][];
  return {
    name: group.name,
    lastId: group['last-delivered-id'],
    entriesRead: group['entries-read'] ?? null,
    pending: pending.filter(([id]) => withDeleted || live.has(id)),
    consumers: (group.consumers as unknown[]).map((consumer) => flatReply(consumer).name),
  };
}

/** Bytes as the truth has them. */
function plain(reply: unknown): unknown {
  if (Array.isArray(reply)) return reply.map(plain);
  return reply instanceof Uint8Array ? replyText(reply) : reply;
}

function scoreOf(text: string): number {
  const score = text.endsWith('inf') ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text);
  // Packed sorted sets do not keep the sign of zero.
  return score === 0 ? 0 : score;
}

function pairsOf<T>(items: readonly T[]): [T, T][] {
  const pairs: [T, T][] = [];
  for (let at = 0; at < items.length; at += 2) pairs.push([items[at]!, items[at + 1]!]);
  return pairs;
}
