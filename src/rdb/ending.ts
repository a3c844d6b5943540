/**
 * What follows the EOF opcode: the CRC-64 of version 5 and later, eight bytes little endian, and then nothing, or the
 * tail of a mixed AOF file (rdb-format.md §9).
 */
import type { Crc64 } from '../bytes/crc64.js';
import { ChecksumError, FormatError } from '../bytes/errors.js';
import { Int64 } from '../bytes/int64.js';
import type { Window } from '../bytes/window.js';
import { FIRST_CHECKSUM_VERSION } from './constants.js';
import type { ChecksumState, EndEntry } from './model.js';

export const FOOTER_SIZE = 8;
const RESP_ARRAY = 0x2a;
const AOF_ANNOTATION = 0x23;

export class Ending {
  /** File offset of what follows the dump. */
  offset = 0;
  private state: ChecksumState | undefined;
  private trailingBytes = 0;
  private trailing: EndEntry['trailing'];

  /** `crc` holds all bytes up to and with EOF; undefined where nobody wants to know. */
  constructor(
    private readonly window: Window,
    private readonly version: number,
    private readonly crc: Crc64 | undefined,
    /** What follows is somebody else's: it is neither looked at nor counted. */
    private readonly leavesTail = false,
  ) {}

  /** The end, or how many bytes must be in the window to go on. */
  read(): EndEntry | number {
    const { window } = this;
    if (this.state === undefined) {
      const size = this.version < FIRST_CHECKSUM_VERSION ? 0 : FOOTER_SIZE;
      window.expect(size, 'the checksum');
      if (window.available < size) return size;
      this.state = size === 0 ? 'absent' : this.compare();
      window.pos += size;
      this.offset = window.offset;
    }
    if (this.leavesTail) return this.finish(this.state);
    if (window.available === 0 && !window.ended) return 1;
    this.look();
    if (window.totalBytes !== undefined) this.trailingBytes = window.totalBytes - window.offset;
    else if (!this.drain()) return 1;
    return this.finish(this.state);
  }

  private compare(): ChecksumState {
    const { window, crc } = this;
    const stored = new Int64();
    stored.setLe(window.bytes, window.pos);
    if (stored.hi === 0 && stored.lo === 0) return 'disabled';
    if (crc === undefined) return 'unchecked';
    if (!crc.equals(stored.hi, stored.lo)) throw new ChecksumError(stored.unsigned(), crc.value(), window.offset);
    return 'ok';
  }

  /** The first byte behind the end says what the rest is. */
  private look(): void {
    const { window } = this;
    if (window.available === 0 || this.trailing !== undefined) return;
    const first = window.bytes[window.pos];
    this.trailing = first === RESP_ARRAY || first === AOF_ANNOTATION ? 'aof' : 'unknown';
  }

  /** Counts what is there of an input of unknown size; true at its end. */
  private drain(): boolean {
    const { window } = this;
    this.trailingBytes += window.available;
    window.pos = window.end;
    return window.ended;
  }

  private finish(checksum: ChecksumState): EndEntry {
    const { trailingBytes, trailing, crc, offset } = this;
    // A flipped version digit can turn a file into one without a checksum; the one it has gives it away.
    if (checksum === 'absent' && trailing === 'unknown' && trailingBytes === FOOTER_SIZE) {
      throw new FormatError('UNEXPECTED_TRAILER', `a checksum behind version ${this.version}, which has none`, offset);
    }
    const crc64 = crc !== undefined && checksum !== 'absent' ? crc.value() : undefined;
    return { kind: 'end', checksum, crc64, trailingBytes, trailing };
  }
}

/** `3 bytes follow the end of the RDB` */
export function describeTrailing(count: number): string {
  return `${count} ${count === 1 ? 'byte follows' : 'bytes follow'} the end of the RDB`;
}
