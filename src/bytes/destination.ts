/**
 * Where bytes go: a web stream, a Node stream or a function, behind one interface with backpressure. Nothing here imports
 * `node:` modules: a Node stream is known by its methods.
 */

/** The part of a Node stream that is used here. */
export interface NodeWritable {
  write(chunk: Uint8Array): boolean;
  end(): unknown;
  destroy?(reason?: Error): unknown;
  on(event: string, listener: (...args: never[]) => void): unknown;
  removeListener(event: string, listener: (...args: never[]) => void): unknown;
}

/**
 * A web stream, a Node stream, or a function that is called with one chunk after the other; where it returns a promise,
 * the next chunk waits for it. A chunk belongs to whoever is given it.
 */
export type ByteDestination = WritableStream<Uint8Array> | NodeWritable | ((chunk: Uint8Array) => void | Promise<void>);

/** An opened destination: one writer at a time, who awaits each call. */
export interface ChunkSink {
  /** Takes a chunk; a promise where the next one should wait. */
  write(chunk: Uint8Array): void | Promise<void>;
  /** Everything has been written. */
  close(): void | Promise<void>;
  /** Nothing more comes, and what came is worth nothing. Never throws. */
  abort(reason: unknown): void | Promise<void>;
}

/** With `keepOpen` the destination is left as it is at the end, for whoever writes on. */
export function openDestination(destination: ByteDestination, keepOpen = false): ChunkSink {
  if (typeof destination === 'function') return { write: destination, close: nothing, abort: nothing };
  if ('getWriter' in destination) return new WebSink(destination.getWriter(), keepOpen);
  return new NodeSink(destination, keepOpen);
}

function nothing(): void {
  // A function has no end.
}

class WebSink implements ChunkSink {
  constructor(
    private readonly writer: WritableStreamDefaultWriter<Uint8Array>,
    private readonly keepOpen: boolean,
  ) {}

  write(chunk: Uint8Array): Promise<void> {
    return this.writer.write(chunk);
  }

  async close(): Promise<void> {
    if (this.keepOpen) this.writer.releaseLock();
    else await this.writer.close();
  }

  async abort(reason: unknown): Promise<void> {
    try {
      await this.writer.abort(reason);
    } catch {
      // It has failed already: that is the reason.
    }
  }
}

class NodeSink implements ChunkSink {
  private failure: Error | undefined;
  private finished = false;
  private closed = false;
  /** Whoever waits for the stream, to be told of a drain, the end or a failure. */
  private wake: () => void = nothing;
  private readonly listeners: readonly (readonly [string, (...args: never[]) => void])[];

  constructor(
    private readonly stream: NodeWritable,
    private readonly keepOpen: boolean,
  ) {
    const fail = (error: Error): void => {
      this.failure ??= error;
      this.wake();
    };
    this.listeners = [
      ['error', fail],
      ['drain', () => this.wake()],
      [
        'finish',
        () => {
          this.finished = true;
          this.wake();
        },
      ],
      [
        'close',
        () => {
          this.closed = true;
          this.wake();
        },
      ],
    ];
    for (const [event, listener] of this.listeners) stream.on(event, listener);
  }

  write(chunk: Uint8Array): void | Promise<void> {
    this.check();
    if (!this.stream.write(chunk)) return this.wait();
  }

  async close(): Promise<void> {
    this.check();
    if (!this.keepOpen) {
      const finished = this.wait();
      this.stream.end();
      await finished;
    }
    this.detach();
  }

  abort(reason: unknown): void {
    if (!this.keepOpen) this.stream.destroy?.(reason instanceof Error ? reason : undefined);
    // The error listener stays: a stream that fails without one ends the process.
  }

  private async wait(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.wake = nothing;
    this.check();
  }

  private check(): void {
    if (this.failure !== undefined) throw this.failure;
    if (this.closed && !this.finished) throw new TypeError('the stream was closed before everything was written');
  }

  private detach(): void {
    for (const [event, listener] of this.listeners) this.stream.removeListener(event, listener);
  }
}
