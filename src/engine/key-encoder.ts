/**
 * Encodes keys as an engine holds them, without making entries of them: strings, which most keys are, and tables that may be
 * large. Bytes are written in memory that is used again, which spares the array of each string, and a view of it.
 */
import { type ByteString, writeByteString } from '../bytes/byte-string.js';
import { TYPE } from '../rdb/constants.js';
import type { ByteRange, RdbEncoder } from '../rdb/encoder.js';
import type { Database } from './database.js';
import { keyAttributes } from './snapshot.js';
import type { HashObject } from './values/hash-object.js';
import type { SetObject } from './values/set-object.js';
import type { StoredValue } from './values/stored-value.js';

export class KeyEncoder {
  private readonly keyBytes = new StringBytes();
  private readonly valueBytes = new StringBytes();

  constructor(private readonly encoder: RdbEncoder) {}

  /**
   * As the server that the engine stands for holds it, which must be the encoder's target. False, and nothing is written, for a
   * value that is to come as an entry. Throws EncodeError as the encoder does.
   */
  key(db: Database, key: ByteString, value: StoredValue): boolean {
    if (typeof value === 'string') this.string(db, key, value);
    else if (value.type === 'hash' && value.isPlainTable) this.hash(db, key, value);
    else if (value.type === 'set' && value.encoding() === 'hashtable') this.set(db, key, value);
    else return false;
    return true;
  }

  /** The same for every target. */
  string(db: Database, key: ByteString, value: ByteString): void {
    const { encoder } = this;
    encoder.stringKey(keyAttributes(db, key, encoder.target), this.keyBytes.of(key), this.valueBytes.of(value));
  }

  private hash(db: Database, key: ByteString, hash: HashObject): void {
    const { encoder, keyBytes, valueBytes } = this;
    const attributes = keyAttributes(db, key, encoder.target);
    const collection = encoder.beginCollection(attributes, keyBytes.of(key), TYPE.HASH, hash.size);
    for (const [field, value] of hash.entries())
      collection.hashField(keyBytes.of(field), valueBytes.of(value), undefined);
    encoder.endCollection(collection);
  }

  private set(db: Database, key: ByteString, set: SetObject): void {
    const { encoder, keyBytes } = this;
    const attributes = keyAttributes(db, key, encoder.target);
    const collection = encoder.beginCollection(attributes, keyBytes.of(key), TYPE.SET, set.size);
    for (const member of set.values()) collection.setMember(keyBytes.of(member));
    encoder.endCollection(collection);
  }
}

/** Longer strings get an array of their own, which does not stay. */
const MOST_KEPT = 64 * 1024;

/** The bytes of one string after another. */
class StringBytes implements ByteRange {
  bytes = new Uint8Array(256);
  readonly start = 0;
  end = 0;

  /** Valid until the next call. */
  of(text: ByteString): ByteRange {
    const size = text.length;
    if (size > this.bytes.length || this.bytes.length > MOST_KEPT)
      this.bytes = new Uint8Array(size > MOST_KEPT ? size : Math.min(MOST_KEPT, size * 2));
    this.end = writeByteString(text, this.bytes, 0);
    return this;
  }
}
