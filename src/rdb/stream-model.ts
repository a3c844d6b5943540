/** What a stream is made of: entries, groups, consumers and what is pending. Part of the glossary in model.ts. */

/** `ms-seq`, both unsigned 64-bit. */
export interface StreamId {
  readonly ms: bigint;
  readonly seq: bigint;
}

export interface StreamEntry {
  readonly id: StreamId;
  /** field, value, field, value … */
  readonly fields: Uint8Array[];
}

/** What a stream keeps beside its entries; what the version of the file does not record is absent. */
export interface StreamState {
  /** Live entries. */
  readonly length: number;
  readonly lastId: StreamId;
  readonly firstId?: StreamId;
  readonly maxDeletedId?: StreamId;
  readonly entriesAdded?: bigint;
  readonly groups: readonly StreamGroup[];
  readonly idmp?: StreamIdmp;
}

export interface StreamGroup {
  readonly name: Uint8Array;
  readonly lastId: StreamId;
  /** −1: unknown (stored as 2^64 − 1). */
  readonly entriesRead?: bigint;
  /** The group's pending entries list, ascending. */
  readonly pending: StreamPending[];
  readonly consumers: StreamConsumer[];
  /** NACKed entries, in the order of the NACK zone (Redis 8.8+). */
  readonly nacked?: StreamId[];
}

export interface StreamPending {
  readonly id: StreamId;
  /** Unix ms. */
  readonly deliveredAtMs: number;
  readonly deliveries: bigint;
  /** The owner's name; undefined for an entry that nobody owns. */
  consumer: Uint8Array | undefined;
}

export interface StreamConsumer {
  readonly name: Uint8Array;
  /** Unix ms. */
  readonly seenAtMs: number;
  /** Unix ms; −1: never active. */
  readonly activeAtMs?: number;
}

/** Idempotent producers (Redis 8.6+). */
export interface StreamIdmp {
  readonly durationSeconds: number;
  readonly maxEntries: number;
  readonly producers: readonly StreamProducer[];
  readonly iidsAdded: bigint;
  readonly iidsDuplicates: bigint;
}

export interface StreamProducer {
  readonly id: Uint8Array;
  readonly entries: readonly { readonly iid: Uint8Array; readonly id: StreamId }[];
}
