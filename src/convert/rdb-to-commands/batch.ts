/**
 * Elements of one key in commands of a limited number each, as `RPUSH key e…`.
 *
 * How many elements a command gets is known only when it ends, but its first line says it. So a command is opened with
 * the count of a full one and held in the output until it ends; where the count has fewer digits then, what follows moves
 * to the left. That is the last command of a value at the most.
 */
import type { Slice } from '../../bytes/slice.js';
import { ARGUMENT_OVERHEAD, type CommandWriter, encodeArgument, formatArgument } from '../../codecs/resp.js';

/** Bytes that are held at the most: beyond, a command ends before its limit, or is written through. */
const MAX_HELD_BYTES = 16 * 1024 * 1024;
/** `*129\r\n` and more. */
const HEAD_ROOM = 16;

/** A key as an encoded argument, in memory that is used again. */
export class KeyArgument {
  bytes = new Uint8Array(256);
  end = 0;

  set(key: Slice): void {
    const size = key.length + ARGUMENT_OVERHEAD;
    if (this.bytes.length < size) this.bytes = new Uint8Array(size * 2);
    this.end = formatArgument(key.bytes, key.start, key.end, this.bytes, 0);
  }
}

export class CommandBatch {
  private readonly name: Uint8Array;
  private readonly fullDigits: number;
  private key!: KeyArgument;
  private items = 0;
  /** Where the held command begins in the output. */
  private head = 0;
  /** The command in hand is too large to be held. */
  private isThrough = false;

  constructor(
    private readonly writer: CommandWriter,
    name: string,
    /** Arguments of one element. */
    private readonly perItem: number,
    /** Elements of a full command. */
    private readonly maxItems: number,
  ) {
    this.name = encodeArgument(new TextEncoder().encode(name));
    this.fullDigits = String(2 + perItem * maxItems).length;
  }

  begin(key: KeyArgument): void {
    this.key = key;
    this.items = 0;
  }

  /** Before the arguments of an element, which have `size` bytes in all. */
  item(size: number): void {
    if (this.items > 0 && this.writer.out.pos - this.head + size > MAX_HELD_BYTES) this.end();
    if (this.items === 0) this.open(size > MAX_HELD_BYTES);
  }

  /** After the arguments of an element. */
  itemEnd(): void {
    this.items++;
    if (this.items === this.maxItems || this.isThrough) this.end();
  }

  /** Ends the command in hand, where there is one. */
  end(): void {
    const { items, isThrough, writer } = this;
    this.items = 0;
    if (isThrough) this.isThrough = false;
    else if (items > 0) {
      this.closeHead(2 + this.perItem * items);
      writer.release();
    }
  }

  private open(isThrough: boolean): void {
    const { writer, key } = this;
    const { out } = writer;
    this.isThrough = isThrough;
    if (isThrough) {
      writer.start(2 + this.perItem);
    } else {
      out.reserve(HEAD_ROOM);
      writer.hold();
      this.head = out.pos;
      writer.start(2 + this.perItem * this.maxItems);
    }
    writer.encoded(this.name, this.name.length);
    writer.encoded(key.bytes, key.end);
  }

  private closeHead(count: number): void {
    const { out } = this.writer;
    const text = String(count);
    const start = this.head + 1;
    const surplus = this.fullDigits - text.length;
    if (surplus > 0) {
      out.bytes.copyWithin(start + text.length, start + this.fullDigits, out.pos);
      out.pos -= surplus;
    }
    for (let index = 0; index < text.length; index++) out.bytes[start + index] = text.charCodeAt(index);
  }
}
