/** One whole value, decoded, adapted to the target and encoded again. */
import { EncodeError } from '../bytes/errors.js';
import { ByteWriter } from '../bytes/writer.js';
import { chooseType } from '../rdb/choose-encoding.js';
import type { RdbDriver } from '../rdb/driver.js';
import type { RdbValue } from '../rdb/model.js';
import { STRING, stringEncoding } from '../rdb/types/string.js';
import { writeValue } from '../rdb/types/write.js';
import { ValueBuilder } from '../rdb/value-builder.js';
import { ValueOutput } from '../rdb/value-output.js';
import type { PartLoss } from './adapt-hash.js';
import { type AdaptedValue, adaptValue, type ValueRules } from './adapt-value.js';

/** Memory that a large value has made the scratch grow by is given back beyond this. */
const KEPT_SCRATCH_BYTES = 4 * 1024 * 1024;

export class ValueRewriter {
  /** The value that {@link encode} has made: `bytes[0, end)`, valid until the next one. */
  rdbType = 0;
  end = 0;
  private readonly builder = new ValueBuilder();
  private scratch = new ByteWriter(handsOnNothing);
  private output: ValueOutput;

  constructor(private readonly rules: ValueRules) {
    this.output = this.freshOutput();
  }

  get bytes(): Uint8Array {
    return this.scratch.bytes;
  }

  /** The value of a row as the target can hold it. Throws FormatError. */
  adapt(driver: RdbDriver, row: number): AdaptedValue {
    const { rows, window } = driver;
    const codec = rows.codecOf(row);
    const encoding = codec === STRING ? stringEncoding(window.bytes[rows.valuePos[row]!]!) : codec.encoding;
    this.builder.begin(codec.type, encoding, ignoreSaturated);
    driver.readValue(row, 'element', this.builder);
    return adaptValue(this.builder.take(), rows.kind[row]!, this.rules);
  }

  /** Encodes what {@link adapt} gave; returns why the target has no form for it, if so. */
  encode(value: RdbValue, rdbType: number | undefined): PartLoss | undefined {
    if (this.scratch.bytes.length > KEPT_SCRATCH_BYTES) {
      this.scratch = new ByteWriter(handsOnNothing);
      this.output = this.freshOutput();
    }
    const { scratch, rules } = this;
    scratch.pos = 0;
    scratch.mark();
    try {
      this.rdbType = rdbType ?? chooseType(value, rules.target);
      writeValue(this.output, value, this.rdbType);
      this.end = scratch.pos;
      return undefined;
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      return { what: 'value', detail: error.why };
    }
  }

  private freshOutput(): ValueOutput {
    return new ValueOutput(this.scratch, this.rules.target, { compress: true });
  }
}

/** Whether a value has no element left: servers have no such keys, streams excepted. */
export function isEmptied(value: RdbValue): boolean {
  switch (value.type) {
    case 'list':
      return value.items.length === 0;
    case 'set':
    case 'zset':
      return value.members.length === 0;
    case 'hash':
      return value.fields.length === 0;
    default:
      return false;
  }
}

function handsOnNothing(): void {
  throw new TypeError('a marked writer hands nothing on');
}

/** Times beyond 2^53 only occur in what no target but that of their own kind holds. */
function ignoreSaturated(): void {
  // The key's own expiry is taken from its 64 bits.
}
