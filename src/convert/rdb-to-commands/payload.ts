/** A DUMP payload as an argument of a command, written through without being held (rdb-format.md §10). */
import { Crc64 } from '../../bytes/crc64.js';
import type { CommandWriter } from '../../codecs/resp.js';
import { DUMP_FOOTER_SIZE } from '../../rdb/dump.js';

const CRC_SIZE = 8;

export class PayloadWriter {
  private readonly crc = new Crc64();
  private readonly footer = new Uint8Array(DUMP_FOOTER_SIZE);

  /** `version` is that of the server that will read it. */
  constructor(
    private readonly writer: CommandWriter,
    version: number,
  ) {
    this.footer[0] = version & 0xff;
    this.footer[1] = version >> 8;
  }

  /** Before the first of `size` bytes of metadata, type and value. */
  start(size: number): void {
    this.crc.reset();
    this.writer.argumentStart(size + DUMP_FOOTER_SIZE);
  }

  byte(value: number): void {
    const { footer } = this;
    // The place of the checksum serves as memory for one byte: it is filled in at the end.
    footer[2] = value;
    this.copy(footer, 2, 3);
  }

  copy(bytes: Uint8Array, start: number, end: number): void {
    this.crc.update(bytes, start, end);
    this.writer.out.copy(bytes, start, end);
  }

  /** After the last byte of the value: version and checksum. */
  end(): void {
    const { crc, footer, writer } = this;
    crc.update(footer, 0, DUMP_FOOTER_SIZE - CRC_SIZE);
    for (let index = 0; index < 4; index++) {
      footer[2 + index] = crc.lo >>> (8 * index);
      footer[6 + index] = crc.hi >>> (8 * index);
    }
    writer.out.copy(footer, 0, DUMP_FOOTER_SIZE);
    writer.argumentEnd();
  }
}
