/**
 * Entries of a stream that stand in one node of the server's: as many as its limits allow (rdb-format.md §8.6). Where nodes
 * end decides what an approximate trim removes, so this follows the size of the server's listpack to the byte.
 *
 * Parts of all entries stand in one array, ids in two, so that an entry costs its strings and a few numbers.
 */
import type { ByteString } from '../../bytes/byte-string.js';
import { parseInt64 } from '../arguments.js';
import { compareHalves, EntryId, type Uint64 } from './stream-object-id.js';

/** Header and end of a listpack. */
const LISTPACK_BYTES = 7;
/** What a limit of 0 bytes means, and the largest that counts. */
const MAX_NODE_BYTES = 2 ** 30;

export class StreamNode {
  /** Of the entries, those that were trimmed included. */
  private ms: Uint64[] = [];
  private seq: Uint64[] = [];
  /** Where each entry ends in {@link parts}. */
  private ends: number[] = [];
  /** field, value, field, value … of all entries. */
  private parts: ByteString[] = [];
  /** The first entry that lives: those before it were trimmed. */
  private start = 0;
  /** Entries that the server has marked as deleted, and that count against its limit. */
  private deleted = 0;
  /** All of the listpack but the two entries that count entries. */
  private bytes: number;
  private readonly master: readonly ByteString[];
  /** Of the last entry that was added, deleted or not. */
  private topMs: Uint64 = 0;
  private topSeq: Uint64 = 0;

  constructor(
    private readonly masterMs: Uint64,
    private readonly masterSeq: Uint64,
    args: readonly ByteString[],
    from: number,
  ) {
    const master: ByteString[] = [];
    this.bytes = LISTPACK_BYTES + integerSize((args.length - from) / 2) + integerSize(0);
    for (let at = from; at < args.length; at += 2) {
      master.push(args[at]!);
      this.bytes += packedSize(args[at]!);
    }
    this.master = master;
  }

  /** Live entries. */
  get size(): number {
    return this.ms.length - this.start;
  }

  get first(): EntryId {
    return this.idAt(this.start);
  }

  /** Of the first entry that was added, deleted or not: what the server knows the node by. */
  get bottom(): EntryId {
    return new EntryId(this.masterMs, this.masterSeq);
  }

  /** Of the last entry that was added, deleted or not. */
  get top(): EntryId {
    return new EntryId(this.topMs, this.topSeq);
  }

  /** Whether another entry, whose parts are `added` bytes, goes into this node. */
  hasRoom(added: number, maxBytes: number, maxEntries: number): boolean {
    const most = maxBytes === 0 || maxBytes > MAX_NODE_BYTES ? MAX_NODE_BYTES : maxBytes;
    const { size, deleted } = this;
    if (this.bytes + integerSize(size) + integerSize(deleted) + added >= most) return false;
    return maxEntries === 0 || size + deleted < maxEntries;
  }

  /** `args` from `from` on: fields and values. */
  add(id: EntryId, args: readonly ByteString[], from: number): void {
    const { master, parts } = this;
    const { ms, seq } = id;
    const isSame = this.hasMasterFields(args, from);
    const fields = (args.length - from) / 2;
    let bytes = integerSize(0) + deltaSize(ms, this.masterMs) + deltaSize(seq, this.masterSeq);
    if (!isSame) bytes += integerSize(fields);
    bytes += integerSize(isSame ? fields + 3 : fields * 2 + 4);
    for (let at = from; at < args.length; at += 2) {
      if (!isSame) bytes += packedSize(args[at]!);
      bytes += packedSize(args[at + 1]!);
      parts.push(isSame ? master[(at - from) >> 1]! : args[at]!, args[at + 1]!);
    }
    this.bytes += bytes;
    this.ms.push(ms);
    this.seq.push(seq);
    this.ends.push(parts.length);
    this.topMs = ms;
    this.topSeq = seq;
  }

