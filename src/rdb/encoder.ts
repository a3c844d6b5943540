/**
 * Writes a dump, record by record, for one target (rdb-format.md §1): the header at once, then what it is given, SELECTDB
 * wherever the database changes, and at the end EOF and, from version 5 on, the CRC-64 over all of it.
 *
 * Bytes are handed on as they come; what is held is one key at the most, and a large value that is written in pieces is
 * never held at all.
 */
import { Crc64 } from '../bytes/crc64.js';
import { EncodeError } from '../bytes/errors.js';
import { ByteWriter, type WriteBytes } from '../bytes/writer.js';
import { chooseType } from './choose-encoding.js';
import {
  type ByteRange,
  type CollectionOptions,
  CollectionWriter,
  checkCollection,
  writeCollectionHead,
} from './collection-writer.js';
import { FIRST_CHECKSUM_VERSION, OPCODE, TYPE } from './constants.js';
import { encodeHeader } from './header.js';
import { type KeyAttributes, writeKeyAttributes } from './key-attributes.js';
import type { HashField, HashTemplateEntry, HashValue, KeyEntry, RdbRecord, RdbValue } from './model.js';
import { writeRecord } from './record-writer.js';
import { type TypeTable, typeTable } from './types/index.js';
import { inTemplateOrder, writeTemplateReference } from './types/template-hash.js';
import { writeValue } from './types/write.js';
import { ValueOutput } from './value-output.js';
import type { EncodingSettings, Target } from './versions.js';

export type { ByteRange, CollectionOptions, CollectionWriter, KeyAttributes, WriteBytes };

export interface EncoderOptions {
  readonly target: Target;
  /** LZF for strings of more than 20 bytes, as `rdbcompression yes`. Default: true. */
  readonly compress?: boolean | undefined;
  /** A CRC-64 at the end; else zeros, which loaders take for "none". Default: true. */
  readonly checksum?: boolean | undefined;
  /** Thresholds that differ from the target's defaults. */
  readonly settings?: Partial<EncodingSettings> | undefined;
  /** Write each value with the type byte that it had, where the target loads it. Default: false, as the target would. */
  readonly keepTypes?: boolean | undefined;
}

/** What was written in all. */
export interface EncodedSummary {
  readonly sizeBytes: number;
  readonly keys: number;
  /** The CRC-64 in the footer; undefined where the target has none, or none was wanted. */
  readonly crc64: bigint | undefined;
}

type Key = Uint8Array | ByteRange;

const FOOTER_SIZE = 8;

export class RdbEncoder {
  /** The target, with the settings in force. */
  readonly target: Target;
  private readonly out: ByteWriter;
  private readonly to: ValueOutput;
  private readonly types: TypeTable;
  private readonly crc: Crc64 | undefined;
  private readonly keepTypes: boolean;
  private readonly templates = new Map<string, number>();
  /** The database of the last SELECTDB; no number before the first. */
  private db = Number.NaN;
  private keys = 0;
  private state: 'open' | 'in value' | 'ended' = 'open';

  /** Writes the header. `write` is handed ranges of bytes that are valid during the call only. */
  constructor(
    private readonly write: WriteBytes,
    options: EncoderOptions,
  ) {
    const { target, settings } = options;
    this.target = settings === undefined ? target : { ...target, settings: { ...target.settings, ...settings } };
    this.keepTypes = options.keepTypes ?? false;
    this.crc = (options.checksum ?? true) && target.version >= FIRST_CHECKSUM_VERSION ? new Crc64() : undefined;
    this.out = new ByteWriter((bytes, start, end) => this.pass(bytes, start, end));
    this.to = new ValueOutput(this.out, this.target, { compress: options.compress ?? true });
    this.types = typeTable({ dialect: target.dialect, templates: new Map() });
    this.out.copy(encodeHeader(target));
  }

  /** Bytes written so far. */
  get offset(): number {
    return this.out.offset;
  }

