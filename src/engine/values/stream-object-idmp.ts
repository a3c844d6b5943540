/** Idempotent producers of a stream (Redis 8.6): which of their messages it has lately had. */
import { type ByteString, fromByteString, toByteString } from '../../bytes/byte-string.js';
import { SHA1_WORDS, sha1 } from '../../codecs/sha1.js';
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

const IID_WORDS = 4;

/**
 * 16 bytes that stand for fields and values, `args` from `from` on, whatever the order of the pairs: IDMPAUTO's iid as we make
 * it. Servers use a hash of their own, of the same size.
 */
export function contentId(args: readonly ByteString[], from: number): ByteString {
  const sum = new Int32Array(IID_WORDS);
  const digest = new Int32Array(SHA1_WORDS);
  for (let at = from; at + 1 < args.length; at += 2) {
    const pair = fromByteString(`${args[at]!.length}:${args[at]}${args[at + 1]}`);
    sha1(pair, 0, pair.length, digest, 0);
    for (let word = 0; word < IID_WORDS; word++) sum[word] = (sum[word]! + digest[word]!) | 0;
  }
  return toByteString(new Uint8Array(sum.buffer));
}