  /** No more will be added: gives back what the arrays have in reserve. */
  seal(): void {
    this.ms = this.ms.slice();
    this.seq = this.seq.slice();
    this.ends = this.ends.slice();
    this.parts = this.parts.slice();
  }

  /** Where the entry is, or the first one after it: an index for the methods below. */
  indexFrom(id: EntryId): number {
    const { ms, seq } = this;
    let low = this.start;
    let high = ms.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareHalves(ms[middle]!, seq[middle]!, id.ms, id.seq) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** −1 where there is none. */
  indexOf(id: EntryId): number {
    const at = this.indexFrom(id);
    return at < this.ms.length && this.ms[at] === id.ms && this.seq[at] === id.seq ? at : -1;
  }

  /** One after the last index. */
  get end(): number {
    return this.ms.length;
  }

  /** The index of the first live entry. */
  get begin(): number {
    return this.start;
  }

  idAt(index: number): EntryId {
    return new EntryId(this.ms[index]!, this.seq[index]!);
  }

  isBefore(index: number, { ms, seq }: EntryId): boolean {
    return compareHalves(this.ms[index]!, this.seq[index]!, ms, seq) < 0;
  }

  /** Fields and values, in the order in which they were given. */
  fieldsAt(index: number): ByteString[] {
    return this.parts.slice(index === 0 ? 0 : this.ends[index - 1]!, this.ends[index]);
  }

  /** Removes the first `count` live entries. */
  removeFirst(count: number): void {
    this.start += count;
    this.deleted += count;
  }

  removeAt(index: number): void {
    this.deleted++;
    if (index === this.start) {
      this.start++;
      return;
    }
    const begin = index === 0 ? 0 : this.ends[index - 1]!;
    const size = this.ends[index]! - begin;
    this.parts.splice(begin, size);
    this.ms.splice(index, 1);
    this.seq.splice(index, 1);
    this.ends.splice(index, 1);
    for (let at = index; at < this.ends.length; at++) this.ends[at]! -= size;
  }

  copy(): StreamNode {
    const copy = new StreamNode(this.masterMs, this.masterSeq, [], 0);
    return Object.assign(copy, this, {
      ms: this.ms.slice(),
      seq: this.seq.slice(),
      ends: this.ends.slice(),
      parts: this.parts.slice(),
    });
  }

  private hasMasterFields(args: readonly ByteString[], from: number): boolean {
    const { master } = this;
    if (args.length - from !== master.length * 2) return false;
    for (let at = 0; at < master.length; at++) if (master[at] !== args[from + at * 2]) return false;
    return true;
  }
}

/** Bytes of the parts of an entry, which the server adds to a node's when it looks for room. */
export function bareSize(args: readonly ByteString[], from: number): number {
  let size = 0;
  for (let at = from; at < args.length; at++) size += args[at]!.length;
  return size;
}

/** A string as an entry of a listpack, backlen included. */
function packedSize(text: ByteString): number {
  const size = text.length;
  if (size <= 20) {
    const value = parseInt64(text);
    if (value !== undefined) return integerSize(value);
  }
  const data = size + (size < 64 ? 1 : size < 4096 ? 2 : 5);
  return data + (data < 128 ? 1 : data < 16384 ? 2 : data < 2097152 ? 3 : data < 268435456 ? 4 : 5);
}

function deltaSize(value: Uint64, master: Uint64): number {
  if (typeof value === 'number' && typeof master === 'number') return integerSize(value - master);
  return integerSize(BigInt.asIntN(64, BigInt(value) - BigInt(master)));
}

function integerSize(value: number | bigint): number {
  if (value >= 0 && value < 128) return 2;
  if (value >= -4096 && value < 4096) return 3;
  if (value >= -0x8000 && value < 0x8000) return 4;
  if (value >= -0x800000 && value < 0x800000) return 5;
  return value >= -0x80000000 && value < 0x80000000 ? 6 : 10;
}