  /**
   * A record that is not a key. False where nothing was written because the target has no such record. The header of a
   * source and its end are passed over: this file has its own; SELECTDB is written where it changes something.
   */
  record(record: RdbRecord): boolean {
    this.check();
    if (record.kind === 'header' || record.kind === 'end') return true;
    if (record.kind === 'select-db') {
      this.selectDb(record.db);
      return true;
    }
    if (record.kind === 'resize-db' || record.kind === 'command') this.selectDb(record.db);
    const written = this.whole(() => writeRecord(this.to, record));
    if (written && record.kind === 'hash-template') this.templates.set(namesText(record.fields), record.id);
    return written;
  }

  /**
   * A key with the whole of its value, `parts` not looked at. `rdbType` is what it is to be written as; without it, see
   * {@link EncoderOptions.keepTypes}. Throws EncodeError where the target, or the type, cannot hold it; nothing of the key is
   * written then, and the encoder can go on.
   */
  key(entry: KeyEntry, rdbType: number = this.typeFor(entry.value, entry.rdbType)): void {
    const { value } = entry;
    if (value.type === 'string' && rdbType === TYPE.STRING) {
      // It cannot fail, and it may be huge: it need not be held.
      this.stringKey(entry, entry.key, { bytes: value.value, start: 0, end: value.value.length });
      return;
    }
    this.check();
    this.selectDb(entry.db);
    this.whole(() => {
      writeKeyAttributes(this.to, entry);
      this.name(entry.key, rdbType);
      if (value.type === 'hash' && isReference(rdbType)) this.writeReference(value, rdbType);
      else writeValue(this.to, value, rdbType);
    });
    this.keys++;
  }

  /** A key whose value is a string, in bytes that need not last. */
  stringKey(attributes: KeyAttributes, key: Key, value: ByteRange): void {
    this.head(attributes, key, TYPE.STRING);
    this.to.string(value.bytes, value.start, value.end);
  }

  /** The type byte that {@link key} writes for a value that had `sourceType` in its file. Throws EncodeError where there is none. */
  typeFor(value: RdbValue, sourceType?: number): number {
    const { target } = this;
    if (this.keepTypes && sourceType !== undefined && this.keeps(value, sourceType)) return sourceType;
    return chooseType(value, target);
  }

  /** A key whose value is copied as it stands in a file: `bytes[start, end)`, which is right for `rdbType` in the target. */
  rawKey(attributes: KeyAttributes, key: Key, rdbType: number, bytes: Uint8Array, start: number, end: number): void {
    this.head(attributes, key, rdbType);
    this.out.copy(bytes, start, end);
  }

  /**
   * Whole records of keys of database `db`, attributes included, copied as they stand in a file. They must be such as the
   * target takes: rawKey adapts the attributes, this does not.
   */
  rawRecords(db: number, bytes: Uint8Array, start: number, end: number, keys: number): void {
    this.check();
    this.selectDb(db);
    this.out.copy(bytes, start, end);
    this.keys += keys;
  }

  /** A key whose value comes as it stands in a file, in pieces: {@link rawChunk} as often as need be, then {@link endRawKey}. */
  beginRawKey(attributes: KeyAttributes, key: Key, rdbType: number): void {
    this.head(attributes, key, rdbType);
    this.state = 'in value';
  }

  rawChunk(bytes: Uint8Array, start: number, end: number): void {
    if (this.state !== 'in value') throw new TypeError('no raw key has begun');
    this.out.copy(bytes, start, end);
  }

  endRawKey(): void {
    if (this.state !== 'in value') throw new TypeError('no raw key has begun');
    this.state = 'open';
  }

  /**
   * A key whose elements come one by one, `count` of them, in the expanded form `rdbType`: see {@link CollectionWriter}.
   * Call {@link endCollection} after the last one. After an EncodeError in between the file cannot be completed.
   */
  beginCollection(
    attributes: KeyAttributes,
    key: Key,
    rdbType: number,
    count: number,
    options?: CollectionOptions,
  ): CollectionWriter {
    checkCollection(rdbType, count);
    this.head(attributes, key, rdbType);
    this.state = 'in value';
    writeCollectionHead(this.to, rdbType, count, options);
    return new CollectionWriter(this.to, rdbType, count, options);
  }

