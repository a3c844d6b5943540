/**
 * Values of types that one family of servers has:
 *
 *     path hash (Valkey 9.2)   {"path":{"field":bytes,…},…}, each of the objects in pairs where a hash would be
 *     cron job (KeyDB)         {"script":bytes,"start":ms,"interval":ms,"keys":[bytes,…],"args":[bytes,…]}
 */
import type { Int64 } from '../../bytes/int64.js';
import type { Slice } from '../../bytes/slice.js';
import { DistinctSet } from '../../codecs/distinct.js';
import type { HashField } from '../../rdb/model.js';
import { PAIRS_CLOSE, PAIRS_OPEN } from './hash-value.js';
import type { JsonWriter } from './json-writer.js';
import { isUtf8 } from './utf8.js';
import { type ValueForm, ValueWriter } from './value-writer.js';

const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const DOLLAR = 0x24;

interface Path {
  readonly name: Uint8Array;
  readonly fields: HashField[];
}

/** Collects the paths, since each object decides for itself which form it has; a large value is in pairs throughout. */
export class PathHashWriter extends ValueWriter {
  private form: ValueForm = 'object';
  private paths: Path[] = [];
  /** Paths, and fields of the last one, of a large value. */
  private pathCount = 0;
  private fieldCount = 0;

  begin(form: ValueForm): void {
    this.form = form;
    this.paths = [];
    this.pathCount = 0;
    if (form === 'large') this.out.literal(PAIRS_OPEN);
  }

  override pathStart(path: Slice): void {
    const { out } = this;
    if (this.form !== 'large') {
      this.paths.push({ name: path.copy(), fields: [] });
      return;
    }
    if (this.pathCount > 0) this.endLargePath();
    out.comma(this.pathCount++);
    out.byte(OPEN_ARRAY);
    out.slice(path);
    out.byte(COMMA);
    out.literal(PAIRS_OPEN);
    this.fieldCount = 0;
  }

  override hashField(field: Slice, value: Slice): void {
    const { out } = this;
    if (this.form !== 'large') {
      this.paths.at(-1)!.fields.push({ field: field.copy(), value: value.copy() });
      return;
    }
    out.comma(this.fieldCount++);
    out.byte(OPEN_ARRAY);
    out.slice(field);
    out.byte(COMMA);
    out.slice(value);
    out.byte(CLOSE_ARRAY);
  }

  end(): boolean {
    const { out, paths } = this;
    if (this.form === 'large') {
      if (this.pathCount > 0) this.endLargePath();
      out.literal(PAIRS_CLOSE);
      return true;
    }
    const names = paths.map(({ name }) => name);
    writeMembers(out, names, (index) => {
      const { fields } = paths[index]!;
      writeMembers(
        out,
        fields.map(({ field }) => field),
        (at) => writeBytes(out, fields[at]!.value),
      );
    });
    this.paths = [];
    return true;
  }

  private endLargePath(): void {
    this.out.literal(PAIRS_CLOSE);
    this.out.byte(CLOSE_ARRAY);
  }
}

export class CronWriter extends ValueWriter {
  private count = 0;
  private keys = 0;

  begin(): void {
    this.count = 0;
    this.keys = 0;
  }

  override cronStart(script: Slice, start: Int64, interval: Int64, keys: number): void {
    const { out } = this;
    out.ascii('{"script":');
    out.slice(script);
    out.ascii(',"start":');
    out.time(start);
    out.ascii(',"interval":');
    out.time(interval);
    out.ascii(',"keys":[');
    this.keys = keys;
  }

  override listItem(item: Slice): void {
    const { out, count, keys } = this;
    if (count === keys) out.ascii('],"args":[');
    else out.comma(count);
    this.count++;
    out.slice(item);
  }

  end(): boolean {
    const { out } = this;
    if (this.count <= this.keys) out.ascii('],"args":[');
    out.ascii(']}');
    return true;
  }
}

/** An object, or pairs where these names do not make one. */
function writeMembers(out: JsonWriter, names: readonly Uint8Array[], writeValue: (index: number) => void): void {
  const pairs = !makeObject(out, names);
  if (pairs) out.literal(PAIRS_OPEN);
  else out.byte(OPEN_OBJECT);
  names.forEach((name, index) => {
    out.comma(index);
    if (pairs) out.byte(OPEN_ARRAY);
    writeBytes(out, name);
    out.byte(pairs ? COMMA : COLON);
    writeValue(index);
    if (pairs) out.byte(CLOSE_ARRAY);
  });
  if (pairs) out.literal(PAIRS_CLOSE);
  else out.byte(CLOSE_OBJECT);
}

function makeObject(out: JsonWriter, names: readonly Uint8Array[]): boolean {
  if (out.encoding === 'base64' || out.encoding === 'hex') return false;
  if (names.length === 1 && names[0]![0] === DOLLAR) return false;
  if (out.encoding === 'auto' && !names.every((name) => isUtf8(name, 0, name.length))) return false;
  const seen = new DistinctSet();
  seen.reset(names.length);
  return names.every((name) => seen.add(name, 0, name.length, false));
}

function writeBytes(out: JsonWriter, bytes: Uint8Array): void {
  out.string(bytes, 0, bytes.length);
}
