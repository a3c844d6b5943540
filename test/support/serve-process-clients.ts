/** What the client libraries of Node say of a server's data, each by its own calls, in the shape of truth.json. */
import { createClient, RESP_TYPES } from '@redis/client';
import { Redis } from 'ioredis';
import { fromBase64, type TruthKey, toBase64 } from './fixtures.js';

export interface Library {
  /** Every key of the database, by the library's own iterator. */
  keys(): Promise<Buffer[]>;
  /** As `comparable` of live-value.ts has it; a vector set as how many elements it has. */
  value(type: string, key: Buffer): Promise<unknown>;
  select(db: number): Promise<unknown>;
  close(): Promise<unknown>;
}

export const LIBRARIES = {
  '@redis/client, RESP2': (port: number) => ofRedis(port, 2),
  '@redis/client, RESP3': (port: number) => ofRedis(port, 3),
  'ioredis, RESP2': (port: number) => ofIoredis(port, 2),
  'ioredis, RESP3': (port: number) => ofIoredis(port, 3),
} as const satisfies Readonly<Record<string, (port: number) => Promise<Library>>>;

/** Types that libraries read, of a truth. */
export function isReadable({ type }: TruthKey): boolean {
  return ['string', 'list', 'set', 'zset', 'hash', 'stream'].includes(type);
}

export function bufferOf(base64: string): Buffer {
  return Buffer.from(fromBase64(base64));
}

async function ofRedis(port: number, version: 2 | 3): Promise<Library> {
  const client = createClient({ socket: { port, host: '127.0.0.1' }, RESP: version });
  await client.connect();
  const exact = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer, [RESP_TYPES.MAP]: Array });
  const value = async (type: string, key: Buffer): Promise<unknown> => {
    switch (type) {
      case 'string':
        return textOf(await exact.get(key));
      case 'list':
        return (await exact.lRange(key, 0, -1)).map(textOf);
      case 'set':
        return (await exact.sMembers(key)).map(textOf).sort();
      case 'zset':
        return (await exact.zRangeWithScores(key, 0, -1)).map(({ value: member, score }) => [
          textOf(member),
          score + 0,
        ]);
      case 'hash':
        return Object.fromEntries(pairsOf((await exact.hGetAll(key)) as unknown as Buffer[]));
      case 'stream': {
        const entries = (await exact.xRange(key, '-', '+')) as unknown as { id: Buffer; message: Buffer[] }[];
        return entries.map(({ id, message }) => [String(id), message.map(textOf)]);
      }
      default:
        return undefined;
    }
  };
  const keys = async (): Promise<Buffer[]> => {
    const found: Buffer[] = [];
    for await (const batch of exact.scanIterator({ COUNT: 30 })) found.push(...batch);
    return found;
  };
  return { keys, value, select: (db) => client.select(db), close: () => client.close() };
}

async function ofIoredis(port: number, protocol: 2 | 3): Promise<Library> {
  const client = new Redis({ port, host: '127.0.0.1', protocol, lazyConnect: true });
  await client.connect();
  const value = async (type: string, key: Buffer): Promise<unknown> => {
    switch (type) {
      case 'string':
        return textOf(await client.getBuffer(key));
      case 'list':
        return (await client.lrangeBuffer(key, 0, -1)).map(textOf);
      case 'set':
        return (await client.smembersBuffer(key)).map(textOf).sort();
      case 'zset': {
        const found = pairsOf(await client.zrangeBuffer(key, 0, '-1', 'WITHSCORES'));
        return found.map(([member, score]) => [member, scoreOf(Buffer.from(score, 'base64').toString())]);
      }
      case 'hash':
        // The library makes an object of HGETALL, whose names are text.
        return Object.fromEntries(pairsOf((await client.callBuffer('HGETALL', key)) as Buffer[]));
      case 'stream':
        return (await client.xrangeBuffer(key, '-', '+')).map(([id, fields]) => [String(id), fields.map(textOf)]);
      default:
        return undefined;
    }
  };
  const keys = async (): Promise<Buffer[]> => {
    const found: Buffer[] = [];
    for await (const batch of client.scanBufferStream({ count: 30 })) found.push(...(batch as Buffer[]));
    return found;
  };
  return { keys, value, select: (db) => client.select(db), close: () => client.quit() };
}

function textOf(bytes: Buffer | null): string {
  return toBase64(bytes!);
}

function pairsOf(items: readonly Buffer[]): [string, string][] {
  return Array.from({ length: items.length >> 1 }, (_, index) => [
    textOf(items[2 * index]!),
    textOf(items[2 * index + 1]!),
  ]);
}

/** Of the zeros there is one, as in what is expected. */
function scoreOf(text: string): number {
  return text === 'inf' ? Infinity : text === '-inf' ? -Infinity : Number(text) + 0;
}
