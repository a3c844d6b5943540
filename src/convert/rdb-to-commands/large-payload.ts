/**
 * Large values for RESTORE. A payload's size stands before its first byte, and the size of a streamed value is known
 * after its last: so it is held, as the bytes of the file or decoded, up to what servers take in one argument.
 */
import type { Slice } from '../../bytes/slice.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import type { RdbValue, ValueEncoding, ValueType } from '../../rdb/model.js';
import { ValueBuilder } from '../../rdb/value-builder.js';
import { IGNORE_VALUE } from '../../rdb/visitor.js';

/** `proto-max-bulk-len` of a server that nobody has configured. */
export const MAX_PAYLOAD_BYTES = 512 * 1024 * 1024;
/** What one element costs beside its bytes, roughly. */
const ELEMENT_BYTES = 64;

export class LargeBytes {
  chunks: Uint8Array[] = [];
  sizeBytes = 0;

  constructor(private readonly maxBytes: number) {}

  get isTooLarge(): boolean {
    return this.sizeBytes > this.maxBytes;
  }

  get request(): LargeRequest {
    return { level: 'raw', sink: { ...IGNORE_VALUE, blob: () => undefined, raw: (chunk) => this.add(chunk) } };
  }

  private add(chunk: Slice): void {
    this.sizeBytes += chunk.length;
    if (this.isTooLarge) this.chunks = [];
    else this.chunks.push(chunk.copy());
  }
}

export class LargeDecoded extends ValueBuilder {
  private held = 0;

  constructor(
    type: ValueType,
    encoding: ValueEncoding,
    private readonly maxBytes: number,
  ) {
    super();
    this.begin(type, encoding, () => undefined);
  }

  get isTooLarge(): boolean {
    return this.held > this.maxBytes;
  }

  get request(): LargeRequest {
    const sink = Object.assign(this, { raw: () => undefined });
    return { level: 'element', sink };
  }

  override copy(slice: Slice): Uint8Array {
    const isFirstBeyond = !this.isTooLarge;
    this.held += slice.length + ELEMENT_BYTES;
    if (!this.isTooLarge) return super.copy(slice);
    if (isFirstBeyond) this.take();
    return NOTHING;
  }

  get value(): RdbValue {
    return this.take();
  }
}

const NOTHING = new Uint8Array(0);
