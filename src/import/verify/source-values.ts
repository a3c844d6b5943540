/** Values of the source, read from batches when they are needed. */
import { Slice } from '../../bytes/slice.js';
import { TYPE } from '../../rdb/constants.js';
import { type DecodeContext, ValueCursor } from '../../rdb/cursor.js';
import { locate } from '../../rdb/locate.js';
import { countFromHead, NO_COUNT } from '../../rdb/measure.js';
import type { ValueSink } from '../../rdb/types/type-codec.js';
import { IGNORE_VALUE } from '../../rdb/visitor.js';
import type { KeyBatch } from './key-batch.js';
import { ValueFacts } from './value-facts.js';
import { type PayloadParts, readValueAt } from './value-reader.js';

/** Types that mean something else in the other dialect. */
const FIRST_DIALECT_TYPE = TYPE.V_HASH_2;
/** Types that refer to records of their file, which a payload leaves behind. */
const REFERRING_TYPES: ReadonlySet<number> = new Set([TYPE.HASH_TMPL_LP_REF, TYPE.HASH_TMPL_ARRAY_REF]);

export class SourceValues {
  private readonly value = new Slice();
  private cursor: ValueCursor | undefined;
  private readonly facts = new ValueFacts();
  private length = 0;
  private readonly lengthSink: ValueSink = {
    ...IGNORE_VALUE,
    string: (text) => {
      this.length = text.length;
    },
    blob: () => undefined,
  };

  /** `context` is that of the driver which reads the source, known once its header has been read. */
  constructor(private readonly context: () => DecodeContext) {}

  /** They hold until the next call. Throws FormatError, with its place in the file. */
  factsOf(batch: KeyBatch, item: number): ValueFacts {
    const large = batch.large.get(item);
    if (large !== undefined) return large;
    const { facts } = this;
    const { type, encoding } = batch.codec[item]!;
    facts.begin(type, encoding);
    this.read(batch, item, facts);
    facts.end();
    return facts;
  }

  /** Elements, or the bytes of a string; undefined where only all of the value could tell. Throws FormatError. */
  countOf(batch: KeyBatch, item: number): number | undefined {
    const large = batch.large.get(item);
    if (large !== undefined) return large.elements;
    if (batch.typeOf(item) === 'string') {
      this.read(batch, item, this.lengthSink);
      return this.length;
    }
    const { value } = this;
    batch.readValue(item, value);
    const count = countFromHead(batch.codec[item]!, batch.rdbType[item]!, value.bytes, value.start, value.end);
    return count === NO_COUNT ? undefined : count;
  }

  /** Whether a payload of the target is, byte for byte, what the source has. */
  isAsStored(
    batch: KeyBatch,
    item: number,
    payload: Uint8Array,
    { rdbType, dialect, start, end }: PayloadParts,
  ): boolean {
    if (rdbType !== batch.rdbType[item] || REFERRING_TYPES.has(rdbType)) return false;
    if (rdbType >= FIRST_DIALECT_TYPE && dialect !== this.context().dialect) return false;
    const { value } = this;
    batch.readValue(item, value);
    if (value.length !== end - start) return false;
    const shift = value.start - start;
    for (let pos = start; pos < end; pos++) if (payload[pos] !== value.bytes[pos + shift]) return false;
    return true;
  }

  private read(batch: KeyBatch, item: number, sink: ValueSink): void {
    const { value } = this;
    this.cursor ??= new ValueCursor({ ...this.context(), deep: false, warn: () => undefined });
    batch.readValue(item, value);
    const { bytes, start, end } = value;
    try {
      readValueAt(this.cursor, batch.codec[item]!, bytes, start, end, sink);
    } catch (error) {
      throw locate(error, batch.valueOffset[item]! - start, batch.db[item], batch.copyName(item));
    }
  }
}
