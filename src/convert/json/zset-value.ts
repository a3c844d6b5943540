/**
 * Sorted sets: `[[bytes,score],…]` ascending by score, then by the member's bytes. Members are collected first, in
 * columns: packed forms ascend already and type 5 descends, so that sorting is the exception (type 3, and ties).
 */
import { SLICE_PLAIN, type Slice } from '../../bytes/slice.js';
import { type ValueForm, ValueWriter } from './value-writer.js';

const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;

const NO_BYTES: Uint8Array = new Uint8Array(0);
const FIRST_MEMBERS = 1024;
const FIRST_ARENA = 16 * 1024;
/** Columns and arena beyond these sizes are given back after the value. */
const KEEP_MEMBERS = 64 * 1024;
const KEEP_ARENA = 1024 * 1024;

export class ZsetWriter extends ValueWriter {
  private form: ValueForm = 'object';
  private count = 0;
  private scores = new Float64Array(FIRST_MEMBERS);
  /** Where each member lies: ≥ 0 in `source`, < 0 at the complement in `arena`. */
  private starts = new Int32Array(FIRST_MEMBERS);
  private sizes = new Int32Array(FIRST_MEMBERS);
  /** The window, or the packed structure: what lies there stays until the value has been read. */
  private source = NO_BYTES;
  private arena = new Uint8Array(FIRST_ARENA);
  private arenaSize = 0;

  begin(form: ValueForm): void {
    this.form = form;
    this.count = 0;
    this.arenaSize = 0;
    this.source = NO_BYTES;
    if (form === 'large') this.out.byte(OPEN);
  }

  override zsetMember(member: Slice, score: number): void {
    if (this.form === 'large') {
      const { bytes, start, end } = member;
      this.writeMember(this.count++, bytes, start, end, score);
      return;
    }
    const index = this.count++;
    if (index === this.scores.length) this.grow();
    if (this.source === NO_BYTES && member.form === SLICE_PLAIN) this.source = member.bytes;
    this.scores[index] = score;
    this.sizes[index] = member.end - member.start;
    this.starts[index] = member.bytes === this.source ? member.start : ~this.keep(member);
  }

  end(): boolean {
    if (this.form !== 'large') {
      this.out.byte(OPEN);
      this.writeInOrder();
      this.release();
    }
    this.out.byte(CLOSE);
    return true;
  }

  private writeInOrder(): void {
    const { count } = this;
    const direction = this.direction();
    if (direction > 0) for (let index = 0; index < count; index++) this.writeIndex(index, index);
    else if (direction < 0) for (let index = 0; index < count; index++) this.writeIndex(index, count - 1 - index);
    else {
      const order = new Uint32Array(count);
      for (let index = 0; index < count; index++) order[index] = index;
      order.sort((a, b) => this.compare(a, b));
      for (let index = 0; index < count; index++) this.writeIndex(index, order[index]!);
    }
  }

  /** 1 where the members ascend, −1 where they descend, 0 where they do neither. */
  private direction(): number {
    const { count } = this;
    if (count < 2) return 1;
    const direction = this.compare(0, 1) <= 0 ? 1 : -1;
    for (let index = 2; index < count; index++) {
      if (this.compare(index - 1, index) * direction > 0) return 0;
    }
    return direction;
  }

  private compare(a: number, b: number): number {
    const left = this.scores[a]!;
    const right = this.scores[b]!;
    return left < right ? -1 : left > right ? 1 : this.compareMembers(a, b);
  }

  private compareMembers(a: number, b: number): number {
    const left = this.bytesOf(a);
    const right = this.bytesOf(b);
    const leftStart = this.startOf(a);
    const rightStart = this.startOf(b);
    const shared = Math.min(this.sizes[a]!, this.sizes[b]!);
    for (let at = 0; at < shared; at++) {
      const difference = left[leftStart + at]! - right[rightStart + at]!;
      if (difference !== 0) return difference;
    }
    return this.sizes[a]! - this.sizes[b]!;
  }

  private writeIndex(position: number, index: number): void {
    const start = this.startOf(index);
    this.writeMember(position, this.bytesOf(index), start, start + this.sizes[index]!, this.scores[index]!);
  }

  private writeMember(position: number, bytes: Uint8Array, start: number, end: number, score: number): void {
    const { out } = this;
    out.comma(position);
    out.byte(OPEN);
    out.string(bytes, start, end);
    out.byte(COMMA);
    out.score(score);
    out.byte(CLOSE);
  }

  private bytesOf(index: number): Uint8Array {
    return this.starts[index]! < 0 ? this.arena : this.source;
  }

  private startOf(index: number): number {
    const start = this.starts[index]!;
    return start < 0 ? ~start : start;
  }

  private keep(member: Slice): number {
    const at = this.arenaSize;
    const size = member.end - member.start;
    if (at + size > this.arena.length) {
      const arena = new Uint8Array(Math.max(at + size, this.arena.length * 2));
      arena.set(this.arena.subarray(0, at));
      this.arena = arena;
    }
    const { arena } = this;
    const { bytes, start } = member;
    if (size > 64) arena.set(bytes.subarray(start, start + size), at);
    else for (let pos = 0; pos < size; pos++) arena[at + pos] = bytes[start + pos]!;
    this.arenaSize = at + size;
    return at;
  }

  private grow(): void {
    const members = this.scores.length * 2;
    const scores = new Float64Array(members);
    const starts = new Int32Array(members);
    const sizes = new Int32Array(members);
    scores.set(this.scores);
    starts.set(this.starts);
    sizes.set(this.sizes);
    this.scores = scores;
    this.starts = starts;
    this.sizes = sizes;
  }

  private release(): void {
    if (this.scores.length > KEEP_MEMBERS) {
      this.scores = new Float64Array(FIRST_MEMBERS);
      this.starts = new Int32Array(FIRST_MEMBERS);
      this.sizes = new Int32Array(FIRST_MEMBERS);
    }
    if (this.arena.length > KEEP_ARENA) this.arena = new Uint8Array(FIRST_ARENA);
  }
}
