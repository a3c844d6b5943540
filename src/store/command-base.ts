/**
 * The base of a rewritten log as commands (`aof-use-rdb-preamble no`, aof-format.md §6), made from the entries of a dump one
 * after the other, as an encoder of dumps is fed; a live snapshot may give them from within commands.
 *
 * Entries become a dump, and its bytes go through the reader of dumps to what writes their commands, about 256 KiB at a time.
 * What is held is one key, and of a large value no more than a part of it once it has been encoded.
 */
import type { ByteString } from '../bytes/byte-string.js';
import { EncodeError } from '../bytes/errors.js';
import { Window } from '../bytes/window.js';
import type { WriteBytes } from '../bytes/writer.js';
import { RewriteHandler } from '../convert/rdb-to-commands/rewrite-handler.js';
import type { Database } from '../engine/database.js';
import { KeyEncoder } from '../engine/key-encoder.js';
import type { StoredValue } from '../engine/values/stored-value.js';
import { RdbDriver } from '../rdb/driver.js';
import { RdbEncoder } from '../rdb/encoder.js';
import type { RdbEntry } from '../rdb/model.js';
import type { EncodingSettings, Target } from '../rdb/versions.js';

export interface CommandBaseOptions {
  /** The server that is to load it. */
  readonly target: Target;
  /** Thresholds that differ from the target's defaults. */
  readonly settings?: Partial<EncodingSettings> | undefined;
  /** What counts as now, Unix ms. Keys that have expired by then are written with their expiry, as every other. */
  readonly nowMs: number;
  /** `aof-timestamp-enabled`: Unix seconds for an annotation `#TS` at the head. */
  readonly timestampSeconds?: number | undefined;
}

/** Values beyond this are read in parts: they need not be in the window as a whole. */
const STREAMED_BYTES = 2 * 1024 * 1024;
/** Records without which nothing is lost: a target may have no room for them. */
const HINTS: ReadonlySet<RdbEntry['kind']> = new Set(['header', 'aux', 'resize-db', 'slot-info', 'end']);

export class CommandBase {
  /** Handed to `write` so far: whole commands. */
  bytesWritten = 0;
  private readonly window = Window.for(undefined);
  private readonly handler: RewriteHandler;
  private readonly driver: RdbDriver;
  private readonly encoder: RdbEncoder;
  private readonly keys: KeyEncoder;
  /** It cannot be completed. */
  private failure: { readonly error: unknown } | undefined;

  /** `write` is handed ranges of bytes that are valid during the call only. */
  constructor(
    private readonly write: WriteBytes,
    { target, settings, nowMs, timestampSeconds }: CommandBaseOptions,
  ) {
    if (timestampSeconds !== undefined) this.annotate(timestampSeconds);
    this.handler = new RewriteHandler({ target, nowMs, write: (bytes, start, end) => this.pass(bytes, start, end) });
    const limits = { largeValueBytes: STREAMED_BYTES };
    this.driver = new RdbDriver(this.window, this.handler, { checksum: false, limits });
    this.handler.driver = this.driver;
    this.encoder = new RdbEncoder((bytes, start, end) => this.read(bytes, start, end), {
      target,
      settings,
      compress: false,
      checksum: false,
    });
    this.keys = new KeyEncoder(this.encoder);
  }

  /**
   * Functions come before keys; keys are written as what their `rdbType` says. Throws EncodeError for what cannot be said in
   * commands, at once or when it comes to it, and what `write` throws: the base cannot be completed then, and everything
   * else throws the same.
   */
  entry(entry: RdbEntry): void {
    this.check();
    try {
      this.encode(entry);
    } catch (error) {
      this.fail(error);
    }
  }

  /** A key as an engine for the same target holds it; false where it is to come as an entry. Throws as {@link entry}. */
  stored(db: Database, key: ByteString, value: StoredValue): boolean {
    this.check();
    try {
      return this.keys.key(db, key, value);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Everything has come: hands on the rest. Throws as {@link entry}. */
  end(): void {
    this.check();
    try {
      this.encoder.end();
      this.window.ended = true;
      this.drive();
      this.handler.flush();
    } catch (error) {
      this.fail(error);
    }
  }

  private encode(entry: RdbEntry): void {
    const { encoder } = this;
    if (entry.kind === 'key') encoder.key(entry, entry.rdbType);
    else if (!encoder.record(entry) && !HINTS.has(entry.kind))
      throw new EncodeError(`${encoder.target.name} has no room for a record of kind ${entry.kind}`);
  }

  private check(): void {
    if (this.failure !== undefined) throw this.failure.error;
  }

  private fail(error: unknown): never {
    this.failure = { error };
    throw error;
  }

  private annotate(unixSeconds: number): void {
    const line = new TextEncoder().encode(`#TS:${unixSeconds}\r\n`);
    this.pass(line, 0, line.length);
  }

  /** Takes bytes of the dump. */
  private read(bytes: Uint8Array, start: number, end: number): void {
    const { window, driver } = this;
    const piece = bytes.subarray(start, end);
    for (let from = 0; from < piece.length; ) {
      window.room(driver.wanted);
      from += window.append(piece, from);
      if (window.available >= driver.wanted) this.drive();
    }
  }

  /** Works on what is there. */
  private drive(): void {
    let progress = this.driver.advance();
    while (progress === 'pause') progress = this.driver.advance();
  }

  private pass(bytes: Uint8Array, start: number, end: number): void {
    this.bytesWritten += end - start;
    this.write(bytes, start, end);
  }
}
