/** When fields of one hash expire. Asking which are due costs nothing as long as none is. */
import type { ByteString } from '../../bytes/byte-string.js';
import { isBefore, type UnixMs } from '../unix-ms.js';

export class FieldExpiries {
  private readonly times = new Map<ByteString, UnixMs>();
  /** No field is due earlier. It may have gone, which the next search finds out. */
  private earliest: UnixMs = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.times.size;
  }

  has(field: ByteString): boolean {
    return this.times.has(field);
  }

  get(field: ByteString): UnixMs | undefined {
    return this.times.get(field);
  }

  values(): Iterable<UnixMs> {
    return this.times.values();
  }

  set(field: ByteString, atMs: UnixMs): void {
    this.times.set(field, atMs);
    if (atMs < this.earliest) this.earliest = atMs;
  }

  /** False where it had none. */
  delete(field: ByteString): boolean {
    return this.times.delete(field);
  }

  /** The fields whose time is over. */
  due(nowMs: number): ByteString[] {
    const fields: ByteString[] = [];
    if (!isBefore(this.earliest, nowMs)) return fields;
    this.earliest = Number.POSITIVE_INFINITY;
    for (const [field, atMs] of this.times) {
      if (isBefore(atMs, nowMs)) fields.push(field);
      if (atMs < this.earliest) this.earliest = atMs;
    }
    return fields;
  }

  copy(): FieldExpiries {
    const copy = new FieldExpiries();
    for (const [field, atMs] of this.times) copy.set(field, atMs);
    return copy;
  }
}
