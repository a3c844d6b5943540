/** Pending entries: what a group has delivered and nobody has acknowledged. */
import type { ByteString } from '../../bytes/byte-string.js';
import { compareIds, type EntryId, type Uint64 } from './stream-object-id.js';

export class StreamConsumer {
  /** What it owns. */
  readonly pending = new PendingIndex();

  constructor(
    readonly name: ByteString,
    /** Unix ms. */
    public seenAtMs: number,
    /** Unix ms; −1: never active. */
    public activeAtMs: number,
  ) {}
}

export class PendingEntry {
  /** Of two that were delivered at the same time, the lower one came first. */
  private turn = nextTurn++;

  constructor(
    readonly id: EntryId,
    /** Nobody's: what was given back by XNACK. */
    public consumer: StreamConsumer | undefined,
    private atMs: number,
    public deliveries: Uint64,
  ) {}

  /** Unix ms. */
  get deliveredAtMs(): number {
    return this.atMs;
  }

  set deliveredAtMs(atMs: number) {
    this.atMs = atMs;
    this.turn = nextTurn++;
  }

  /** Negative where this one was delivered before `other`. */
  comparedByTime(other: PendingEntry): number {
    return this.atMs - other.atMs || this.turn - other.turn;
  }
}

let nextTurn = 0;

const CHUNK = 128;

/** Pending entries by id, ascending: a list of short lists. */
export class PendingIndex {
  size = 0;
  /** None of them is empty. */
  private readonly chunks: PendingEntry[][] = [];

  find(id: EntryId): PendingEntry | undefined {
    const entry = this.atOrAfter(id);
    return entry !== undefined && compareIds(entry.id, id) === 0 ? entry : undefined;
  }

  /** The first one from `id` on. */
  atOrAfter(id: EntryId): PendingEntry | undefined {
    const chunk = this.chunks[this.chunkOf(id)];
    return chunk?.[placeIn(chunk, id)];
  }

  /** There is none with this id. */
  add(entry: PendingEntry): void {
    const { chunks } = this;
    this.size++;
    const last = chunks[chunks.length - 1];
    if (last === undefined) {
      chunks.push([entry]);
      return;
    }
    if (compareIds(last[last.length - 1]!.id, entry.id) < 0) {
      if (last.length < CHUNK) last.push(entry);
      else chunks.push([entry]);
      return;
    }
    const at = this.chunkOf(entry.id);
    const chunk = chunks[at]!;
    chunk.splice(placeIn(chunk, entry.id), 0, entry);
    if (chunk.length > CHUNK * 2) chunks.splice(at + 1, 0, chunk.splice(CHUNK));
  }

  remove(id: EntryId): PendingEntry | undefined {
    const at = this.chunkOf(id);
    const chunk = this.chunks[at];
    if (chunk === undefined) return undefined;
    const place = placeIn(chunk, id);
    const entry = chunk[place]!;
    if (compareIds(entry.id, id) !== 0) return undefined;
    chunk.splice(place, 1);
    if (chunk.length === 0) this.chunks.splice(at, 1);
    this.size--;
    return entry;
  }

  get last(): PendingEntry | undefined {
    return this.chunks.at(-1)?.at(-1);
  }

  /** From `start` to `end`, which may be among them. */
  *between(start: EntryId, end: EntryId): Generator<PendingEntry, void, void> {
    for (let at = this.chunkOf(start); at < this.chunks.length; at++)
      for (const entry of this.chunks[at]!) {
        if (compareIds(entry.id, start) < 0) continue;
        if (compareIds(entry.id, end) > 0) return;
        yield entry;
      }
  }

  *entries(): Generator<PendingEntry, void, void> {
    for (const chunk of this.chunks) yield* chunk;
  }

  /** The first chunk whose last entry is not before `id`. */
  private chunkOf(id: EntryId): number {
    const { chunks } = this;
    let low = 0;
    let high = chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const chunk = chunks[middle]!;
      if (compareIds(chunk[chunk.length - 1]!.id, id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function placeIn(chunk: readonly PendingEntry[], id: EntryId): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareIds(chunk[middle]!.id, id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
