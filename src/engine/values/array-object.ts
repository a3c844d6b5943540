/** A sparse array (Redis 8.8): texts at indexes, and where the next insert goes. Without elements there is no array. */
import { type ByteString, fromByteString, toByteString } from '../../bytes/byte-string.js';
import type { ArrayValue } from '../../rdb/model.js';
import { toNumber } from '../arguments.js';
import type { EngineSettings } from '../settings.js';
import type { StoredObject } from './stored-object.js';
import { increment, type Uint64 } from './stream-object-id.js';

export class ArrayObject implements StoredObject {
  readonly type = 'array';
  /** Index of the last insert; undefined before the first one. */
  insertIndex: Uint64 | undefined;
  private elements = new Map<Uint64, ByteString>();
  /** The highest index; undefined where it has to be looked for. */
  private top: Uint64 | undefined;

  static fromRdb(value: ArrayValue, _settings: EngineSettings): ArrayObject {
    const array = new ArrayObject();
    for (const { index, value: text } of value.elements) array.set(toNumber(index), toByteString(text));
    if (value.insertIndex !== undefined) array.insertIndex = toNumber(value.insertIndex);
    return array;
  }

  get size(): number {
    return this.elements.size;
  }

  /** The highest index and one. */
  get span(): Uint64 {
    if (this.size === 0) return 0;
    if (this.top === undefined) {
      let top: Uint64 = 0;
      for (const index of this.elements.keys()) if (index > top) top = index;
      this.top = top;
    }
    return increment(this.top);
  }

  get(index: Uint64): ByteString | undefined {
    return this.elements.get(index);
  }

  set(index: Uint64, text: ByteString): void {
    if (this.size === 0 || (this.top !== undefined && index > this.top)) this.top = index;
    this.elements.set(index, text);
  }

  /** False where there was none. */
  delete(index: Uint64): boolean {
    if (!this.elements.delete(index)) return false;
    if (index === this.top) this.top = undefined;
    return true;
  }

  /** `from` to `to`, both included; how many there were. */
  deleteRange(from: Uint64, to: Uint64): number {
    let deleted = 0;
    if (BigInt(to) - BigInt(from) < BigInt(this.size)) {
      for (let index = from; index <= to; index = increment(index)) if (this.delete(index)) deleted++;
      return deleted;
    }
    for (const index of this.elements.keys()) {
      if (index < from || index > to) continue;
      this.delete(index);
      deleted++;
    }
    return deleted;
  }

  /** These are all there is, from index 0 on, the last of them the last one inserted. */
  replaceWith(texts: readonly ByteString[]): void {
    this.elements.clear();
    this.top = undefined;
    texts.forEach((text, index) => {
      this.set(index, text);
    });
    this.insertIndex = texts.length === 0 ? undefined : texts.length - 1;
  }

  encoding(_settings: EngineSettings): string {
    return 'sliced-array';
  }

  toRdb(_settings: EngineSettings): ArrayValue {
    const indexes = [...this.elements.keys()].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
    return {
      type: 'array',
      encoding: 'array',
      ...(this.insertIndex !== undefined && { insertIndex: BigInt(this.insertIndex) }),
      elements: indexes.map((index) => ({
        index: BigInt(index),
        value: fromByteString(this.elements.get(index)!),
      })),
    };
  }

  copy(): ArrayObject {
    const copy = new ArrayObject();
    copy.insertIndex = this.insertIndex;
    copy.elements = new Map(this.elements);
    copy.top = this.top;
    return copy;
  }
}
