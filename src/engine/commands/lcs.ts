/** LCS: the longest common subsequence of two strings, and where its parts lie. */
import type { ByteString } from '../../bytes/byte-string.js';
import { isOption, numberArgument } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { CommandError, MapReply, type Reply, syntaxError } from '../reply.js';
import type { StoredValue } from '../values/stored-value.js';
import { MAX_STRING_BYTES } from './string.js';

export const LCS_COMMANDS: CommandTable = { LCS: lcs };

interface LcsOptions {
  readonly isLength: boolean;
  readonly isIndexes: boolean;
  readonly minMatchLength: number;
  readonly withLengths: boolean;
}

/** LCS key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN] */
function lcs(call: Call): Reply {
  const { args } = call;
  const [a, b] = [args[1]!, args[2]!].map((key) => call.db.get(key)).map(textOfValue) as [ByteString, ByteString];
  const options = parseOptions(args);
  if (options.isIndexes && options.isLength)
    throw new CommandError('ERR If you want both the length and indexes, please just use IDX.');
  const width = b.length + 1;
  if ((a.length + 1) * width * Uint32Array.BYTES_PER_ELEMENT > MAX_STRING_BYTES)
    throw new CommandError('ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len');
  const lengths = lengthTable(a, b);
  const length = lengths[a.length * width + b.length]!;
  if (options.isLength) return length;
  const parts = commonParts(a, b, lengths);
  if (!options.isIndexes) return textOf(a, parts);
  return new MapReply([
    ['matches', parts.filter(({ size }) => size >= options.minMatchLength).map((part) => match(part, options))],
    ['len', length],
  ]);
}

/** Bytes `[a, a + size)` of one string, which are those from `b` on of the other. */
interface Part {
  a: number;
  b: number;
  size: number;
}

/** By the sizes of what is left of both strings, a row for each of the first. */
function lengthTable(a: ByteString, b: ByteString): Uint32Array {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = 1; i <= a.length; i++) {
    const byte = a.charCodeAt(i - 1);
    const row = i * width;
    for (let j = 1; j <= b.length; j++) {
      const above = lengths[row - width + j]!;
      const before = lengths[row + j - 1]!;
      if (byte === b.charCodeAt(j - 1)) lengths[row + j] = lengths[row - width + j - 1]! + 1;
      else lengths[row + j] = Math.max(above, before);
    }
  }
  return lengths;
}

/** From the last one to the first: of equal ways the server takes that which gives up bytes of the second string. */
function commonParts(a: ByteString, b: ByteString, lengths: Uint32Array): Part[] {
  const width = b.length + 1;
  const parts: Part[] = [];
  let part: Part | undefined;
  for (let i = a.length, j = b.length; i > 0 && j > 0; ) {
    if (a.charCodeAt(i - 1) === b.charCodeAt(j - 1)) {
      i--;
      j--;
      if (part === undefined) {
        part = { a: i, b: j, size: 0 };
        parts.push(part);
      }
      part.a = i;
      part.b = j;
      part.size++;
      continue;
    }
    part = undefined;
    if (lengths[(i - 1) * width + j]! > lengths[i * width + j - 1]!) i--;
    else j--;
  }
  return parts;
}

function textOf(a: ByteString, parts: readonly Part[]): ByteString {
  return parts
    .toReversed()
    .map((part) => a.slice(part.a, part.a + part.size))
    .join('');
}

function match({ a, b, size }: Part, { withLengths }: LcsOptions): Reply {
  const ranges = [
    [a, a + size - 1],
    [b, b + size - 1],
  ];
  return withLengths ? [...ranges, size] : ranges;
}

function textOfValue(value: StoredValue | undefined): ByteString {
  if (value === undefined || typeof value === 'string') return value ?? '';
  if (value.type === 'string') return value.bytes;
  throw new CommandError('ERR The specified keys must contain string values');
}

function parseOptions(args: readonly ByteString[]): LcsOptions {
  let isLength = false;
  let isIndexes = false;
  let withLengths = false;
  let minMatchLength = 0;
  for (let at = 3; at < args.length; at++) {
    if (isOption(args[at], 'IDX')) isIndexes = true;
    else if (isOption(args[at], 'LEN')) isLength = true;
    else if (isOption(args[at], 'WITHMATCHLEN')) withLengths = true;
    else if (isOption(args[at], 'MINMATCHLEN') && at + 1 < args.length) minMatchLength = numberArgument(args[++at]);
    else throw syntaxError();
  }
  return { isLength, isIndexes, minMatchLength, withLengths };
}
