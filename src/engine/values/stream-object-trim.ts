/** Trimming: entries go from the front, whole nodes at a time as far as that goes (XADD and XTRIM). */
import type { References, StreamObject } from './stream-object.js';
import { compareIds, type EntryId } from './stream-object-id.js';
import type { StreamNode } from './stream-object-node.js';

export interface Trim {
  /** Entries that may stay; undefined where {@link minId} says what goes. */
  readonly maxLength: number | undefined;
  /** Entries before it go. */
  readonly minId: EntryId | undefined;
  /** Otherwise nodes that would stay in part stay whole. */
  readonly isExact: boolean;
  /** As many entries may go, in whole nodes; 0: any number. */
  readonly limit: number;
  readonly references: References;
}

/** How many entries are gone. */
export function trimStream(stream: StreamObject, trim: Trim): number {
  if (trim.references === 'ACKED' && stream.groups.size > 0) return trimUnreferenced(stream, trim);
  const { nodes, emptyNode } = stream;
  const { maxLength, limit } = trim;
  if (emptyNode !== undefined && stream.length > (maxLength ?? -1) && goesWhole(emptyNode, stream.length, trim))
    stream.emptyNode = undefined;
  const length = stream.length;
  let removed = 0;
  let whole = 0;
  let rest: StreamNode | undefined;
  for (; whole < nodes.length; whole++) {
    const node = nodes[whole]!;
    if (maxLength !== undefined && length - removed <= maxLength) break;
    if (limit > 0 && removed + node.size > limit) break;
    if (!goesWhole(node, length - removed, trim)) {
      if (trim.isExact) rest = node;
      break;
    }
    if (trim.references === 'DELREF') removeReferences(stream, node, node.size);
    removed += node.size;
  }
  if (whole > 0) stream.removeNodes(whole);
  if (rest === undefined) return removed;
  const count = maxLength === undefined ? rest.indexFrom(trim.minId!) - rest.begin : stream.length - maxLength;
  if (trim.references === 'DELREF') removeReferences(stream, rest, count);
  if (count < rest.size) stream.removeFirstOf(rest, count);
  else stream.emptyFirst();
  return removed + count;
}

/** Leaves out what some group has not read or not acknowledged. */
function trimUnreferenced(stream: StreamObject, trim: Trim): number {
  const { maxLength, minId, limit } = trim;
  let removed = 0;
  for (let at = 0; at < stream.nodes.length; ) {
    const node = stream.nodes[at]!;
    if (maxLength !== undefined && stream.length <= maxLength) break;
    if (limit > 0 && removed + node.size > limit) break;
    const isWhole = goesWhole(node, stream.length, trim);
    if (!isWhole && !trim.isExact) break;
    let isGone = false;
    for (let index = node.begin; index < node.end && !isGone; ) {
      if (maxLength !== undefined ? stream.length <= maxLength : !node.isBefore(index, minId!)) return removed;
      if (stream.isReferenced(node.idAt(index))) {
        index++;
        continue;
      }
      removed++;
      const wasFirst = index === node.begin;
      isGone = stream.removeAt(at, index);
      if (wasFirst) index = node.begin;
    }
    if (!isGone) at++;
  }
  return removed;
}

function goesWhole(node: StreamNode, length: number, { maxLength, minId }: Trim): boolean {
  return maxLength === undefined ? compareIds(node.top, minId!) < 0 : length - node.size >= maxLength;
}

/** Of the first `count` entries of a node. */
function removeReferences(stream: StreamObject, node: StreamNode, count: number): void {
  if (stream.groups.size === 0) return;
  for (let index = node.begin; index < node.begin + count; index++) stream.removeReferences(node.idAt(index));
}
