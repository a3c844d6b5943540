/** Entries of a stream one after the other, in both directions. */
import type { ByteString } from '../../bytes/byte-string.js';
import type { StreamObject } from './stream-object.js';
import { compareIds, type EntryId } from './stream-object-id.js';

export interface FoundEntry {
  readonly id: EntryId;
  /** And values. */
  readonly fields: ByteString[];
}

/** At most `most` entries from `start` to `end`, which may be among them. */
export function entriesBetween(stream: StreamObject, start: EntryId, end: EntryId, most: number): FoundEntry[] {
  const { nodes } = stream;
  const found: FoundEntry[] = [];
  for (let at = stream.nodeFrom(start); at < nodes.length; at++) {
    const node = nodes[at]!;
    for (let index = node.indexFrom(start); index < node.end; index++) {
      const id = node.idAt(index);
      if (found.length >= most || compareIds(id, end) > 0) return found;
      found.push({ id, fields: node.fieldsAt(index) });
    }
  }
  return found;
}

/** As {@link entriesBetween}, from the last one down. */
export function entriesDown(stream: StreamObject, start: EntryId, end: EntryId, most: number): FoundEntry[] {
  const { nodes } = stream;
  const found: FoundEntry[] = [];
  for (let at = Math.min(stream.nodeFrom(end), nodes.length - 1); at >= 0; at--) {
    const node = nodes[at]!;
    for (let index = node.end - 1; index >= node.begin; index--) {
      const id = node.idAt(index);
      if (compareIds(id, end) > 0) continue;
      if (found.length >= most || compareIds(id, start) < 0) return found;
      found.push({ id, fields: node.fieldsAt(index) });
    }
  }
  return found;
}
