/** Vector sets (Redis 8.0), read from the typed items of their module as they come (memory-model.md §3.2, rdb-format.md §8.9). */
import type { SizeClass } from './allocator.js';
import { sdsBytes } from './sds.js';

/** What the graph takes on the average; the server estimates it itself. */
const SET_BYTES = 1784.33;
const NODE_BYTES = 360;
const LINK_BYTES = 56 / 3;
const EMBEDDED_STRING = 44;
const HEADER_INTEGERS = 4;
const HAS_PROJECTION = 1;
const HAS_ATTRIBUTES = 2;
const DEFAULT_M = 16;

export class VectorSetMemory {
  count = 0;
  private integers = 0;
  private strings = 0;
  private m = DEFAULT_M;
  private flags = 0;
  private bytes = 0;

  constructor(private readonly size: SizeClass) {}

  start(): void {
    this.count = 0;
    this.integers = 0;
    this.strings = 0;
    this.bytes = 0;
  }

  integer(value: number): void {
    if (this.integers === 1) this.count = value;
    else if (this.integers === 2) this.m = (value >>> 8) & 0xffff || DEFAULT_M;
    else if (this.integers === HEADER_INTEGERS - 1) this.flags = value;
    this.integers++;
  }

  string(length: number): void {
    const projections = this.flags & HAS_PROJECTION ? 1 : 0;
    const perElement = this.flags & HAS_ATTRIBUTES ? 3 : 2;
    const index = this.strings++ - projections;
    if (index < 0) this.bytes += length;
    else if (index % perElement === perElement - 1) this.bytes += length;
    else this.bytes += index % perElement === 1 && length === 0 ? 0 : this.object(length);
  }

  finish(): number {
    return Math.trunc(SET_BYTES + this.count * (NODE_BYTES + LINK_BYTES * this.m) + this.bytes);
  }

  private object(length: number): number {
    const { size } = this;
    return length <= EMBEDDED_STRING ? size(20 + length) : 16 + size(sdsBytes(length));
  }
}
