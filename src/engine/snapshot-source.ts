/** The dump of an engine, encoded while it is being read: for whatever reads dumps. */
import { copyBytes } from '../bytes/slice.js';
import type { ByteSource } from '../bytes/source.js';
import { type EncoderOptions, RdbEncoder } from '../rdb/encoder.js';
import type { RdbEntry } from '../rdb/model.js';
import type { Target } from '../rdb/versions.js';
import type { Engine } from './engine.js';
import { type SnapshotOptions, settingsFor, snapshot } from './snapshot.js';

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
    const { target, encoding } = settingsFor(engine, options.target);
    this.begin = () => new EncodedBytes(snapshot(engine, options), target, { settings: encoding });
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
  private readonly pieces: Uint8Array[] = [];
  private readonly encoder: RdbEncoder;
  private isWhole = false;

  constructor(
    private readonly entries: Iterator<RdbEntry, void, void>,
    target: Target,
    options: Omit<EncoderOptions, 'target'>,
  ) {
    this.encoder = new RdbEncoder((bytes, start, end) => this.add(copyBytes(bytes, start, end)), {
      ...options,
      target,
    });
  }

  /** Up to `max` bytes at `offset`, which is not before {@link start}; 0 at the end. */
  copy(offset: number, target: Uint8Array, at: number, max: number): number {
    while (this.end <= offset && !this.isWhole) this.encode();
    let pieceStart = this.start;
    let copied = 0;
    for (const piece of this.pieces) {
      const from = offset + copied - pieceStart;
      if (copied < max && from < piece.length && from >= 0) {
        const part = piece.subarray(from, Math.min(piece.length, from + max - copied));
        target.set(part, at + copied);
        copied += part.length;
      }
      if (copied === max) break;
      pieceStart += piece.length;
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
      } else if (this.start + piece.length <= offset) {
        this.start += piece.length;
        this.pieces.shift();
      } else return;
    }
  }

  private encode(): void {
    const next = this.entries.next();
    if (next.done) {
      this.encoder.end();
      this.isWhole = true;
    } else if (next.value.kind === 'key') this.encoder.key(next.value, next.value.rdbType);
    else this.encoder.record(next.value);
  }

  private add(bytes: Uint8Array): void {
    this.pieces.push(bytes);
    this.end += bytes.length;
  }
}
