/**
 * A few records of a dump as a dump of its own: its header, and in front of each record the SELECTDB that it needs. So
 * whatever reads dumps reads them, and nothing else of the file is touched.
 */
import type { SyncByteSource } from '../../bytes/source.js';
import { encodeLength } from '../../codecs/length.js';
import { FIRST_CHECKSUM_VERSION, OPCODE } from '../constants.js';
import { decodeHeader, HEADER_SIZE } from '../header.js';
import type { IndexEntry, KeyIndex } from './lookup.js';

/** EOF, and a checksum of zeros, where there must be one: there is none. */
const ENDING = Uint8Array.of(OPCODE.EOF, 0, 0, 0, 0, 0, 0, 0, 0);
const MAX_SELECT_BYTES = 10;

/** Bytes of its own, or a piece of the dump. */
interface Piece {
  /** Where it begins here. */
  readonly start: number;
  readonly size: number;
  readonly bytes: Uint8Array | undefined;
  /** Where it begins in the dump. */
  readonly offset: number;
}

export class RecordSource implements SyncByteSource {
  readonly compression = undefined;
  readonly name: string;
  readonly sizeBytes: number;
  consumedBytes = 0;
  private readonly dump: SyncByteSource;
  private readonly pieces: Piece[] = [];

  /** `entries` in the order of the file; the index, with the dump, is closed with this. */
  constructor(
    private readonly index: KeyIndex,
    entries: readonly IndexEntry[],
  ) {
    const { dump } = index;
    this.dump = dump;
    this.name = dump.name;
    this.add(undefined, 0, HEADER_SIZE);
    for (const { db, offset, sizeBytes } of entries) {
      this.add(selectDb(db), 0, 0);
      this.add(undefined, offset, sizeBytes);
    }
    const head = new Uint8Array(HEADER_SIZE);
    dump.readAt!(0, head, 0, HEADER_SIZE);
    const { version } = decodeHeader(head, 0, HEADER_SIZE);
    this.add(version < FIRST_CHECKSUM_VERSION ? ENDING.subarray(0, 1) : ENDING, dump.sizeBytes!, 0);
    const last = this.pieces.at(-1)!;
    this.sizeBytes = last.start + last.size;
  }

  get totalBytes(): number {
    return this.sizeBytes;
  }

  read(target: Uint8Array, at: number, max: number): number {
    const count = this.readAt(this.consumedBytes, target, at, max);
    this.consumedBytes += count;
    return count;
  }

  readAt(offset: number, target: Uint8Array, at: number, max: number): number {
    const piece = this.pieceAt(offset);
    if (piece === undefined) return 0;
    const from = offset - piece.start;
    const count = Math.min(max, piece.size - from);
    if (piece.bytes === undefined) return this.dump.readAt!(piece.offset + from, target, at, count);
    target.set(piece.bytes.subarray(from, from + count), at);
    return count;
  }

  /** Where in the dump a byte of this source lies: for errors. */
  offsetInDump(offset: number): number {
    const piece = this.pieceAt(offset) ?? this.pieces.at(-1)!;
    return piece.bytes === undefined ? piece.offset + offset - piece.start : piece.offset;
  }

  close(): void {
    this.index.close();
  }

  private add(bytes: Uint8Array | undefined, offset: number, size: number): void {
    const last = this.pieces.at(-1);
    const start = last === undefined ? 0 : last.start + last.size;
    this.pieces.push({ start, size: bytes?.length ?? size, bytes, offset });
  }

  private pieceAt(offset: number): Piece | undefined {
    const { pieces } = this;
    let low = 0;
    // The last piece that begins at `offset` or before it; none is empty.
    for (let high = pieces.length - 1; low < high; ) {
      const middle = (low + high + 1) >> 1;
      if (pieces[middle]!.start <= offset) low = middle;
      else high = middle - 1;
    }
    const piece = pieces[low]!;
    return offset < piece.start + piece.size ? piece : undefined;
  }
}

function selectDb(db: number): Uint8Array {
  const bytes = new Uint8Array(MAX_SELECT_BYTES);
  bytes[0] = OPCODE.SELECTDB;
  return bytes.subarray(0, encodeLength(db, bytes, 1));
}
