/** What several threads write, as an async iterable: for whoever takes it at a pace of their own. */
import { type ParallelOptions, ParallelReader } from './parallel-reader.js';

export type PieceOptions<Result> = Omit<ParallelOptions<Result>, 'collector' | 'onPause' | 'signal'> &
  Pick<ParallelOptions<Result>['collector'], 'warning'> & {
    /** Pieces of a result, in order, for whoever takes them to keep. */
    readonly piecesOf: (result: Result) => readonly Uint8Array[];
  };

/** Yields pieces; an error comes behind all that stands before it. Whoever stops early stops the threads. */
export async function* piecesInOrder<Result>({
  piecesOf,
  warning,
  ...options
}: PieceOptions<Result>): AsyncGenerator<Uint8Array, void, void> {
  const stop = new AbortController();
  const turn = new Turn();
  let ready: Uint8Array[] = [];
  const reader = new ParallelReader({
    ...options,
    collector: {
      result: (result) => ready.push(...piecesOf(result)),
      warning,
    },
    // Nothing more is read before what there is has been taken.
    onPause: async () => {
      if (ready.length > 0) await turn.pass();
      stop.signal.throwIfAborted();
    },
    signal: stop.signal,
  });
  const run = turn.last(reader.run());
  try {
    for (;;) {
      const isOver = await turn.wait();
      const pieces = ready;
      ready = [];
      yield* pieces;
      if (isOver) break;
      turn.giveBack();
    }
  } finally {
    stop.abort();
    turn.giveBack();
    await run;
  }
  turn.check();
}

/** Who is at work: the reader, or whoever takes what it has read. */
class Turn {
  private isTakers = false;
  private isOver = false;
  private failure: { readonly error: unknown } | undefined;
  private wakeReader: () => void = () => undefined;
  private wakeTaker: () => void = () => undefined;

  /** The reader's: lets the other take, and waits until it has. */
  pass(): Promise<void> {
    this.isTakers = true;
    this.wakeTaker();
    return new Promise((resolve) => {
      this.wakeReader = resolve;
    });
  }

  /** The reader's: when `reading` has ended the other has the last turn. */
  async last(reading: Promise<void>): Promise<void> {
    try {
      await reading;
    } catch (error) {
      this.failure = { error };
    }
    this.isOver = true;
    this.isTakers = true;
    this.wakeTaker();
  }

  /** The taker's: waits for its turn; true where it is the last. */
  async wait(): Promise<boolean> {
    while (!this.isTakers) {
      await new Promise<void>((resolve) => {
        this.wakeTaker = resolve;
      });
    }
    return this.isOver;
  }

  giveBack(): void {
    this.isTakers = this.isOver;
    this.wakeReader();
  }

  /** Throws what ended the reading. */
  check(): void {
    if (this.failure !== undefined) throw this.failure.error;
  }
}
