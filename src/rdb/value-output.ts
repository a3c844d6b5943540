/** Where a value's writer puts its bytes: an output with the target's ways of writing strings. */
import type { ByteWriter } from '../bytes/writer.js';
import { StringWriter } from '../codecs/string-writer.js';
import type { Target } from './versions.js';

/** `compress`: strings of more than 20 bytes become LZF where that is shorter (`rdbcompression yes`). */
export interface ValueOutputOptions {
  readonly compress: boolean;
}

export class ValueOutput {
  private readonly strings: StringWriter;

  constructor(
    readonly out: ByteWriter,
    readonly target: Target,
    options: ValueOutputOptions,
  ) {
    this.strings = new StringWriter(out, options.compress);
  }

  /** A length in its shortest form. */
  length(value: number): void {
    this.strings.length(value);
  }

  /** A length whose 64 bits are data. */
  length64(value: bigint): void {
    this.strings.length64(value);
  }

  /** A string by the servers' rules: as an integer, as LZF, or plain. */
  string(bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.strings.string(bytes, start, end);
  }
}