  endCollection(collection: CollectionWriter): void {
    collection.end();
    this.state = 'open';
  }

  /** Hands on what is buffered; there is no need to, except to see it now. */
  flush(): void {
    this.out.flush();
  }

  /** EOF and checksum. Nothing can be written afterwards. */
  end(): EncodedSummary {
    this.check();
    this.out.byte(OPCODE.EOF);
    this.out.flush();
    this.state = 'ended';
    const crc64 = this.crc?.value();
    if (this.target.version < FIRST_CHECKSUM_VERSION)
      return { sizeBytes: this.out.offset, keys: this.keys, crc64: undefined };
    const footer = new Uint8Array(FOOTER_SIZE);
    new DataView(footer.buffer).setBigUint64(0, crc64 ?? 0n, true);
    this.write(footer, 0, FOOTER_SIZE);
    return { sizeBytes: this.out.offset + FOOTER_SIZE, keys: this.keys, crc64 };
  }

  private pass(bytes: Uint8Array, start: number, end: number): void {
    this.crc?.update(bytes, start, end);
    this.write(bytes, start, end);
  }

  private check(): void {
    if (this.state === 'ended') throw new TypeError('the file has ended');
    if (this.state === 'in value') throw new TypeError('a value that comes in pieces has not ended');
  }

  private selectDb(db: number): void {
    if (db === this.db) return;
    this.whole(() => writeRecord(this.to, { kind: 'select-db', db }));
    this.db = db;
  }

  /** Attributes, type byte and name. */
  private head(attributes: KeyAttributes, key: Key, rdbType: number): void {
    this.check();
    this.selectDb(attributes.db);
    if (hasAttributes(attributes)) this.whole(() => writeKeyAttributes(this.to, attributes));
    this.name(key, rdbType);
    this.keys++;
  }

  private name(key: Key, rdbType: number): void {
    this.out.byte(rdbType);
    if (key instanceof Uint8Array) this.to.string(key);
    else this.to.string(key.bytes, key.start, key.end);
  }

  /** Takes back what `write` has written where it fails. */
  private whole<T>(write: () => T): T {
    this.out.mark();
    try {
      const result = write();
      this.out.release();
      return result;
    } catch (error) {
      this.out.rewind();
      throw error;
    }
  }

  private keeps(value: RdbValue, rdbType: number): boolean {
    if (!this.target.types.has(rdbType)) return false;
    if (isReference(rdbType)) return value.type === 'hash' && this.templateOf(value.fields) !== undefined;
    // The dialects read some bytes differently.
    return this.types[rdbType]?.type === value.type;
  }

  private templateOf(fields: readonly HashField[]): number | undefined {
    if (this.templates.size === 0) return undefined;
    return this.templates.get(namesText(fields.map(({ field }) => field)));
  }

  private writeReference(value: HashValue, rdbType: 30 | 32): void {
    const fields = inTemplateOrder(value.fields);
    const id = this.templateOf(fields);
    if (id === undefined) throw new EncodeError('the file has no template with the fields of this hash');
    writeTemplateReference(this.to, fields, rdbType, id);
  }
}

function isReference(rdbType: number): rdbType is 30 | 32 {
  return rdbType === TYPE.HASH_TMPL_LP_REF || rdbType === TYPE.HASH_TMPL_ARRAY_REF;
}

function hasAttributes({ expireAt, expireAtMs, idleSeconds, freq, meta }: KeyAttributes): boolean {
  return (
    expireAt !== undefined ||
    expireAtMs !== undefined ||
    idleSeconds !== undefined ||
    freq !== undefined ||
    meta !== undefined
  );
}

/** One character per byte. */
const byteText = new TextDecoder('latin1');

/** A text that only these names in this order have. */
function namesText(names: HashTemplateEntry['fields']): string {
  return names.map((name) => `${name.length}:${byteText.decode(name)}`).join('');
}
