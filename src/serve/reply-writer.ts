/**
 * Replies as bytes, RESP2 or RESP3, appended to memory that is used again: no string, and no array, is made for an element.
 */
import { type ByteString, writeByteString } from '../bytes/byte-string.js';
import { formatDouble } from '../engine/double-text.js';
import {
  BooleanReply,
  CommandError,
  DoubleReply,
  KeyedReply,
  MapReply,
  PairsReply,
  type Reply,
  SetReply,
  Status,
  VerbatimReply,
} from '../engine/reply.js';
import type { Target } from '../rdb/versions.js';

export type Protocol = 2 | 3;

/** So much is kept between replies; a client that is answered little has less. */
const MOST_KEPT_BYTES = 16 * 1024;
const FIRST_BYTES = 512;
/** A number with its sign, and what stands around it. */
const MAX_LINE_BYTES = 32;
const NOTHING = new Uint8Array(0);
const CR = 0x0d;
const LF = 0x0a;
const ZERO = 0x30;
const MOST_DIGITS_BY_HAND = 2 ** 31 - 1;
const MARK = {
  STATUS: 0x2b,
  ERROR: 0x2d,
  INTEGER: 0x3a,
  BULK: 0x24,
  ARRAY: 0x2a,
  MAP: 0x25,
  SET: 0x7e,
  PUSH: 0x3e,
  DOUBLE: 0x2c,
  BOOLEAN: 0x23,
  VERBATIM: 0x3d,
  NULL: 0x5f,
} as const;

export class ReplyWriter {
  /** The first {@link size} are to be sent. */
  bytes: Uint8Array = NOTHING;
  size = 0;
  protocol: Protocol = 2;

  constructor(private readonly target: Target) {}

  /** What was written so far, for whoever sends it and may keep it: the writer goes on with memory of its own. */
  take(): Uint8Array {
    const { bytes, size } = this;
    this.size = 0;
    if (bytes.length <= MOST_KEPT_BYTES) return bytes.slice(0, size);
    this.bytes = NOTHING;
    // Memory that was grown into is not to wait in vain for a client that reads slowly.
    return size * 2 < bytes.length ? bytes.slice(0, size) : bytes.subarray(0, size);
  }

  reply(reply: Reply): void {
    if (typeof reply === 'string') this.bulk(reply);
    else if (typeof reply === 'number') this.integer(reply);
    else if (reply === null) this.nil(false);
    else if (reply instanceof Status) this.line(MARK.STATUS, reply.text);
    else if (isArray(reply)) this.array(reply);
    else this.other(reply);
  }

  /** What nobody has asked for, such as a message of a channel: out of band in RESP3. */
  push(items: readonly Reply[]): void {
    this.head(this.protocol === 3 ? MARK.PUSH : MARK.ARRAY, items.length);
    for (const item of items) this.reply(item);
  }

  private other(reply: Reply): void {
    if (typeof reply === 'bigint') this.line(MARK.INTEGER, String(reply));
    else if (reply instanceof CommandError) this.error(reply.message);
    else if (reply instanceof DoubleReply) this.double(reply);
    else if (reply instanceof BooleanReply) this.boolean(reply.value);
    else if (reply instanceof MapReply) this.pairs(MARK.MAP, reply.pairs, true);
    else if (reply instanceof SetReply) this.list(this.isThree ? MARK.SET : MARK.ARRAY, reply.members);
    else if (reply instanceof KeyedReply) this.pairs(MARK.MAP, reply.pairs, this.isThree);
    else if (reply instanceof PairsReply) this.pairs(MARK.ARRAY, reply.pairs, !this.isThree);
    else if (reply instanceof VerbatimReply) this.verbatim(reply);
    else this.nil(true);
  }

  private get isThree(): boolean {
    return this.protocol === 3;
  }

  private bulk(text: ByteString): void {
    this.reserve(text.length + MAX_LINE_BYTES);
    this.size = this.number(MARK.BULK, text.length);
    this.size = this.lineEnd(writeByteString(text, this.bytes, this.size));
  }

