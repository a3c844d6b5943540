/** Collections without elements: servers leave them out when they load a dump, and say so (rdb-format.md §13). */
import { formatQuoted } from '../bytes/quote.js';
import type { RdbDriver } from '../rdb/driver.js';

/** Keys that are named, as by servers; the others are counted. */
const MOST_NAMED = 10;
const MAX_SHOWN_BYTES = 128;

export class EmptyKeys {
  private count = 0;

  /** One that is left out, whose record is at `pos` of the window. */
  add(driver: RdbDriver, key: Uint8Array, pos: number): void {
    if (this.count++ < MOST_NAMED) driver.warn('EMPTY_KEY', `skipping empty key: ${shownKey(key)}`, pos);
  }

  /** There are no more. */
  end(driver: RdbDriver): void {
    if (this.count > 0) driver.warn('EMPTY_KEY', `empty keys skipped: ${this.count}`, driver.window.pos);
  }
}

/** Plain names as they are. */
function shownKey(key: Uint8Array): string {
  const text = formatQuoted(key, 0, key.length, MAX_SHOWN_BYTES);
  return /^"[\w:.{}-]+"$/.test(text) ? text.slice(1, -1) : text;
}
