/** Lines of a log that wait to be written: RESP commands, and where that was asked for when they were run. */
import type { ByteString } from '../bytes/byte-string.js';
import { formatWords, maxWordsBytes } from '../codecs/resp.js';

const FIRST_BYTES = 16 * 1024;
/** More than this is given back once it has been written. */
const MOST_KEPT_BYTES = 1024 * 1024;
/** `#TS:` and ten digits at least, and the end of the line. */
const MAX_ANNOTATION = 32;

export class LogBuffer {
  /** The first {@link size} wait. */
  bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  size = 0;
  private annotated = -1;

  command(args: readonly ByteString[]): void {
    this.reserve(maxWordsBytes(args));
    this.size = formatWords(args, this.bytes, this.size);
  }

  /** `aof-timestamp-enabled`: before a command, where the second is another one than that of the last annotation. */
  annotate(unixSeconds: number): void {
    if (unixSeconds === this.annotated) return;
    this.annotated = unixSeconds;
    this.reserve(MAX_ANNOTATION);
    const text = `#TS:${unixSeconds}\r\n`;
    for (let at = 0; at < text.length; at++) this.bytes[this.size++] = text.charCodeAt(at);
  }

  /** Only the first bytes of it have been written. */
  drop(count: number): void {
    this.bytes.copyWithin(0, count, this.size);
    this.size -= count;
  }

  /** All of it has been written. */
  clear(): void {
    this.size = 0;
    if (this.bytes.length > MOST_KEPT_BYTES) this.bytes = new Uint8Array(FIRST_BYTES);
  }

  private reserve(more: number): void {
    const wanted = this.size + more;
    if (wanted <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(wanted, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.size));
    this.bytes = grown;
  }
}
