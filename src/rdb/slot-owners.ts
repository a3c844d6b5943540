/**
 * Who owns which slots: a cluster's nodes.conf (or what CLUSTER NODES says, which is the same), or lines of a name and
 * ranges of slots.
 *
 *     07c37d… 127.0.0.1:30001@31001 myself,master - 0 0 1 connected 0-5460 [93->-292f8b…]
 *     node-a 0-5460
 *     node-b 5461-10922 16383        several ranges, single slots
 */
import { SLOT_COUNT } from './key-slot.js';

/** A node and the slots that it owns; ranges are inclusive. */
export interface SlotOwner {
  readonly name: string;
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
}

/** `<id> <address> <flags> <master> <ping> <pong> <epoch> <state> <slot>…`: flags and state tell such a line apart. */
const NODE_LINE =
  /^(\S+) \S+ (?:myself,)?(master|slave|noaddr|handshake|fail)\S* \S+ \d+ \d+ \d+ (?:connected|disconnected)(?: (.*))?$/;

/** Nodes without slots, such as replicas, are left out. Throws RangeError naming the line that is neither form. */
export function parseSlotOwners(text: string): SlotOwner[] {
  const owners: SlotOwner[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    const words = line.trim();
    if (words === '' || words.startsWith('#') || words.startsWith('vars ')) return;
    const node = NODE_LINE.exec(words);
    const [name = '', ...slots] = node === null ? words.split(/\s+/) : [node[1]!, ...(node[3] ?? '').split(' ')];
    // Slots on their way to or from another node are in brackets, and in the ranges of their owner as well.
    const ranges = slots
      .filter((slot) => slot !== '' && !slot.startsWith('['))
      .map((slot) => parseRange(slot, index + 1));
    if (ranges.length > 0) owners.push({ name, ranges });
    else if (node === null) throw new RangeError(`line ${index + 1}: ${name} without slots, such as 0-5460`);
  });
  if (owners.length === 0) throw new RangeError('no node owns any slots');
  return owners;
}

function parseRange(text: string, line: number): { start: number; end: number } {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const start = Number(match?.[1] ?? NaN);
  const end = Number(match?.[2] ?? match?.[1] ?? NaN);
  if (!(start <= end && end < SLOT_COUNT)) throw new RangeError(`line ${line}: ${text} is no range of slots`);
  return { start, end };
}
