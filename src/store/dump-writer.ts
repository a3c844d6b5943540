/** The dump of a store: its records beside the keys, and the bytes of all of it. */
import type { ByteString } from '../bytes/byte-string.js';
import type { WriteBytes } from '../bytes/writer.js';
import type { Database } from '../engine/database.js';
import type { Engine } from '../engine/engine.js';
import { KeyEncoder } from '../engine/key-encoder.js';
import type { StoredValue } from '../engine/values/stored-value.js';
import { RdbEncoder } from '../rdb/encoder.js';
import type { RdbEntry } from '../rdb/model.js';
import type { EntryWriter } from './snapshot-job.js';

export interface DumpOptions {
  readonly rdbcompression: boolean;
  readonly rdbchecksum: boolean;
}

/** Values keep the type in which the engine holds them, as with the server. */
export class DumpWriter implements EntryWriter {
  private readonly encoder: RdbEncoder;
  private readonly keys: KeyEncoder;

  constructor(write: WriteBytes, engine: Engine, { rdbcompression, rdbchecksum }: DumpOptions) {
    const { target, encoding } = engine.settings;
    this.encoder = new RdbEncoder(write, {
      target,
      settings: encoding,
      compress: rdbcompression,
      checksum: rdbchecksum,
    });
    this.keys = new KeyEncoder(this.encoder);
  }

  get bytesWritten(): number {
    return this.encoder.offset;
  }

  entry(entry: RdbEntry): void {
    if (entry.kind === 'key') this.encoder.key(entry, entry.rdbType);
    else this.encoder.record(entry);
  }

  stored(db: Database, key: ByteString, value: StoredValue): boolean {
    return this.keys.key(db, key, value);
  }

  end(): void {
    this.encoder.end();
  }
}
