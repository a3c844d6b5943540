/** Names of commands, looked up by their bytes in any case, without allocating: a hash table with linear probing. */
export class NameTable<T> {
  private readonly entries: { readonly name: string; readonly value: T }[] = [];
  /** Index into `entries` plus one; 0 is free. At most half of them are taken. */
  private slots = new Uint16Array(16);
  private longest = 0;

  /** A name in upper-case ASCII. */
  add(name: string, value: T): void {
    this.entries.push({ name, value });
    this.longest = Math.max(this.longest, name.length);
    if (this.entries.length * 2 > this.slots.length) {
      this.slots = new Uint16Array(this.slots.length * 2);
      for (let index = 0; index < this.entries.length; index++) this.place(index);
    } else {
      this.place(this.entries.length - 1);
    }
  }

  find(bytes: Uint8Array, start: number, end: number): T | undefined {
    const { slots, entries } = this;
    if (end - start > this.longest) return undefined;
    let hash = end - start;
    for (let at = start; at < end; at++) hash = Math.imul(hash, 31) + upper(bytes[at]!);
    const mask = slots.length - 1;
    for (let slot = spread(hash) & mask; ; slot = (slot + 1) & mask) {
      const index = slots[slot]!;
      if (index === 0) return undefined;
      const entry = entries[index - 1]!;
      if (isSame(entry.name, bytes, start, end)) return entry.value;
    }
  }

  /** In the order in which they were added. */
  values(): T[] {
    return this.entries.map(({ value }) => value);
  }

  private place(index: number): void {
    const { name } = this.entries[index]!;
    const mask = this.slots.length - 1;
    let hash = name.length;
    for (let at = 0; at < name.length; at++) hash = Math.imul(hash, 31) + name.charCodeAt(at);
    let slot = spread(hash) & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    this.slots[slot] = index + 1;
  }
}

function isSame(name: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let at = 0; at < name.length; at++) if (name.charCodeAt(at) !== upper(bytes[start + at]!)) return false;
  return true;
}

function upper(byte: number): number {
  return byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte;
}

function spread(hash: number): number {
  return hash ^ (hash >>> 15) ^ (hash >>> 7);
}
