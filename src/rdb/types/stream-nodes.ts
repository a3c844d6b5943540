/**
 * Which entries of a stream share a node: the servers' rule for appending (rdb-format.md §8.6), applied to the live entries
 * from the first to the last. A new node begins where the listpack so far and the bare bytes of the entry's fields reach
 * `streamNodeMaxBytes`, or where the node holds `streamNodeMaxEntries`.
 *
 * Entries marked as deleted inside a node are not part of a value, so they are not written again; the counters of the
 * stream keep their memory.
 */
import { EncodeError } from '../../bytes/errors.js';
import { Int64 } from '../../bytes/int64.js';
import { LISTPACK_HEADER_SIZE, parseDecimal64 } from '../../codecs/listpack.js';
import { encodeRawStreamId } from '../../codecs/stream-id.js';
import { encodeStreamNode } from '../../codecs/stream-node.js';
import type { StreamEntry, StreamId } from '../model.js';
import type { ValueOutput } from '../value-output.js';
import type { EncodingSettings } from '../versions.js';

/** What a limit of 0 bytes means. */
const MAX_NODE_BYTES = 2 ** 30;

export type StreamNodeLimits = Pick<EncodingSettings, 'streamNodeMaxBytes' | 'streamNodeMaxEntries'>;

/** Where the nodes end, as indexes behind their last entries: as many as there are nodes. */
export function splitStreamNodes(entries: readonly StreamEntry[], limits: StreamNodeLimits): number[] {
  const splitter = new StreamNodeSplitter(limits);
  const ends: number[] = [];
  entries.forEach((entry, index) => {
    if (splitter.add(entry) && index > 0) ends.push(index);
  });
  if (entries.length > 0) ends.push(entries.length);
  return ends;
}

/** One node, key and listpack. Throws EncodeError for an entry with a field but no value, and for one that no node can hold. */
export function writeStreamNode(to: ValueOutput, entries: readonly StreamEntry[]): void {
  const master = entries[0]!.id;
  to.string(encodeRawStreamId(master));
  to.string(packNode(to, master, entries));
}

/** Writes the nodes of a stream whose entries come bit by bit; {@link StreamNodeWriter.count} of them when it has ended. */
export class StreamNodeWriter {
  count = 0;
  entryCount = 0;
  firstId: StreamId | undefined;
  lastId: StreamId | undefined;
  private readonly splitter: StreamNodeSplitter;
  private waiting: StreamEntry[] = [];

  constructor(private readonly to: ValueOutput) {
    this.splitter = new StreamNodeSplitter(to.target.settings);
  }

  add(entry: StreamEntry): void {
    if (this.splitter.add(entry)) this.end();
    this.waiting.push(entry);
    this.entryCount++;
    this.firstId ??= entry.id;
    this.lastId = entry.id;
  }

  end(): void {
    if (this.waiting.length === 0) return;
    writeStreamNode(this.to, this.waiting);
    this.waiting = [];
    this.count++;
  }
}

/** Follows the size of the node that is being filled. */
class StreamNodeSplitter {
  private readonly maxBytes: number;
  private readonly maxEntries: number;
  private count = 0;
  /** All of the listpack but the entry that counts the live ones. */
  private bytes = 0;
  private master: StreamEntry | undefined;

  constructor({ streamNodeMaxBytes, streamNodeMaxEntries }: StreamNodeLimits) {
    this.maxBytes = Math.min(streamNodeMaxBytes || MAX_NODE_BYTES, MAX_NODE_BYTES);
    this.maxEntries = streamNodeMaxEntries || Infinity;
  }

  /** True where `entry` begins a node, as the first one does. */
  add(entry: StreamEntry): boolean {
    let added = 0;
    for (const part of entry.fields) added += part.length;
    const begins =
      this.master === undefined ||
      this.count >= this.maxEntries ||
      this.bytes + integerSize(this.count) + added >= this.maxBytes;
    if (begins) {
      this.count = 0;
      this.master = entry;
      this.bytes = masterSize(entry);
    }
    this.count++;
    this.bytes += entrySize(entry, this.master!);
    return begins;
  }
}

function packNode(to: ValueOutput, master: StreamId, entries: readonly StreamEntry[]): Uint8Array {
  try {
    return encodeStreamNode({ master, entries }, { boundaryBacklen: to.target.boundaryBacklen });
  } catch (error) {
    throw new EncodeError(`the stream node at ${master.ms}-${master.seq} cannot be: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Header, end, zero deleted entries, the master fields and the zero behind them. */
function masterSize({ fields }: StreamEntry): number {
  let size = LISTPACK_HEADER_SIZE + 1 + integerSize(0) + integerSize(fields.length / 2) + integerSize(0);
  for (let index = 0; index < fields.length; index += 2) size += packedSize(fields[index]!);
  return size;
}

function entrySize({ id, fields }: StreamEntry, master: StreamEntry): number {
  const same = hasFieldsOf(fields, master.fields);
  let size = integerSize(0) + deltaSize(id.ms - master.id.ms) + deltaSize(id.seq - master.id.seq);
  for (let index = same ? 1 : 0; index < fields.length; index += same ? 2 : 1) size += packedSize(fields[index]!);
  if (!same) size += integerSize(fields.length / 2);
  return size + integerSize(same ? fields.length / 2 + 3 : fields.length + 4);
}

function hasFieldsOf(fields: readonly Uint8Array[], master: readonly Uint8Array[]): boolean {
  if (fields.length !== master.length) return false;
  for (let index = 0; index < fields.length; index += 2) {
    if (fields[index] !== master[index] && !isEqual(fields[index]!, master[index]!)) return false;
  }
  return true;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

const parsed = new Int64();

/** Bytes of a string as an entry of a listpack, backlen included (one less at the sizes where servers differ). */
function packedSize(bytes: Uint8Array): number {
  const size = bytes.length;
  if (size <= 20 && parseDecimal64(bytes, 0, size, parsed)) return int64Size(parsed.hi, parsed.lo);
  const data = size + (size < 64 ? 1 : size < 4096 ? 2 : 5);
  return data + (data < 128 ? 1 : data < 16384 ? 2 : data < 2097152 ? 3 : data < 268435456 ? 4 : 5);
}

function deltaSize(delta: bigint): number {
  const wrapped = BigInt.asIntN(64, delta);
  return int64Size(Number(wrapped >> 32n), Number(BigInt.asIntN(32, wrapped)));
}

function int64Size(hi: number, lo: number): number {
  return hi === lo >> 31 ? integerSize(lo) : 10;
}

/** Of a 32-bit integer. */
function integerSize(value: number): number {
  if (value >= 0 && value < 128) return 2;
  if (value >= -4096 && value < 4096) return 3;
  return value >= -0x8000 && value < 0x8000 ? 4 : value >= -0x800000 && value < 0x800000 ? 5 : 6;
}
