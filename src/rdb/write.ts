/** Writing a dump from a sequence of entries: to any destination, at its speed, in bounded memory. */

import { type ByteDestination, type ChunkSink, openDestination } from '../bytes/destination.js';
import { EncodeError } from '../bytes/errors.js';
import { copyBytes } from '../bytes/slice.js';
import { type EncodedSummary, type EncoderOptions, RdbEncoder } from './encoder.js';
import type { KeyEntry, RdbEntry, RdbRecord } from './model.js';
import { findTarget, type Target, targetOfHeader } from './versions.js';
import { writeParts } from './write-parts.js';

export interface WriteOptions extends Omit<EncoderOptions, 'target'> {
  /** The server to write for, also by name: `redis:7.0`. Default: the oldest one that writes the first entry's header. */
  readonly target?: Target | string | undefined;
  /** Leave the destination open at the end. Default: false. */
  readonly keepOpen?: boolean | undefined;
  /**
   * Told of every record and all key metadata that the target has no room for, and that is then left out. Without it
   * they are an EncodeError. Hints (aux fields, sizes, slots, idle times) are left out unasked.
   */
  readonly onOmitted?: ((entry: RdbEntry) => void) | undefined;
  /** Ends the writing with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Entries wait for the destination beyond this. */
const MAX_QUEUED_BYTES = 1024 * 1024;

/**
 * Writes entries, such as those of `readRdb`, as a dump for one target, and closes the destination.
 *
 * ```ts
 * await writeRdb(readRdb('new.rdb'), createWriteStream('old.rdb'), { target: 'redis:6.2' });
 * ```
 *
 * Keys should come database by database; header, end and SELECTDB are made anew. Values in `parts` are written in an
 * expanded form as the parts come; where their number of elements is not known before, as with quicklists and streams,
 * the value is held in its encoded form.
 *
 * Throws EncodeError where the target cannot hold an entry (the destination is aborted then), RangeError for a target that
 * nobody knows, TypeError for entries without a header where no target is given, and what entries and destination throw.
 */
export async function writeRdb(
  entries: Iterable<RdbEntry> | AsyncIterable<RdbEntry>,
  destination: ByteDestination,
  options: WriteOptions = {},
): Promise<EncodedSummary> {
  const sink = openDestination(destination, options.keepOpen);
  try {
    const writer = new EntryWriter(sink, options);
    await writeAll(entries, writer);
    const summary = await writer.end();
    await sink.close();
    return summary;
  } catch (error) {
    await sink.abort(error);
    throw error;
  }
}

async function writeAll(entries: Iterable<RdbEntry> | AsyncIterable<RdbEntry>, writer: EntryWriter): Promise<void> {
  if (Symbol.asyncIterator in entries) {
    for await (const entry of entries) {
      const waiting = writer.write(entry);
      if (waiting !== undefined) await waiting;
    }
    return;
  }
  // Not one await per entry, where there is nothing to wait for.
  for (const entry of entries) {
    const waiting = writer.write(entry);
    if (waiting !== undefined) await waiting;
  }
}

class EntryWriter {
  private encoder: RdbEncoder | undefined;
  private queue: Uint8Array[] = [];
  private queuedBytes = 0;

  constructor(
    private readonly sink: ChunkSink,
    private readonly options: WriteOptions,
  ) {}

  /** A promise where the destination is behind. */
  write(entry: RdbEntry): Promise<void> | undefined {
    const encoder = this.open(entry);
    if (entry.kind !== 'key') this.writeRecord(encoder, entry);
    else if (entry.parts !== undefined) return this.writeInParts(encoder, entry, entry.parts);
    else this.writeKey(encoder, entry);
    return this.queuedBytes > MAX_QUEUED_BYTES ? this.drain() : undefined;
  }

  async end(): Promise<EncodedSummary> {
    const encoder = this.open(undefined);
    const summary = encoder.end();
    await this.drain();
    return summary;
  }

  private open(entry: RdbEntry | undefined): RdbEncoder {
    if (this.encoder !== undefined) return this.encoder;
    const { options } = this;
    this.encoder = new RdbEncoder(
      (bytes, start, end) => {
        this.queue.push(copyBytes(bytes, start, end));
        this.queuedBytes += end - start;
      },
      { ...options, target: chooseTarget(options.target, entry) },
    );
    return this.encoder;
  }

  private writeRecord(encoder: RdbEncoder, record: RdbRecord): void {
    if (!encoder.record(record) && !HINTS.has(record.kind))
      this.omit(encoder, record, `a record of kind ${record.kind}`);
  }

  private writeKey(encoder: RdbEncoder, entry: KeyEntry): void {
    if (entry.meta !== undefined && entry.meta.length > 0 && !encoder.target.records.keyMeta)
      this.omit(encoder, entry, 'the metadata of a key');
    encoder.key(entry);
  }

  private async writeInParts(
    encoder: RdbEncoder,
    entry: KeyEntry,
    parts: NonNullable<KeyEntry['parts']>,
  ): Promise<void> {
    if (entry.meta !== undefined && entry.meta.length > 0 && !encoder.target.records.keyMeta)
      this.omit(encoder, entry, 'the metadata of a key');
    await writeParts(encoder, entry, parts, this.options.compress ?? true, async () => {
      if (this.queuedBytes > MAX_QUEUED_BYTES) await this.drain();
    });
  }

  private omit(encoder: RdbEncoder, entry: RdbEntry, what: string): void {
    const { onOmitted } = this.options;
    if (onOmitted === undefined) throw new EncodeError(`${encoder.target.name} has no room for ${what}`);
    onOmitted(entry);
  }

  private async drain(): Promise<void> {
    const { queue } = this;
    this.queue = [];
    this.queuedBytes = 0;
    for (const chunk of queue) {
      this.options.signal?.throwIfAborted();
      const waiting = this.sink.write(chunk);
      if (waiting !== undefined) await waiting;
    }
  }
}

/** Records that say nothing about the data. */
const HINTS: ReadonlySet<RdbRecord['kind']> = new Set([
  'header',
  'aux',
  'select-db',
  'resize-db',
  'slot-info',
  'hash-template',
  'end',
]);

function chooseTarget(wanted: WriteOptions['target'], first: RdbEntry | undefined): Target {
  if (typeof wanted === 'string') {
    const found = findTarget(wanted);
    if (found === undefined) throw new RangeError(`no target is called '${wanted}'`);
    return found;
  }
  if (wanted !== undefined) return wanted;
  if (first?.kind === 'header') return targetOfHeader(first.magic, first.version);
  throw new TypeError('neither a target nor a header says what to write for');
}
