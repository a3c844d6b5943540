/** A consumer group of a stream. */
import type { ByteString } from '../../bytes/byte-string.js';
import type { EntryId, Uint64 } from './stream-object-id.js';
import { PendingEntry, PendingIndex, StreamConsumer } from './stream-object-pending.js';

/** What `entriesRead` says where nobody knows. */
export const UNKNOWN_READ = -1;

export class StreamGroup {
  readonly pending = new PendingIndex();
  readonly consumers = new Map<ByteString, StreamConsumer>();
  /** Those that XNACK gave back, in the order of the NACK zone. */
  readonly nacked = new Set<PendingEntry>();

  constructor(
    readonly name: ByteString,
    public lastId: EntryId,
    public entriesRead: Uint64,
  ) {}

  /** Made where there is none. */
  consumerToUse(name: ByteString, nowMs: number): StreamConsumer {
    let consumer = this.consumers.get(name);
    if (consumer === undefined) {
      consumer = new StreamConsumer(name, nowMs, -1);
      this.consumers.set(name, consumer);
    }
    return consumer;
  }

  /** With all that it owns. */
  removeConsumer(consumer: StreamConsumer): void {
    for (const { id } of consumer.pending.entries()) this.pending.remove(id);
    this.consumers.delete(consumer.name);
  }

  /** A pending entry that was not there. */
  addPending(id: EntryId, consumer: StreamConsumer | undefined, nowMs: number, deliveries: Uint64): PendingEntry {
    const entry = new PendingEntry(id, consumer, nowMs, deliveries);
    this.pending.add(entry);
    consumer?.pending.add(entry);
    return entry;
  }

  /** Gives a pending entry to another owner, or to nobody. */
  give(entry: PendingEntry, consumer: StreamConsumer | undefined): void {
    if (entry.consumer === consumer) return;
    entry.consumer?.pending.remove(entry.id);
    entry.consumer = consumer;
    if (consumer === undefined) return;
    consumer.pending.add(entry);
    this.nacked.delete(entry);
  }

  /** False where it was not pending. */
  removePending(id: EntryId): boolean {
    const entry = this.pending.remove(id);
    if (entry === undefined) return false;
    entry.consumer?.pending.remove(id);
    if (this.nacked.size > 0) this.nacked.delete(entry);
    return true;
  }

  copy(): StreamGroup {
    const copy = new StreamGroup(this.name, this.lastId, this.entriesRead);
    for (const { name, seenAtMs, activeAtMs } of this.consumers.values())
      copy.consumers.set(name, new StreamConsumer(name, seenAtMs, activeAtMs));
    for (const { id, consumer, deliveredAtMs, deliveries } of this.pending.entries()) {
      const owner = consumer && copy.consumers.get(consumer.name);
      copy.addPending(id, owner, deliveredAtMs, deliveries);
    }
    for (const { id } of this.nacked) copy.nacked.add(copy.pending.find(id)!);
    return copy;
  }
}
