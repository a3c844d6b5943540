/** Finds the node of a key: cuts it into parts and looks them up, a byte at a time and without making anything. */
import { CanonicalPart, idLengthAt, MAX_LITERAL } from './id-patterns.js';
import { hashPart, type PrefixTree, ROOT } from './prefix-tree.js';
import { CUT, PART_DIGIT, PART_ODD, PART_OTHER, type Separators } from './separators.js';

export class PrefixCutter {
  private readonly part = new CanonicalPart();
  /** The canonical form of a number. */
  private readonly number = numberPart();

  constructor(
    private readonly tree: PrefixTree,
    private readonly separators: Separators,
    private readonly depth: number,
  ) {}

  /** The node in which the key `[start, end)` ends, or the last one on its way where it has more parts than there are levels. */
  nodeOf(bytes: Uint8Array, start: number, end: number): number {
    const { tree, depth } = this;
    tree.makeRoom();
    const table = this.separators.tableFor(bytes, start, end);
    const { classes } = table;
    let node = ROOT;
    let pos = start;
    for (let level = 0; level < depth && pos < end; level++) {
      let at = pos;
      let seen = 0;
      let separator = 0;
      if (table.cutsIds) {
        at += idLengthAt(bytes, pos, end);
        if (at > pos) seen = PART_DIGIT | PART_OTHER;
      }
      for (; at < end; at++) {
        const kind = classes[bytes[at]!]!;
        if (kind >= CUT) {
          separator = table.lengthAt(bytes, at, end);
          if (separator > 0) break;
        }
        seen |= kind;
      }
      const next = at + separator;
      if ((seen & (PART_DIGIT | PART_ODD)) === 0 && at - pos <= MAX_LITERAL) {
        node = tree.child(node, hashPart(node, bytes, pos, next), bytes, pos, next, separator);
      } else if (seen === PART_DIGIT && at === end) {
        node = tree.lastNumber(node, this.number);
      } else {
        node = this.canonicalChild(node, bytes, pos, at, next);
      }
      pos = next;
    }
    return node;
  }

  private canonicalChild(parent: number, bytes: Uint8Array, start: number, end: number, next: number): number {
    const { part, tree } = this;
    part.read(bytes, start, end);
    let { length } = part;
    for (let pos = end; pos < next; pos++) part.bytes[length++] = bytes[pos]!;
    return tree.child(parent, hashPart(parent, part.bytes, 0, length), part.bytes, 0, length, next - end);
  }
}

function numberPart(): Uint8Array {
  const part = new CanonicalPart();
  part.read(Uint8Array.of(0x30), 0, 1);
  return part.bytes.slice(0, part.length);
}
