/**
 * Hashes: `{"field":bytes,…}` in file order, or `{"$pairs":[[bytes,bytes],…]}` where an object cannot say the same: a name
 * is not valid UTF-8, a name repeats, or the only name starts with `$`.
 *
 * Hardly any hash is of that kind, so a hash is written as an object while it is read, and once more in the other form
 * where that turns out wrong. Field expiries come as a second object after the value and are kept aside until then. They
 * are in pairs where the value is, and where the only name among them starts with `$`.
 */
import type { Int64 } from '../../bytes/int64.js';
import { SLICE_PLAIN, type Slice } from '../../bytes/slice.js';
import { DistinctSet } from '../../codecs/distinct.js';
import { JsonWriter } from './json-writer.js';
import { literal } from './literal.js';
import { type ValueForm, ValueWriter } from './value-writer.js';

export const PAIRS_OPEN = literal('{"$pairs":[');
export const PAIRS_CLOSE = literal(']}');
const FIELD_EXPIRY = literal(',"fieldExpireAt":');

const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const DOLLAR = 0x24;

export class HashWriter extends ValueWriter {
  private form: ValueForm = 'object';
  private count = 0;
  /** Form `object` has failed: the rest of the value is not worth writing. */
  private failed = false;
  /** The first name starts with `$`. */
  private reserved = false;
  private readonly names = new DistinctSet();

  private readonly expiries: JsonWriter;
  private expiryCount = 0;
  /** The first name among the expiries starts with `$`, and the position of the colon behind it. */
  private expiryReserved = false;
  private expiryColon = 0;

  constructor(out: JsonWriter) {
    super(out);
    this.expiries = new JsonWriter(out.encoding, undefined);
  }

  begin(form: ValueForm, elements: number): void {
    this.form = form;
    this.count = 0;
    this.failed = false;
    this.expiryCount = 0;
    this.expiries.rewind(0);
    if (form !== 'object') {
      this.out.literal(PAIRS_OPEN);
      return;
    }
    this.names.reset(elements);
    this.out.byte(OPEN_OBJECT);
  }

  override hashField(field: Slice, value: Slice, expireAt: Int64 | undefined): void {
    if (this.form !== 'object') this.writePair(field, value, expireAt);
    else if (!this.failed) this.writeMember(field, value, expireAt);
  }

  end(): boolean {
    const { out, form } = this;
    if (form === 'object') {
      if (this.failed || (this.count === 1 && this.reserved)) return false;
      out.byte(CLOSE_OBJECT);
    } else {
      out.literal(PAIRS_CLOSE);
    }
    if (this.expiryCount > 0) this.writeExpiries();
    return true;
  }

  private writeMember(field: Slice, value: Slice, expireAt: Int64 | undefined): void {
    const { out } = this;
    if (this.count === 0) this.reserved = isReserved(field);
    else out.byte(COMMA);
    this.count++;
    // A plain name lies in the window or in the packed structure, and both stay until the value has been read.
    if (!out.name(field) || !this.names.add(field.bytes, field.start, field.end, field.form === SLICE_PLAIN)) {
      this.failed = true;
      return;
    }
    out.byte(COLON);
    out.slice(value);
    if (expireAt !== undefined) this.keepExpiry(field, expireAt);
  }

  private keepExpiry(field: Slice, expireAt: Int64): void {
    const { expiries } = this;
    if (this.expiryCount++ > 0) expiries.byte(COMMA);
    expiries.name(field);
    if (this.expiryCount === 1) {
      this.expiryReserved = isReserved(field);
      this.expiryColon = expiries.pos;
    }
    expiries.byte(COLON);
    expiries.time(expireAt);
  }

  private writePair(field: Slice, value: Slice, expireAt: Int64 | undefined): void {
    const { out, expiries } = this;
    out.comma(this.count++);
    out.byte(OPEN_ARRAY);
    out.slice(field);
    out.byte(COMMA);
    out.slice(value);
    if (expireAt !== undefined && this.form === 'large') {
      out.byte(COMMA);
      out.time(expireAt);
    } else if (expireAt !== undefined) {
      expiries.comma(this.expiryCount++);
      expiries.byte(OPEN_ARRAY);
      expiries.slice(field);
      expiries.byte(COMMA);
      expiries.time(expireAt);
      expiries.byte(CLOSE_ARRAY);
    }
    out.byte(CLOSE_ARRAY);
  }

  private writeExpiries(): void {
    const { out, expiries } = this;
    out.literal(FIELD_EXPIRY);
    if (this.form !== 'object') {
      out.literal(PAIRS_OPEN);
      out.append(expiries);
      out.literal(PAIRS_CLOSE);
    } else if (this.expiryCount === 1 && this.expiryReserved) {
      expiries.replace(this.expiryColon, COMMA);
      out.literal(PAIRS_OPEN);
      out.byte(OPEN_ARRAY);
      out.append(expiries);
      out.byte(CLOSE_ARRAY);
      out.literal(PAIRS_CLOSE);
    } else {
      out.byte(OPEN_OBJECT);
      out.append(expiries);
      out.byte(CLOSE_OBJECT);
    }
  }
}

/** A name that an object may not have alone, since `{"$b64":…}` and its like mean something else. */
function isReserved(name: Slice): boolean {
  return name.start < name.end && name.bytes[name.start] === DOLLAR;
}
