/** Strings, lists, sets and arrays: values that are written as they come. */
import type { Int64 } from '../../bytes/int64.js';
import type { Slice } from '../../bytes/slice.js';
import { literal } from './literal.js';
import { ValueWriter } from './value-writer.js';

const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** The string itself. */
export class StringWriter extends ValueWriter {
  begin(): void {
    // The one callback is the value.
  }

  override string(value: Slice): void {
    this.out.slice(value);
  }

  end(): boolean {
    return true;
  }
}

/** `[bytes, …]` of a list or set, in file order. */
export class SequenceWriter extends ValueWriter {
  /** What goes in front of the next element. */
  private next = OPEN;

  begin(): void {
    this.next = OPEN;
  }

  override listItem(item: Slice): void {
    this.out.byte(this.next);
    this.next = COMMA;
    this.out.slice(item);
  }

  override setMember(member: Slice): void {
    this.out.byte(this.next);
    this.next = COMMA;
    this.out.slice(member);
  }

  end(): boolean {
    if (this.next === OPEN) this.out.byte(OPEN);
    this.out.byte(CLOSE);
    return true;
  }
}

const ARRAY_INSERT_INDEX = literal('{"insertIndex":');
const ARRAY_ELEMENTS_NEXT = literal(',"elements":[');
const ARRAY_ELEMENTS = literal('{"elements":[');
const ARRAY_END = literal(']}');

/** `{"insertIndex":n,"elements":[[index,bytes],…]}`; `insertIndex` only where there is one. */
export class ArrayWriter extends ValueWriter {
  private count = 0;

  begin(): void {
    this.count = 0;
  }

  override arrayStart(insertIndex: Int64 | undefined): void {
    const { out } = this;
    if (insertIndex === undefined) {
      out.literal(ARRAY_ELEMENTS);
      return;
    }
    out.literal(ARRAY_INSERT_INDEX);
    out.uint64(insertIndex);
    out.literal(ARRAY_ELEMENTS_NEXT);
  }

  override arrayElement(index: Int64, value: Slice): void {
    const { out } = this;
    out.comma(this.count++);
    out.byte(OPEN);
    out.uint64(index);
    out.byte(COMMA);
    out.slice(value);
    out.byte(CLOSE);
  }

  end(): boolean {
    this.out.literal(ARRAY_END);
    return true;
  }
}
