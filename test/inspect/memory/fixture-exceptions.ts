/**
 * Where a server that has been written to differs from one that has loaded the same data, which is what the model is about
 * (memory-model.md §3, "Live-server deviations"), and what its libc adds. Each exception has a reason, the pairs that it is for,
 * and what it allows: nothing at all (`left out`), or other sizes beside that of the model.
 */
import type { FixturePair } from './fixture-pairs.js';

export interface MemoryException {
  readonly reason: string;
  readonly isFor: (pair: FixturePair) => boolean;
  /** Sizes that are as right as `size`, which the model or another exception has; `undefined` leaves the pair out. */
  readonly sizes: ((pair: FixturePair, size: number) => readonly number[]) | undefined;
}

const DICT_SERVERS = /^(redis|valkey-8\.0)/;
/** What the generator made by APPEND, SETRANGE, SETBIT, BITFIELD, BITOP and PFADD. */
const GROWN_STRINGS = /^(hll:|bm:|m:hll|m:bit|m:bf$|m:sr$|str:appended$|str:intappended$|str:setrange$)/;
const COMPRESSED_LISTS = /^L:-?\d+:[12]:/;
/** What MEMORY USAGE says of the tail of a stream that was made for 4096 bytes. */
const STREAM_TAIL = 4104;
/** What an allocation of libc may be larger than it has to be; so many of a small value are, and one in so many elements. */
const REMAINDER = 16;
const REMAINDERS = 3;
const REMAINDER_SHARE = 8;

export const EXCEPTIONS: readonly MemoryException[] = [
  {
    reason: 'only the module knows what its value takes',
    isFor: ({ type, key }) => type === 'module' && key.startsWith('mod:'),
    sizes: undefined,
  },
  {
    reason:
      'the server came to another encoding than a load does, by commands or by settings that varied from key to key',
    isFor: ({ encoding, modelEncoding, type }) => encoding !== modelEncoding && type !== 'module',
    sizes: undefined,
  },
  {
    reason: 'strings that commands made longer have room for more',
    isFor: ({ type, key, bytes, modelBytes }) => type === 'string' && GROWN_STRINGS.test(key) && bytes > modelBytes,
    sizes: undefined,
  },
  {
    reason: 'inner nodes were compressed (list-compress-depth), which no file says and a load does not do by default',
    isFor: ({ key, encoding, bytes, modelBytes }) =>
      encoding === 'quicklist' && COMPRESSED_LISTS.test(key) && bytes < modelBytes,
    sizes: undefined,
  },
  {
    reason: '7.0-rc1 had the streams of 6.2 still',
    isFor: ({ server, type }) => server === 'redis-7.0rc1' && type === 'stream',
    sizes: undefined,
  },
  {
    reason: '8.6 keeps the trees of groups and pending entries that are gone',
    isFor: ({ server, key }) => server === 'redis-8.6' && /^(m:x|s:delgroup|s:delex)$/.test(key),
    sizes: undefined,
  },
  {
    reason: 'the last node of a stream that is written to has room for more (6.2 to 8.0, and Valkey)',
    isFor: ({ type, server }) => type === 'stream' && !/^redis-(5|8)/.test(server),
    sizes: ({ bytes }, size) => (bytes > size && bytes <= size + STREAM_TAIL + REMAINDER ? [bytes] : []),
  },
  {
    reason:
      'a table that commands filled is still leaving one half as large, as some loaded ones do, or had twice as many members',
    isFor: ({ encoding, server }) => (encoding === 'hashtable' || encoding === 'skiplist') && DICT_SERVERS.test(server),
    sizes: ({ elements }, size) => {
      const table = 8 * Math.max(4, 2 ** Math.ceil(Math.log2(elements)));
      return [size + table / 2, size - table / 2, size + table];
    },
  },
  {
    reason: 'libc gives 16 bytes more where the rest of a free chunk is too small for another (from 5.0 on counted)',
    isFor: ({ server }) => !server.startsWith('redis-4'),
    sizes: ({ elements, type }, size) => {
      const most = REMAINDERS + (type === 'string' ? 0 : Math.floor(elements / REMAINDER_SHARE));
      return Array.from({ length: most }, (_, index) => size + REMAINDER * (index + 1));
    },
  },
];
