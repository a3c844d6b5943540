/**
 * Finds keys that occur twice in one database, which servers refuse to load.
 *
 * Fingerprints of all keys are held in bounded memory. Where a dump has more keys than fit, the first pass covers a part
 * of them and further passes over the same input cover the others; a last pass compares the bytes of what looked equal.
 */
import { FormatError } from '../bytes/errors.js';
import { formatQuoted } from '../bytes/quote.js';
import { Slice } from '../bytes/slice.js';
import type { ByteSource } from '../bytes/source.js';
import { Window } from '../bytes/window.js';
import { drive } from '../rdb/drive.js';
import { type DriverOptions, RdbDriver, type RowHandler } from '../rdb/driver.js';
import type { LargeRequest } from '../rdb/large-value.js';
import type { RowTable } from '../rdb/rows.js';
import { FingerprintSet } from './fingerprints.js';
import { NO_SINK } from './no-sink.js';

/** Looking for the rest of the keys is given up beyond so many passes: 2^24 times 5 keys in all, about 84 million. */
const MAX_PASSES = 16;
/** Findings that are kept; a file with more has said enough. */
const MAX_FOUND = 100;
const MAX_SHOWN_KEY_BYTES = 64;

/** A second occurrence. */
interface Repeat {
  readonly db: number;
  readonly key: Uint8Array;
  /** File offset of its record. */
  readonly offset: number;
}

/** What the search came to. */
export interface DuplicateKeyReport {
  /** DUPLICATE_KEY, in file order; at most 100. */
  readonly errors: FormatError[];
  /** Share of the keys that was looked at: 1 where it was all of them. */
  readonly share: number;
}

/** Usage: {@link add} per row, then {@link finish}. */
export class DuplicateKeys {
  private readonly keys: FingerprintSet;
  private readonly key = new Slice();
  private readonly repeats: Repeat[] = [];

  constructor(maxSlots?: number) {
    this.keys = new FingerprintSet(maxSlots);
  }

  /** Takes the key of a row of the driver's table. Throws what reading a key throws. */
  add(driver: RdbDriver, row: number): void {
    const { key } = this;
    const { rows } = driver;
    driver.readKey(row, key);
    const db = rows.db[row]!;
    if (this.keys.add(db, key.bytes, key.start, key.end) || this.repeats.length >= MAX_FOUND) return;
    this.repeats.push({ db, key: key.copy(), offset: driver.offsetOf(rows.start[row]!) });
  }

  /**
   * Looks at the keys that did not fit, and confirms what was found. `rewind` gives the same bytes from their start,
   * undefined where the input cannot be read again; `options` are those of the first pass.
   */
  async finish(rewind: () => ByteSource | undefined, options: DriverOptions): Promise<DuplicateKeyReport> {
    const parts = 2 ** this.keys.bits;
    let looked = 1;
    for (; looked < Math.min(parts, MAX_PASSES); looked++) {
      const source = rewind();
      if (source === undefined) break;
      this.keys.restart(looked);
      await scanKeys(source, options, (driver, row) => this.add(driver, row));
    }
    const found = [...this.repeats].sort((a, b) => a.offset - b.offset);
    const again = found.length > 0 ? rewind() : undefined;
    const errors =
      again === undefined ? found.map((repeat) => duplicateKey(repeat)) : await this.confirm(found, again, options);
    return { errors, share: looked / parts };
  }

  /** Compares bytes: fingerprints may coincide, keys may not. */
  private async confirm(found: readonly Repeat[], source: ByteSource, options: DriverOptions): Promise<FormatError[]> {
    const { key, keys } = this;
    const offsets = new Map(found.map((repeat) => [nameOf(repeat.db, repeat.key), [] as number[]]));
    const suspects = new Set<number>();
    for (const repeat of found) {
      keys.hash(repeat.db, repeat.key, 0, repeat.key.length);
      suspects.add(keys.lo);
    }
    await scanKeys(source, options, (driver, row) => {
      const db = driver.rows.db[row]!;
      driver.readKey(row, key);
      keys.hash(db, key.bytes, key.start, key.end);
      if (suspects.has(keys.lo)) offsets.get(nameOf(db, key.copy()))?.push(driver.offsetOf(driver.rows.start[row]!));
    });
    return found.flatMap((repeat) => {
      const all = offsets.get(nameOf(repeat.db, repeat.key))!;
      return all.indexOf(repeat.offset) > 0 ? [duplicateKey(repeat, all[0])] : [];
    });
  }
}

function duplicateKey(repeat: Repeat, first?: number): FormatError {
  const where = first === undefined ? '' : `; the first is at offset ${first}`;
  return new FormatError('DUPLICATE_KEY', `a key that this database has already${where}`, repeat.offset)
    .under(`key ${formatQuoted(repeat.key, 0, repeat.key.length, MAX_SHOWN_KEY_BYTES)}`)
    .under(`db ${repeat.db}`);
}

function nameOf(db: number, key: Uint8Array): string {
  return `${db} ${formatQuoted(key)}`;
}

/** A pass that looks at keys only. */
async function scanKeys(
  source: ByteSource,
  options: DriverOptions,
  visit: (driver: RdbDriver, row: number) => void,
): Promise<void> {
  const window = new Window();
  window.totalBytes = source.sizeBytes;
  const handler = new KeyScan(visit);
  const driver = new RdbDriver(window, handler, { ...options, checksum: false, deep: false });
  handler.driver = driver;
  await drive(source, driver);
}

class KeyScan implements RowHandler {
  driver!: RdbDriver;

  constructor(private readonly visit: (driver: RdbDriver, row: number) => void) {}

  record(): void {}

  key(_rows: RowTable, row: number): void {
    this.visit(this.driver, row);
  }

  largeStart(_rows: RowTable, row: number): LargeRequest {
    this.visit(this.driver, row);
    return { level: 'skip', sink: NO_SINK };
  }

  largeEnd(): void {}

  warning(): void {}

  full(): boolean {
    return false;
  }
}
