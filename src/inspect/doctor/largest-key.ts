/** The key with the largest of some number. */
import type { KeyFacts } from '../facts/key-facts.js';

export interface NamedKey {
  readonly db: number;
  readonly key: Uint8Array;
}

export class LargestKey {
  private value = 0;
  private key: NamedKey | undefined;

  /** The first of equals stays. A key is copied only where it is larger than all before it, which gets rare soon. */
  offer(value: number, facts: KeyFacts): void {
    if (value <= this.value) return;
    this.value = value;
    this.key = { db: facts.db, key: facts.key.copy() };
  }

  fact(): { value: number; key?: NamedKey } {
    return { value: this.value, ...(this.key && { key: this.key }) };
  }
}
