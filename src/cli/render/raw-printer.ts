/** A string as it is, for pipes. */
import type { Slice } from '../../bytes/slice.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import { NO_SINK } from '../../rdb/no-sink.js';
import type { Output } from '../output.js';
import { type DecodeChoice, decodeValue } from './decode-value.js';
import type { ValuePrinter } from './value-printer.js';

export class RawPrinter implements ValuePrinter {
  constructor(
    private readonly output: Output,
    private readonly decode: DecodeChoice,
    /** Told what was recognised. */
    private readonly onForms: (forms: readonly string[]) => void,
  ) {}

  begin(): LargeRequest['sink'] {
    return { ...NO_SINK, string: (value) => this.print(value) };
  }

  end(): void {}

  private print({ bytes, start, end }: Slice): void {
    if (this.decode === 'none') {
      this.output.write(bytes, start, end);
      return;
    }
    const decoded = decodeValue(bytes.subarray(start, end));
    this.onForms(decoded.forms);
    this.output.write(decoded.bytes);
  }
}
