/** Small files made of single records of real dumps: one per type byte and dialect, the ground for damage tests. */
import { Window } from '../../src/bytes/window.js';
import { RdbDriver, type RowHandler } from '../../src/rdb/driver.js';
import type { RowTable } from '../../src/rdb/rows.js';
import { bytesOf, checksumOf } from './file-builder.js';
import { listFixtures, readFixture } from './fixtures.js';

export interface SmallFile {
  /** `type 16 of redis-7.0/types` */
  readonly name: string;
  readonly rdbType: number;
  readonly bytes: Uint8Array;
}

const MAX_SMALL_BYTES = 2048;

/** The largest record of at most 2 KiB for every type byte under every magic, alone in a file with a right checksum. */
export function smallFiles(): SmallFile[] {
  const best = new Map<string, SmallFile>();
  for (const fixture of listFixtures()) {
    const file = readFixture(fixture.name);
    const magic = new TextDecoder().decode(file.subarray(0, 9));
    if (Number(magic.slice(-3)) < 5) continue;
    forEachKey(file, (rows, row, bytes) => {
      const size = rows.end[row]! - rows.start[row]!;
      const id = `${magic.slice(0, 6)} ${rows.kind[row]} ${leadClass(rows, row, bytes)}`;
      const old = best.get(id);
      if (size > MAX_SMALL_BYTES || (old !== undefined && old.bytes.length >= size + 18)) return;
      const body = bytesOf(magic, bytes.subarray(rows.start[row], rows.end[row]), 0xff);
      best.set(id, {
        name: `type ${rows.kind[row]} of ${fixture.name}, ${size} bytes`,
        rdbType: rows.kind[row]!,
        bytes: bytesOf(body, checksumOf(body)),
      });
    });
  }
  return [...best.values()];
}

/** Plain, integer and compressed strings are different encodings of one type. */
function leadClass(rows: RowTable, row: number, bytes: Uint8Array): string {
  const lead = bytes[rows.valuePos[row]!]!;
  return lead < 0xc0 ? 'plain' : lead === 0xc3 ? 'lzf' : `int${lead & 3}`;
}

export function forEachKey(file: Uint8Array, visit: (rows: RowTable, row: number, bytes: Uint8Array) => void): void {
  const handler: RowHandler = {
    record: () => undefined,
    key: visit,
    largeStart: () => {
      throw new TypeError('no fixture holds a large value');
    },
    largeEnd: () => undefined,
    warning: () => undefined,
    full: () => false,
  };
  new RdbDriver(Window.over(file), handler).advance();
}