  private integer(value: number): void {
    if (value >= 0) this.head(MARK.INTEGER, value);
    else this.line(MARK.INTEGER, String(value));
  }

  private array(items: readonly Reply[]): void {
    this.list(MARK.ARRAY, items);
  }

  private list(mark: number, items: readonly Reply[]): void {
    this.head(mark, items.length);
    for (const item of items) this.reply(item);
  }

  /** Flat, as a map or as an array of twice as many; or each as an array of two. */
  private pairs(mark: number, pairs: readonly (readonly [Reply, Reply])[], isFlat: boolean): void {
    const isMap = mark === MARK.MAP && this.isThree;
    this.head(isMap ? mark : MARK.ARRAY, isFlat && !isMap ? pairs.length * 2 : pairs.length);
    for (const [first, second] of pairs) {
      if (!isFlat) this.head(MARK.ARRAY, 2);
      this.reply(first);
      this.reply(second);
    }
  }

  private double({ value, text = formatDouble(value, this.target) }: DoubleReply): void {
    if (this.isThree) this.line(MARK.DOUBLE, text);
    else this.bulk(text);
  }

  private boolean(value: boolean): void {
    if (this.isThree) this.line(MARK.BOOLEAN, value ? 't' : 'f');
    else this.head(MARK.INTEGER, value ? 1 : 0);
  }

  private verbatim({ text, format }: VerbatimReply): void {
    if (!this.isThree) {
      this.bulk(text);
      return;
    }
    this.head(MARK.VERBATIM, text.length + format.length + 1);
    this.reserve(text.length + MAX_LINE_BYTES);
    this.size = writeByteString(`${format}:`, this.bytes, this.size);
    this.size = this.lineEnd(writeByteString(text, this.bytes, this.size));
  }

  private nil(isArray: boolean): void {
    if (this.isThree) this.line(MARK.NULL, '');
    else this.line(isArray ? MARK.ARRAY : MARK.BULK, '-1');
  }

  private error(message: string): void {
    this.line(MARK.ERROR, message);
  }

  /** Text of one line: characters beyond a byte are no reply of a server. */
  private line(mark: number, text: ByteString): void {
    this.reserve(text.length + MAX_LINE_BYTES);
    this.bytes[this.size++] = mark;
    this.size = this.lineEnd(writeByteString(text, this.bytes, this.size));
  }

  private head(mark: number, count: number): void {
    this.reserve(MAX_LINE_BYTES);
    this.size = this.number(mark, count);
  }

  /** A mark, a count that is not negative, and the end of the line; the position behind. */
  private number(mark: number, count: number): number {
    const { bytes } = this;
    let at = this.size;
    bytes[at++] = mark;
    if (count < 10) bytes[at++] = ZERO + count;
    else if (count <= MOST_DIGITS_BY_HAND) at = this.digits(count, at);
    else at = writeByteString(String(count), bytes, at);
    return this.lineEnd(at);
  }

  /** No string is made for them: each bulk has its size. The position behind. */
  private digits(count: number, from: number): number {
    const { bytes } = this;
    let to = from + 1;
    for (let rest = count; rest >= 10; rest = (rest / 10) | 0) to++;
    let rest = count;
    for (let at = to - 1; at >= from; at--) {
      const quotient = (rest / 10) | 0;
      bytes[at] = ZERO + rest - quotient * 10;
      rest = quotient;
    }
    return to;
  }

  private lineEnd(at: number): number {
    this.bytes[at] = CR;
    this.bytes[at + 1] = LF;
    return at + 2;
  }

  private reserve(more: number): void {
    const wanted = this.size + more;
    if (wanted <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(wanted, this.bytes.length * 2, FIRST_BYTES));
    grown.set(this.bytes.subarray(0, this.size));
    this.bytes = grown;
  }
}

function isArray(reply: Reply): reply is readonly Reply[] {
  return Array.isArray(reply);
}
