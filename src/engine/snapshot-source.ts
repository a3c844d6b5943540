/** The dump of an engine, encoded while it is being read: for whatever reads dumps. */
import type { ByteSource } from '../bytes/source.js';
import { RdbEncoder } from '../rdb/encoder.js';
import type { Engine } from './engine.js';
import { KeyEncoder } from './key-encoder.js';
import type { EngineSettings } from './settings.js';
import { keyEntry, type SnapshotOptions, StoredKey, settingsFor, snapshotParts } from './snapshot.js';

/**
 * Reads as the file would that {@link snapshot} and `writeRdb` make. What waits in it are the pieces that were encoded and
 * not read yet, about one value. Random access is there for a look ahead, which keeps what it passes over until it is read,
 * and for reading the same once more, which encodes it again; jumping about is slow. The engine must not change meanwhile.
 */
export class SnapshotSource implements ByteSource {
  readonly sizeBytes = undefined;
  readonly compression = undefined;
  readonly totalBytes = undefined;
  consumedBytes = 0;
  private readonly main: EncodedBytes;
  private again: EncodedBytes | undefined;

  constructor(
    engine: Engine,
    options: SnapshotOptions = {},
    readonly name = 'engine',
  ) {
    const settings = settingsFor(engine, options.target);
    this.begin = () => new EncodedBytes(snapshotParts(engine, options), settings);
    this.main = this.begin();
  }

  read(target: Uint8Array, at: number, max: number): number {
    const count = this.main.copy(this.consumedBytes, target, at, max);
    this.consumedBytes += count;
    this.main.drop(this.consumedBytes);
    return count;
  }

  readAt(offset: number, target: Uint8Array, at: number, max: number): number {
    if (offset >= this.main.start) return this.main.copy(offset, target, at, max);
    if (this.again === undefined || offset < this.again.start) this.again = this.begin();
    this.again.drop(offset);
    return this.again.copy(offset, target, at, max);
  }

  close(): void {}

  private readonly begin: () => EncodedBytes;
}

/** Bytes of a dump from {@link start} on; encoded when they are asked for. */
class EncodedBytes {
  /** Offset of the first byte that is still there. */
  start = 0;
  private end = 0;
  private readonly pieces: Piece[] = [];
  /** One that was read, to be filled again: many of them would wait for a collector that sees no reason to run. */
  private spare: Uint8Array<ArrayBuffer> | undefined;
  private readonly encoder: RdbEncoder;
  private readonly keys: KeyEncoder;
  private isWhole = false;

  constructor(
    private readonly parts: ReturnType<typeof snapshotParts>,
    private readonly settings: EngineSettings,
  ) {
    const { target, encoding } = settings;
    this.encoder = new RdbEncoder((bytes, start, end) => this.add(bytes, start, end), {
      target,
      settings: encoding,
    });
    this.keys = new KeyEncoder(this.encoder);
  }

  /** Up to `max` bytes at `offset`, which is not before {@link start}; 0 at the end. */
  copy(offset: number, target: Uint8Array, at: number, max: number): number {
    while (this.end <= offset && !this.isWhole) this.encode();
    let pieceStart = this.start;
    let copied = 0;
    for (const piece of this.pieces) {
      const from = offset + copied - pieceStart;
      if (copied < max && from < piece.size && from >= 0) {
        const part = piece.bytes.subarray(from, Math.min(piece.size, from + max - copied));
        target.set(part, at + copied);
        copied += part.length;
      }
      if (copied === max) break;
      pieceStart += piece.size;
    }
    return copied;
  }

  /** Lets go of whole pieces in front of `offset`, encoding up to there if need be. */
  drop(offset: number): void {
    for (;;) {
      const [piece] = this.pieces;
      if (piece === undefined) {
        if (this.end >= offset || this.isWhole) return;
        this.encode();
      } else if (this.start + piece.size <= offset) {
        this.start += piece.size;
        this.pieces.shift();
        if (piece.bytes.length === PIECE_BYTES) this.spare = piece.bytes;
      } else return;
    }
  }

  private encode(): void {
    const { done, value: part } = this.parts.next();
    if (done) {
      this.encoder.end();
      this.isWhole = true;
    } else if (part instanceof StoredKey) this.encodeKey(part);
    else this.encoder.record(part);
  }

  private encodeKey({ db, key, value }: StoredKey): void {
    const { encoder, settings } = this;
    if (typeof value === 'string') this.keys.string(db, key, value);
    else {
      const entry = keyEntry(db, key, value, settings);
      encoder.key(entry, entry.rdbType);
    }
  }

  private add(bytes: Uint8Array, start: number, end: number): void {
    const size = end - start;
    const piece = size <= PIECE_BYTES ? (this.spare ?? new Uint8Array(PIECE_BYTES)) : new Uint8Array(size);
    if (piece === this.spare) this.spare = undefined;
    piece.set(bytes.subarray(start, end));
    this.pieces.push({ bytes: piece, size });
    this.end += size;
  }
}

/** `bytes[0, size)`. */
interface Piece {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly size: number;
}

/** A little more than the encoder hands on at a time. */
const PIECE_BYTES = 320 * 1024;
