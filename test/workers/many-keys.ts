/** Dumps of any size, from records that real servers wrote. */
import { crc64 } from '../../src/bytes/crc64.js';
import { readFixture } from '../support/fixtures.js';
import { forEachKey } from '../support/records.js';

/** The keys of a fixture over and over, in one database, until there are so many bytes; the checksum is right. */
export function manyKeys(fixture: string, sizeBytes: number): Uint8Array {
  const file = readFixture(fixture);
  const records: Uint8Array[] = [];
  forEachKey(file, (rows, row, bytes) => records.push(bytes.slice(rows.start[row], rows.end[row])));
  const out = new Uint8Array(sizeBytes + file.length);
  out.set(file.subarray(0, 9));
  let end = 9;
  for (let index = 0; end < sizeBytes; index = (index + 1) % records.length) {
    out.set(records[index]!, end);
    end += records[index]!.length;
  }
  out[end++] = 0xff;
  return withFooter(out.subarray(0, end + 8));
}

/** The same file after its last eight bytes have become the right checksum. */
export function withFooter(file: Uint8Array): Uint8Array {
  const body = file.subarray(0, file.length - 8);
  new DataView(file.buffer, file.byteOffset).setBigUint64(body.length, crc64(body), true);
  return file;
}
