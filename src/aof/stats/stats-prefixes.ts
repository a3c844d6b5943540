/** Counts by what keys begin with, in bounded memory. */
import { FrequentKeys } from './frequent-keys.js';

const SLOTS = 1 << 16;
const TEXT_BYTES = 4 * 1024 * 1024;

export class PrefixCounter {
  private readonly prefixes = new FrequentKeys(SLOTS, TEXT_BYTES);
  private readonly separator: Uint8Array;

  /** Throws RangeError for a separator of no bytes. */
  constructor(
    separator: string,
    private readonly depth: number,
  ) {
    this.separator = new TextEncoder().encode(separator);
    if (this.separator.length === 0) throw new RangeError('a separator of no bytes');
  }

  /** Counts the prefix of a key, its last separator included. */
  add(text: Uint8Array, start: number, end: number, times: number, bytes: number): void {
    this.prefixes.add(text, start, this.prefixEnd(text, start, end), 0, times, bytes);
  }

  /** Takes in the keys that are still held. */
  finish(keys: FrequentKeys): FrequentKeys {
    keys.visit((text, start, end, times, bytes) => this.add(text, start, end, times, bytes));
    return this.prefixes;
  }

  private prefixEnd(text: Uint8Array, start: number, end: number): number {
    const { separator } = this;
    const last = end - separator.length;
    let left = this.depth;
    let found = start;
    for (let at = start; at <= last && left > 0; at++) {
      if (!this.isSeparator(text, at)) continue;
      found = at + separator.length;
      at = found - 1;
      left--;
    }
    return found;
  }

  private isSeparator(text: Uint8Array, pos: number): boolean {
    const { separator } = this;
    for (let at = 0; at < separator.length; at++) if (text[pos + at] !== separator[at]) return false;
    return true;
  }
}
