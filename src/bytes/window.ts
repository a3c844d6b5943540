/**
 * The window: one contiguous piece of the input, which slides forward.
 *
 * `bytes[pos, end)` is what has arrived and was not consumed; `bytes[0]` lies at file offset `base`. Readers work on the
 * plain fields. Refilling moves the unconsumed tail to the front, so positions taken before a refill are void after it.
 * `SPARE` bytes stay behind the window so that wide loads near its end are harmless. The window lies in the memory of a
 * workspace, where compiled kernels can read it, unless it has to be larger than that.
 */
import { openWorkspace, type Workspace } from '../kernels/workspace.js';
import { TruncatedError } from './errors.js';
import { LARGE_VALUE_BYTES } from './limits.js';

const SPARE = 64;
/** 1 MiB: large enough to make reads cheap, small enough that a refill's bytes are still in the processor's cache. */
export const WINDOW_BYTES = 1024 * 1024;
/** Of an input that is not worth a workspace. */
const SMALL_BYTES = 64 * 1024;
/** A file may have grown since its size was asked for. */
const GROWTH_BYTES = 4096;
/** A window that has to hold more than this … */
const GROWN_BYTES = 4 * 1024 * 1024;
/** … takes room for every value that is not streamed in one step: memory that is never touched costs nothing. */
const GIANT_BYTES = LARGE_VALUE_BYTES + 2 * WINDOW_BYTES;

export class Window {
  bytes: Uint8Array;
  pos = 0;
  end = 0;
  base = 0;
  /** No more bytes come after `end`. */
  ended = false;
  /** Size of the whole input where it is known: lengths beyond it are refused before anything is allocated. */
  totalBytes: number | undefined;

  private readonly home: Uint8Array | undefined;

  /** With a workspace the window is as large as that allows. */
  constructor(
    size = WINDOW_BYTES,
    readonly workspace?: Workspace,
  ) {
    this.home = workspace?.window;
    this.bytes = this.home ?? new Uint8Array(size + SPARE);
  }

  /**
   * A window for reading an input of `totalBytes`, where its size is known: with a workspace, unless the input is so small
   * that it is read before there would be one.
   */
  static for(totalBytes: number | undefined): Window {
    const isSmall = totalBytes !== undefined && totalBytes < SMALL_BYTES;
    const window = isSmall ? new Window(totalBytes + GROWTH_BYTES) : new Window(WINDOW_BYTES, openWorkspace());
    window.totalBytes = totalBytes;
    return window;
  }

  /** A window over bytes that are all there; nothing is copied. */
  static over(bytes: Uint8Array): Window {
    const window = new Window(0);
    window.bytes = bytes;
    window.end = bytes.length;
    window.ended = true;
    window.totalBytes = bytes.length;
    return window;
  }

  /** File offset of `pos`. */
  get offset(): number {
    return this.base + this.pos;
  }

  /** The workspace, while the window lies in its memory. */
  get kernels(): Workspace | undefined {
    return this.bytes === this.home ? this.workspace : undefined;
  }

  get available(): number {
    return this.end - this.pos;
  }

  /**
   * Makes room to refill so that `wanted` bytes from `pos` on may arrive, and returns the space behind `end`.
   * Where the total size is unknown the window at most doubles per call: a lie about a length costs nothing.
   */
  room(wanted: number): number {
    let capacity = this.bytes.length - SPARE;
    const have = this.end - this.pos;
    // Of an input of unknown size a length may be a lie: the window grows only when it is full of bytes that did come.
    if (wanted > capacity && (this.totalBytes !== undefined || have === capacity)) {
      capacity = this.grownCapacity(wanted, capacity);
      this.moveTo(new Uint8Array(capacity + SPARE));
    } else if (this.isAway && Math.max(wanted, have) <= this.home!.length - SPARE) {
      this.moveTo(this.home!);
      capacity = this.home!.length - SPARE;
    } else if (this.pos > 0) {
      this.bytes.copyWithin(0, this.pos, this.end);
      this.rebase(have);
    }
    return capacity - this.end;
  }

  /** Bytes were put behind `end`. */
  filled(count: number): void {
    this.end += count;
  }

  /** Copies what fits of `chunk[from..]` behind `end` after {@link room}, and returns how many bytes that were. */
  append(chunk: Uint8Array, from: number): number {
    const count = Math.min(chunk.length - from, this.bytes.length - SPARE - this.end);
    this.bytes.set(chunk.subarray(from, from + count), this.end);
    this.end += count;
    return count;
  }

  /** Forgets everything: what is put behind `end` now lies at `base` in the file. */
  restart(base: number): void {
    this.pos = 0;
    this.end = 0;
    this.base = base;
    this.ended = false;
    this.shrink();
  }

  /** Gives back memory that only a giant needed. Call it when little is unconsumed. */
  shrink(): void {
    const isGrown = this.home === undefined ? this.bytes.length > 4 * WINDOW_BYTES : this.isAway;
    if (!isGrown || this.end - this.pos > WINDOW_BYTES || this.ended) return;
    this.moveTo(this.home ?? new Uint8Array(WINDOW_BYTES + SPARE));
  }

  /** Throws where `wanted` bytes from `pos` on can never arrive. */
  expect(wanted: number, what: string): void {
    if (
      this.ended ? wanted > this.available : this.totalBytes !== undefined && wanted > this.totalBytes - this.offset
    ) {
      const size = this.ended ? this.base + this.end : this.totalBytes;
      throw new TruncatedError(`the input ends at ${size} inside ${what}`, this.offset);
    }
  }

  private grownCapacity(wanted: number, capacity: number): number {
    const left = this.totalBytes === undefined ? Infinity : this.totalBytes - this.offset;
    if (wanted > GROWN_BYTES && wanted <= GIANT_BYTES) return Math.max(wanted, Math.min(GIANT_BYTES, left));
    return left === Infinity ? Math.min(wanted, Math.max(capacity * 2, WINDOW_BYTES)) : wanted;
  }

  /** It had to leave the workspace. */
  private get isAway(): boolean {
    return this.home !== undefined && this.bytes !== this.home;
  }

  private moveTo(bytes: Uint8Array): void {
    bytes.set(this.bytes.subarray(this.pos, this.end));
    this.bytes = bytes;
    this.rebase(this.end - this.pos);
  }

  private rebase(have: number): void {
    this.base += this.pos;
    this.pos = 0;
    this.end = have;
  }
}
