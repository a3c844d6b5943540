/** Sources that are handed chunks of any size: iterables, async iterables, Node streams and web streams. */
import type { ByteSource, Compression } from './source.js';

/** The next chunk (possibly empty), or undefined at the end. */
export type Chunk = Uint8Array | undefined;

/** Gives chunks one after the other; a chunk is used up before the next pull. */
export interface ChunkFeed {
  pull(): Chunk | Promise<Chunk>;
  /** No more is wanted. `ended` says whether the end was reached. */
  stop(ended: boolean): void | Promise<void>;
}

/** What a {@link ChunkSource} says about itself. */
export interface ChunkSourceFacts {
  readonly name: string;
  readonly sizeBytes?: number | undefined;
  readonly compression?: Compression | undefined;
  /** The stored input below, whose progress is reported; absent where the chunks are the stored input. */
  readonly below?: ByteSource;
}

/** Cuts chunks to what readers ask for. A feed that has failed keeps failing: an error is never taken for an end. */
export class ChunkSource implements ByteSource {
  readonly name: string;
  readonly sizeBytes: number | undefined;
  readonly compression: Compression | undefined;
  private chunk: Uint8Array = EMPTY;
  private pos = 0;
  private delivered = 0;
  private closed = false;
  /** The feed has said that it is at its end, or failed: there is nothing to cancel. */
  private feedEnded = false;
  private failed = false;
  private failure: unknown;
  private readonly below: ByteSource | undefined;

  constructor(
    private readonly feed: ChunkFeed,
    facts: ChunkSourceFacts,
  ) {
    this.name = facts.name;
    this.sizeBytes = facts.sizeBytes;
    this.compression = facts.compression;
    this.below = facts.below;
  }

  get consumedBytes(): number {
    return this.below === undefined ? this.delivered : this.below.consumedBytes;
  }

  get totalBytes(): number | undefined {
    return this.below === undefined ? this.sizeBytes : this.below.totalBytes;
  }

  read(target: Uint8Array, at: number, max: number): number | Promise<number> {
    while (this.pos === this.chunk.length) {
      if (this.isAtEnd()) return 0;
      const next = this.pull();
      if (next instanceof Promise) return this.readLater(next, target, at, max);
      this.accept(next);
    }
    return this.take(target, at, max);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.chunk = EMPTY;
    this.pos = 0;
    await this.feed.stop(this.feedEnded);
  }

  private async readLater(first: Promise<Chunk>, target: Uint8Array, at: number, max: number): Promise<number> {
    let next: Chunk | Promise<Chunk> = first;
    for (;;) {
      try {
        next = await next;
      } catch (error) {
        throw this.feedFailed(error);
      }
      this.accept(next);
      if (this.pos < this.chunk.length) return this.take(target, at, max);
      if (this.isAtEnd()) return 0;
      next = this.pull();
    }
  }

  private isAtEnd(): boolean {
    if (this.closed) throw new TypeError(`${this.name} was closed`);
    if (this.failed) throw this.failure;
    return this.feedEnded;
  }

  private pull(): Chunk | Promise<Chunk> {
    try {
      return this.feed.pull();
    } catch (error) {
      throw this.feedFailed(error);
    }
  }

  private feedFailed(error: unknown): unknown {
    this.feedEnded = true;
    return this.fail(error);
  }

  private fail(error: unknown): unknown {
    this.failed = true;
    this.failure = error;
    return error;
  }

  private accept(next: Chunk): void {
    this.pos = 0;
    this.chunk = EMPTY;
    if (next === undefined) {
      this.feedEnded = true;
    } else if (next instanceof Uint8Array || Object.prototype.toString.call(next) === '[object Uint8Array]') {
      // Not only instanceof: a chunk may come from another realm, such as a test runner's or a worker's.
      if (!this.closed) this.chunk = next;
    } else {
      throw this.fail(new TypeError(`${this.name} yielded ${describe(next)} where a Uint8Array was expected`));
    }
  }

  private take(target: Uint8Array, at: number, max: number): number {
    const count = Math.min(max, this.chunk.length - this.pos);
    target.set(this.chunk.subarray(this.pos, this.pos + count), at);
    this.pos += count;
    this.delivered += count;
    return count;
  }
}

/** A source over whatever yields chunks; undefined where the input does not. */
export function streamSource(input: object): ByteSource | undefined {
  if (isWebStream(input)) return new ChunkSource(webFeed(input), { name: 'stream' });
  if (isAsyncIterable(input)) return new ChunkSource(asyncFeed(input), { name: 'stream' });
  if (isIterable(input)) return new ChunkSource(syncFeed(input), { name: 'stream' });
  return undefined;
}

/** Reads a web stream, and cancels it where it is left early. */
export function webFeed(stream: ReadableStream<Uint8Array>): ChunkFeed {
  const reader = stream.getReader();
  return {
    async pull() {
      const { done, value } = await reader.read();
      return done ? undefined : value;
    },
    async stop(ended) {
      if (!ended) await reader.cancel();
      reader.releaseLock();
    },
  };
}

const EMPTY = new Uint8Array(0);

function asyncFeed(input: AsyncIterable<Uint8Array>): ChunkFeed {
  const iterator = input[Symbol.asyncIterator]();
  let waiting = false;
  return {
    async pull() {
      waiting = true;
      const { done, value } = await iterator.next();
      waiting = false;
      return done ? undefined : value;
    },
    async stop(ended) {
      if (ended) return;
      // An iterator in the middle of next() queues return() behind it, perhaps for ever; a Node stream can be torn down.
      if ('destroy' in input && typeof input.destroy === 'function') input.destroy();
      else if (waiting) iterator.return?.().catch(() => undefined);
      else await iterator.return?.();
    },
  };
}

function syncFeed(input: Iterable<Uint8Array>): ChunkFeed {
  const iterator = input[Symbol.iterator]();
  return {
    pull() {
      const { done, value } = iterator.next();
      return done ? undefined : value;
    },
    stop(ended) {
      if (!ended) iterator.return?.();
    },
  };
}

function isWebStream(input: object): input is ReadableStream<Uint8Array> {
  return 'getReader' in input && typeof input.getReader === 'function';
}

function isAsyncIterable(input: object): input is AsyncIterable<Uint8Array> {
  return Symbol.asyncIterator in input;
}

function isIterable(input: object): input is Iterable<Uint8Array> {
  return Symbol.iterator in input;
}

function describe(chunk: unknown): string {
  if (chunk === null || typeof chunk !== 'object') return chunk === null ? 'null' : `a ${typeof chunk}`;
  return `an object of class ${chunk.constructor?.name ?? 'none'}`;
}
