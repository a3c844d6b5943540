/** A string as it is, for pipes. */
import type { Slice } from '../../bytes/slice.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import { NO_SINK } from '../../rdb/no-sink.js';
import type { Output } from '../output.js';
import { type DecodeChoice, decompressValue } from './decode-value.js';
import type { ValuePrinter } from './value-printer.js';

export class RawPrinter implements ValuePrinter {
  constructor(
    private readonly output: Output,
    private readonly decode: DecodeChoice,
  ) {}

  begin(): LargeRequest['sink'] {
    return { ...NO_SINK, string: (value) => this.print(value) };
  }

  end(): void {}

  private print({ bytes, start, end }: Slice): void {
    if (this.decode === 'none') this.output.write(bytes, start, end);
    else this.output.write(decompressValue(bytes.subarray(start, end)));
  }
}
