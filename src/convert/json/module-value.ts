/**
 * Module values: the typed items that the module saved, and what is behind them where the layout is known.
 *
 *     {"module":"vectorset","version":1,"items":[{"sint":"-1"},{"uint":"1"},{"float":1.5},{"double":1.5},{"string":bytes},…],
 *      "decoded":{"dim":n,"quantization":"f32","m":n,"projectionInputDim":n,
 *        "elements":[{"element":bytes,"attribute":bytes,"level":n,"vector":[n,…]},…]}}
 *
 * Integers are always text; `"inf"`, `"-inf"` and `"nan"` stand for numbers that JSON does not have. Absent where the
 * file has none: `projectionInputDim`, `attribute`. A large value has no `decoded`: it would have to be held.
 */
import { formatInt64, formatUint64, type Int64, MAX_INT64_TEXT } from '../../bytes/int64.js';
import type { Slice } from '../../bytes/slice.js';
import type { ModuleItem, VectorSet, VectorSetElement } from '../../rdb/model.js';
import { collectModuleItems } from '../../rdb/records.js';
import { decodeVectorSet, VECTORSET_MODULE } from '../../rdb/vectorset.js';
import type { JsonWriter } from './json-writer.js';
import { literal } from './literal.js';
import { type ValueForm, ValueWriter } from './value-writer.js';

const ITEM_START = {
  sint: literal('{"sint":'),
  uint: literal('{"uint":'),
  float: literal('{"float":'),
  double: literal('{"double":'),
  string: literal('{"string":'),
} as const;
const CLOSE_ARRAY = 0x5d;
const CLOSE_OBJECT = 0x7d;

export class ModuleWriter extends ValueWriter {
  private form: ValueForm = 'object';
  private count = 0;
  private readonly digits = new Uint8Array(MAX_INT64_TEXT);
  /** The items of a module whose layout we know. */
  private kept: ModuleItem[] = [];
  private keeper: ReturnType<typeof collectModuleItems> | undefined;

  begin(form: ValueForm): void {
    this.form = form;
    this.count = 0;
    this.keeper = undefined;
  }

  override moduleStart(module: string, version: number): void {
    const { out } = this;
    out.ascii('{"module":');
    out.text(module);
    out.ascii(',"version":');
    out.count(version);
    out.ascii(',"items":[');
    if (module !== VECTORSET_MODULE || this.form === 'large') return;
    this.kept = [];
    this.keeper = collectModuleItems(this.kept);
  }

  override moduleInteger(kind: 'sint' | 'uint', value: Int64): void {
    const { out, digits } = this;
    const { hi, lo } = value;
    out.comma(this.count++);
    out.literal(ITEM_START[kind]);
    out.digits(digits, 0, kind === 'sint' ? formatInt64(hi, lo, digits, 0) : formatUint64(hi, lo, digits, 0));
    out.byte(CLOSE_OBJECT);
    this.keeper?.moduleInteger(kind, value);
  }

  override moduleNumber(kind: 'float' | 'double', value: number): void {
    const { out } = this;
    out.comma(this.count++);
    out.literal(ITEM_START[kind]);
    out.number(value);
    out.byte(CLOSE_OBJECT);
    this.keeper?.moduleNumber(kind, value);
  }

  override moduleString(value: Slice): void {
    const { out } = this;
    out.comma(this.count++);
    out.literal(ITEM_START.string);
    out.slice(value);
    out.byte(CLOSE_OBJECT);
    this.keeper?.moduleString(value);
  }

  end(): boolean {
    this.out.byte(CLOSE_ARRAY);
    const decoded = this.keeper && decodeVectorSet(this.kept);
    this.kept = [];
    if (decoded !== undefined) writeVectorSet(this.out, decoded);
    this.out.byte(CLOSE_OBJECT);
    return true;
  }
}

/** One item of the model, as those of a value are written. */
export function writeModuleItem(out: JsonWriter, item: ModuleItem): void {
  out.literal(ITEM_START[item.kind]);
  if (item.kind === 'sint' || item.kind === 'uint') out.ascii(`"${item.value}"`);
  else if (item.kind === 'string') out.string(item.value, 0, item.value.length);
  else out.number(item.value);
  out.byte(CLOSE_OBJECT);
}

function writeVectorSet(out: JsonWriter, set: VectorSet): void {
  out.ascii(`,"decoded":{"dim":${set.dim},"quantization":"${set.quantization}","m":${set.m}`);
  if (set.projectionInputDim !== undefined) out.ascii(`,"projectionInputDim":${set.projectionInputDim}`);
  out.ascii(',"elements":[');
  set.elements.forEach((element, index) => {
    out.comma(index);
    writeElement(out, element);
  });
  out.ascii(']}');
}

function writeElement(out: JsonWriter, { element, attribute, level, vector }: VectorSetElement): void {
  out.ascii('{"element":');
  out.string(element, 0, element.length);
  if (attribute !== undefined) {
    out.ascii(',"attribute":');
    out.string(attribute, 0, attribute.length);
  }
  out.ascii(`,"level":${level},"vector":[`);
  for (let index = 0; index < vector.length; index++) {
    out.comma(index);
    out.number(vector[index]!);
  }
  out.ascii(']}');
}
