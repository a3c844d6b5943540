/** Idempotent producers of a stream (Redis 8.6): which of their messages it has lately had. */
import { type ByteString, fromByteString, toByteString } from '../../bytes/byte-string.js';
import { xxh3128 } from '../../codecs/xxh3-128.js';
import { type EntryId, increment, type Uint64 } from './stream-object-id.js';

export class StreamProducers {
  durationSeconds = 100;
  maxEntries = 100;
  /** Entries by their iid, in the order in which they came, by producer. None of the inner maps is empty. */
  readonly byProducer = new Map<ByteString, Map<ByteString, EntryId>>();
  added: Uint64 = 0;
  duplicates: Uint64 = 0;

  find(producer: ByteString, iid: ByteString): EntryId | undefined {
    return this.byProducer.get(producer)?.get(iid);
  }

  /** There is none with this iid. The producer's oldest make room. */
  record(producer: ByteString, iid: ByteString, id: EntryId): void {
    let entries = this.byProducer.get(producer);
    if (entries === undefined) {
      entries = new Map();
      this.byProducer.set(producer, entries);
    }
    for (const oldest of entries.keys()) {
      if (entries.size < this.maxEntries) break;
      entries.delete(oldest);
    }
    entries.set(iid, id);
  }

  countAdded(): void {
    this.added = increment(this.added);
  }

  countDuplicate(): void {
    this.duplicates = increment(this.duplicates);
  }

  /** Forgets what is too old. */
  expire(nowMs: number): void {
    const until = nowMs - this.durationSeconds * 1000;
    for (const [producer, entries] of this.byProducer) {
      for (const [iid, { ms }] of entries) {
        if (ms > until) break;
        entries.delete(iid);
      }
      if (entries.size === 0) this.byProducer.delete(producer);
    }
  }

  copy(): StreamProducers {
    const copy = new StreamProducers();
    Object.assign(copy, {
      durationSeconds: this.durationSeconds,
      maxEntries: this.maxEntries,
      added: this.added,
      duplicates: this.duplicates,
    });
    for (const [producer, entries] of this.byProducer) copy.byProducer.set(producer, new Map(entries));
    return copy;
  }
}

const HASH_BYTES = 16;
const LENGTH_BYTES = 8;

/**
 * The iid that IDMPAUTO makes from fields and values, `args` from `from` on, whatever the order of the pairs: 16 bytes, as seen
 * of Redis 8.6.3. Each pair is hashed as field, size of the field in eight bytes, value (XXH3, 128 bits); the halves of
 * the hashes are summed up and XORed, and what was XORed goes into the other half's sum, turned left by one bit.
 */
export function contentId(args: readonly ByteString[], from: number): ByteString {
  let [lowSum, highSum, lowXor, highXor] = [0n, 0n, 0n, 0n];
  for (let at = from; at + 1 < args.length; at += 2) {
    const { low, high } = xxh3128(pairBytes(args[at]!, args[at + 1]!));
    lowSum += low;
    highSum += high;
    lowXor ^= low;
    highXor ^= high;
  }
  const iid = new Uint8Array(HASH_BYTES);
  const view = new DataView(iid.buffer);
  view.setBigUint64(0, BigInt.asUintN(64, lowSum) ^ turned(highXor), true);
  view.setBigUint64(8, BigInt.asUintN(64, highSum) ^ turned(lowXor), true);
  return toByteString(iid);
}

function pairBytes(field: ByteString, value: ByteString): Uint8Array {
  const bytes = new Uint8Array(field.length + LENGTH_BYTES + value.length);
  bytes.set(fromByteString(field));
  new DataView(bytes.buffer).setUint32(field.length, field.length, true);
  bytes.set(fromByteString(value), field.length + LENGTH_BYTES);
  return bytes;
}

function turned(half: bigint): bigint {
  return BigInt.asUintN(64, half << 1n) | (half >> 63n);
}
