/**
 * Finds keys that occur twice in one database, which servers refuse to load.
 *
 * Fingerprints of all keys are held, in bounded memory. Where the input can be read again, suspects come out at the end
 * of a pass: keys that did not fit are covered by further passes, and a last one compares the bytes of the suspects and
 * finds their places. Where it cannot, each key is looked up as it comes, and what did not fit stays unknown.
 */
import { FormatError } from '../bytes/errors.js';
import { formatQuoted } from '../bytes/quote.js';
import { Slice } from '../bytes/slice.js';
import type { ByteSource } from '../bytes/source.js';
import type { DriverOptions, RdbDriver } from '../rdb/driver.js';
import { FingerprintLedger } from './fingerprint-ledger.js';
import { FingerprintSet } from './fingerprints.js';
import { scanKeys } from './key-scan.js';

/** Beyond so many passes the rest of the keys is given up: 16 times 8 million fit. */
const MAX_PASSES = 16;
/** Findings that are reported; a file with more has said enough. */
const MAX_FOUND = 100;
const MAX_SUSPECTS = 10_000;
const MAX_SHOWN_KEY_BYTES = 64;

/** What the search came to. */
export interface DuplicateKeyReport {
  /** DUPLICATE_KEY, in file order; at most 100. */
  readonly errors: FormatError[];
  /** Share of the keys that was looked at: 1 where it was all of them. */
  readonly share: number;
}

/** Usage: {@link add} per row, then {@link finish}. */
export interface DuplicateKeys {
  /** Takes the key of a row of the driver's table. Throws what reading a key throws. */
  add(driver: RdbDriver, row: number): void;
  /** Where fingerprints that the kernel computes do as well. */
  readonly ledger?: Pick<FingerprintLedger, 'seed' | 'addPairs'>;
  /** `options` are those of the first pass. */
  finish(options: DriverOptions): Promise<DuplicateKeyReport>;
}

/**
 * `rewind` gives the same bytes from their start each time; undefined where the input cannot be read again.
 * `maxKeys`: fingerprints that are held, eight bytes each.
 */
export function findDuplicateKeys(rewind: (() => ByteSource) | undefined, maxKeys?: number): DuplicateKeys {
  return rewind === undefined ? new KeysAsTheyCome(maxKeys) : new KeysInPasses(rewind, maxKeys);
}

class KeysInPasses implements DuplicateKeys {
  readonly ledger: FingerprintLedger;
  private readonly key = new Slice();

  constructor(
    private readonly rewind: () => ByteSource,
    maxKeys: number | undefined,
  ) {
    this.ledger = new FingerprintLedger(maxKeys);
  }

  add(driver: RdbDriver, row: number): void {
    const { key } = this;
    driver.readKey(row, key);
    this.ledger.add(driver.rows.db[row]!, key.bytes, key.start, key.end);
  }

  async finish(options: DriverOptions): Promise<DuplicateKeyReport> {
    const { ledger } = this;
    const suspects = ledger.repeated(MAX_SUSPECTS);
    let share = ledger.share;
    for (let pass = 1; pass < MAX_PASSES && share < 1 && ledger.next(); pass++) {
      await scanKeys(this.rewind(), options, (driver, row) => this.add(driver, row));
      for (const suspect of ledger.repeated(MAX_SUSPECTS)) suspects.add(suspect);
      share = ledger.share;
    }
    return { errors: suspects.size === 0 ? [] : await this.confirm(suspects, options), share };
  }

  /** Compares bytes: fingerprints may coincide, keys may not. */
  private async confirm(suspects: ReadonlySet<number>, options: DriverOptions): Promise<FormatError[]> {
    const { key, ledger } = this;
    const firsts = new Map<string, number>();
    const errors: FormatError[] = [];
    await scanKeys(this.rewind(), options, (driver, row) => {
      const db = driver.rows.db[row]!;
      driver.readKey(row, key);
      ledger.hash(db, key.bytes, key.start, key.end);
      if (!suspects.has(ledger.lo) || errors.length >= MAX_FOUND) return;
      const name = `${db} ${formatQuoted(key.bytes, key.start, key.end)}`;
      const offset = driver.offsetOf(driver.rows.start[row]!);
      const first = firsts.get(name);
      if (first === undefined) firsts.set(name, offset);
      else errors.push(duplicateKey(db, key.copy(), offset, `; the first is at offset ${first}`));
    });
    return errors;
  }
}

class KeysAsTheyCome implements DuplicateKeys {
  private readonly keys: FingerprintSet;
  private readonly key = new Slice();
  private readonly errors: FormatError[] = [];

  constructor(maxKeys: number | undefined) {
    this.keys = new FingerprintSet(maxKeys && 2 ** Math.ceil(Math.log2(maxKeys)));
  }

  add(driver: RdbDriver, row: number): void {
    const { key, keys, errors } = this;
    const { rows } = driver;
    const db = rows.db[row]!;
    driver.readKey(row, key);
    if (keys.add(db, key.bytes, key.start, key.end) || errors.length >= MAX_FOUND) return;
    errors.push(duplicateKey(db, key.copy(), driver.offsetOf(rows.start[row]!), ''));
  }

  async finish(): Promise<DuplicateKeyReport> {
    return { errors: this.errors, share: 1 / 2 ** this.keys.bits };
  }
}

function duplicateKey(db: number, key: Uint8Array, offset: number, remark: string): FormatError {
  return new FormatError('DUPLICATE_KEY', `a key that this database has already${remark}`, offset)
    .under(`key ${formatQuoted(key, 0, key.length, MAX_SHOWN_KEY_BYTES)}`)
    .under(`db ${db}`);
}
