/**
 * What keys take in the memory of the server that the engine stands for, by the model that measures dumps: a value is what
 * the server holds once it has loaded it.
 */
import { type ByteString, fromByteString } from '../bytes/byte-string.js';
import { EncodeError } from '../bytes/errors.js';
import type { AllocatorName } from '../memory/allocator.js';
import type { ValueMemory } from '../memory/collection-memory.js';
import { ServerMemory } from '../memory/server-memory.js';
import { WholeValueMemory } from '../memory/whole-value.js';
import { DUMP_FOOTER_SIZE, DumpEncoder } from '../rdb/dump.js';
import type { ModuleValue } from '../rdb/model.js';
import { VECTORSET_MODULE } from '../rdb/vectorset.js';
import { encodeVectorSetLayout, type VectorLinks } from '../rdb/vectorset-layout.js';
import type { Target } from '../rdb/versions.js';
import type { Database } from './database.js';
import type { EngineSettings } from './settings.js';
import { keyEntry } from './snapshot.js';
import { isInt64Text } from './values/int64-text.js';
import type { RawString } from './values/raw-string.js';
import type { StoredValue } from './values/stored-value.js';
import { VectorSetObject } from './values/vector-set-object.js';

/** Behind the type byte. */
const VALUE_START = 1;
const MAX_INTEGER_DIGITS = 20;
const KEPT_BYTES = 1 << 20;

export class KeyMemory {
  private readonly model: ServerMemory;
  private readonly whole: WholeValueMemory;
  private readonly to: Target;
  private plain: DumpEncoder;
  /** For values of which the model knows no more than what they take in a dump. */
  private compressing: DumpEncoder;

  constructor({ target, encoding }: EngineSettings, allocator: AllocatorName = 'jemalloc') {
    this.model = new ServerMemory(target, allocator, encoding);
    this.whole = new WholeValueMemory(this.model);
    // The settings decide where the nodes of lists and streams end.
    this.to = { ...target, settings: encoding };
    [this.plain, this.compressing] = encodersFor(this.to);
  }

  /** What MEMORY USAGE with SAMPLES 0 counts. */
  bytes(db: Database, key: ByteString, stored: StoredValue): number {
    const expires = db.expiryOf(key) !== undefined;
    if (typeof stored === 'string' || stored.type === 'string')
      return this.model.string(key.length, expires, stored.length, isInteger(stored)).bytes;
    return this.model.withKey(key.length, expires, this.value(db, key, stored)).bytes;
  }

  private value(db: Database, key: ByteString, stored: StoredValue): ValueMemory {
    try {
      const payload = this.payload(db, key, stored);
      return this.whole.read(payload[0]!, payload, VALUE_START, payload.length - DUMP_FOOTER_SIZE);
    } catch (error) {
      // The server knows no such values: of this one nobody can say more than that it is there.
      if (error instanceof EncodeError) return { encoding: 'raw', bytes: 0, extra: 0 };
      throw error;
    }
  }

  private payload(db: Database, key: ByteString, stored: StoredValue): Uint8Array {
    if (stored instanceof VectorSetObject) return this.plain.encode(withoutLinks(stored));
    const { value, rdbType } = keyEntry(db, key, stored, db.engine.settings);
    const isKnown = value.type !== 'module' && value.type !== 'array';
    const payload = (isKnown ? this.plain : this.compressing).encode(value, rdbType);
    // An encoder keeps the memory that its largest value took.
    if (payload.length > KEPT_BYTES) [this.plain, this.compressing] = encodersFor(this.to);
    return payload;
  }
}

function encodersFor(target: Target): [plain: DumpEncoder, compressing: DumpEncoder] {
  return [new DumpEncoder({ target, compress: false }), new DumpEncoder({ target, compress: true })];
}

/** Text is not made of a long array of bits. */
function isInteger(stored: ByteString | RawString): boolean {
  if (stored.length > MAX_INTEGER_DIGITS) return false;
  return isInt64Text(typeof stored === 'string' ? stored : stored.bytes);
}

/** The model does not count links, so nobody has to look for them. */
function withoutLinks(set: VectorSetObject): ModuleValue {
  const nodes = Array.from(set.values(), ({ name, attribute, vector }) => ({
    id: 0n,
    element: fromByteString(name),
    attribute: attribute === '' ? undefined : fromByteString(attribute),
    vector: fromByteString(vector),
    level: 0,
    range: 0,
    norm: 0,
  }));
  const items = encodeVectorSetLayout({ ...set.shape, nodes }, NO_LINKS, 0);
  return { type: 'module', encoding: 'module', module: VECTORSET_MODULE, version: 0, items };
}

const NO_LINKS: VectorLinks = { count: () => 0, link: () => 0, distance: () => 0 };
