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

const STRING_ITEM = literal('{"string":');
const CLOSE_ARRAY = 0x5d;
const CLOSE_OBJECT = 0x7d;

export class ModuleWriter extends ValueWriter {
  private readonly items: ItemWriter;
  private form: ValueForm = 'object';
  /** The items of a module whose layout we know. */
  private kept: ModuleItem[] = [];
  private keeper: ReturnType<typeof collectModuleItems> | undefined;

  constructor(out: JsonWriter) {
    super(out);
    this.items = new ItemWriter(out);
  }

  begin(form: ValueForm): void {
    this.form = form;
    this.keeper = undefined;
  }

  override moduleStart(module: string, version: number): void {
    const { out } = this;
    out.ascii('{"module":');
    out.text(module);
    out.ascii(',"version":');
    out.count(version);
    out.ascii(',"items":[');
    this.items.begin();
    if (module !== VECTORSET_MODULE || this.form === 'large') return;
    this.kept = [];
    this.keeper = collectModuleItems(this.kept);
  }

  override moduleInteger(kind: 'sint' | 'uint', value: Int64): void {
    this.items.integer(kind, value);
    this.keeper?.moduleInteger(kind, value);
  }

  override moduleNumber(kind: 'float' | 'double', value: number): void {
    this.items.number(kind, value);
    this.keeper?.moduleNumber(kind, value);
  }

  override moduleString(value: Slice): void {
    this.items.slice(value);
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

/** `{"sint":"-1"},…` without brackets: also the items beside the keys. */
export class ItemWriter {
  private count = 0;
  private readonly digits = new Uint8Array(MAX_INT64_TEXT);

  constructor(private readonly out: JsonWriter) {}

  begin(): void {
    this.count = 0;
  }

  /** An item of the model. */
  item(item: ModuleItem): void {
    if (item.kind === 'sint' || item.kind === 'uint') {
      this.out.comma(this.count++);
      this.out.ascii(`{"${item.kind}":"${item.value}"}`);
    } else if (item.kind === 'string') {
      this.string(item.value, 0, item.value.length);
    } else {
      this.number(item.kind, item.value);
    }
  }

  integer(kind: 'sint' | 'uint', { hi, lo }: Int64): void {
    const { out, digits } = this;
    const size = kind === 'sint' ? formatInt64(hi, lo, digits, 0) : formatUint64(hi, lo, digits, 0);
    out.comma(this.count++);
    out.ascii(kind === 'sint' ? '{"sint":' : '{"uint":');
    out.digits(digits, 0, size);
    out.byte(CLOSE_OBJECT);
  }

  number(kind: 'float' | 'double', value: number): void {
    const { out } = this;
    out.comma(this.count++);
    out.ascii(kind === 'float' ? '{"float":' : '{"double":');
    out.number(value);
    out.byte(CLOSE_OBJECT);
  }

  slice(value: Slice): void {
    this.string(value.bytes, value.start, value.end);
  }

  private string(bytes: Uint8Array, start: number, end: number): void {
    const { out } = this;
    out.comma(this.count++);
    out.literal(STRING_ITEM);
    out.string(bytes, start, end);
    out.byte(CLOSE_OBJECT);
  }
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
