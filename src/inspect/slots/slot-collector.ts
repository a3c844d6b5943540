/** How keys spread over the slots of a cluster and over its nodes, and which hash tags keep many of them together. */
import { FrequentKeys } from '../../aof/stats/frequent-keys.js';
import { keySlot, SLOT_COUNT } from '../../rdb/key-slot.js';
import type { RdbRecord } from '../../rdb/model.js';
import type { SlotOwner } from '../../rdb/slot-owners.js';
import type { FactCollector } from '../facts/fact-handler.js';
import type { KeyFacts } from '../facts/key-facts.js';
import { type Skew, skewOf } from './skew.js';

export interface SlotCounts {
  readonly keys: number;
  /** Bytes of the values in the file. */
  readonly bytes: number;
  /** As MEMORY USAGE counts; 0 where memory was not measured. */
  readonly memoryBytes: number;
}

export interface SlotCount extends SlotCounts {
  readonly slot: number;
  /** The node that owns it, where nodes are known. */
  readonly node?: string;
}

export interface NodeCount extends SlotCounts {
  readonly name: string;
  /** Slots that it owns. */
  readonly slots: number;
}

export interface HashTag extends SlotCounts {
  /** What stands between the braces, its first 256 bytes at the most. */
  readonly tag: Uint8Array;
  /** Bytes of the whole tag. */
  readonly sizeBytes: number;
  /** Undefined where the tag is longer than what is held of it. */
  readonly slot: number | undefined;
  /** Keys that may be missing from `keys`, at the most. */
  readonly missedKeys: number;
}

export interface SlotReport extends SlotCounts {
  /** Every slot that has keys, by number. */
  readonly slots: readonly SlotCount[];
  /** Over all 16384 slots. */
  readonly skew: { readonly keys: Skew; readonly bytes: Skew; readonly memoryBytes: Skew };
  /** As they were given; empty where no nodes are known. */
  readonly nodes: readonly NodeCount[];
  /** What lies in slots that no node owns. */
  readonly unassigned: NodeCount | undefined;
  /** Over the nodes; undefined without. */
  readonly nodeSkew: { readonly keys: Skew; readonly bytes: Skew; readonly memoryBytes: Skew } | undefined;
  /** Keys that have a hash tag. */
  readonly taggedKeys: number;
  /** The tags with the most keys, those of one key left out. */
  readonly tags: readonly HashTag[];
  /** Databases other than 0, which a cluster does not have before Valkey 9, hold this many of the keys. */
  readonly keysBeyondDb0: number;
}

export interface SlotOptions {
  readonly nodes?: readonly SlotOwner[];
  /** Hash tags reported. Default: 10. */
  readonly maxTags?: number;
}

const DEFAULT_MAX_TAGS = 10;
/** Hash tags held: 12,288 of them, some 2 MB. */
const TAG_SLOTS = 1 << 14;
const TAG_TEXT_BYTES = 1 << 20;
const OPEN = 0x7b;
const CLOSE = 0x7d;

export class SlotCollector implements FactCollector {
  private readonly keys = new Float64Array(SLOT_COUNT);
  private readonly bytes = new Float64Array(SLOT_COUNT);
  private readonly memory = new Float64Array(SLOT_COUNT);
  /** Number of the owner of each slot, or −1. */
  private readonly owners = new Int32Array(SLOT_COUNT).fill(-1);
  private readonly tags = new FrequentKeys(TAG_SLOTS, TAG_TEXT_BYTES);
  private readonly nodes: readonly SlotOwner[];
  private taggedKeys = 0;
  private keysBeyondDb0 = 0;

  /** Throws RangeError where two nodes claim one slot. */
  constructor(private readonly options: SlotOptions = {}) {
    this.nodes = options.nodes ?? [];
    for (const [index, { name, ranges }] of this.nodes.entries()) {
      for (const { start, end } of ranges) {
        for (let slot = start; slot <= end; slot++) {
          const other = this.owners[slot]!;
          if (other >= 0 && other !== index)
            throw new RangeError(`slot ${slot} belongs to ${this.nodes[other]!.name} and to ${name}`);
          this.owners[slot] = index;
        }
      }
    }
  }

  record(_record: RdbRecord): void {}

  key(facts: KeyFacts): void {
    const { bytes, start, end } = facts.key;
    const slot = keySlot(bytes, start, end);
    this.keys[slot]! += 1;
    this.bytes[slot]! += facts.valueBytes;
    this.memory[slot]! += facts.memoryBytes;
    if (facts.db !== 0) this.keysBeyondDb0++;
    const open = indexOf(bytes, OPEN, start, end);
    if (open === end) return;
    const close = indexOf(bytes, CLOSE, open, end);
    if (close === end || close === open + 1) return;
    this.taggedKeys++;
    this.tags.add(bytes, open + 1, close, 0, 1, facts.memoryBytes || facts.valueBytes);
  }

  report(): SlotReport {
    const { nodes } = this;
    const owned = this.sumByNode();
    const slots: SlotCount[] = [];
    for (let slot = 0; slot < SLOT_COUNT; slot++) {
      const owner = nodes[this.owners[slot]!];
      if (this.keys[slot]! > 0) slots.push({ slot, ...this.countsOf(slot), ...(owner && { node: owner.name }) });
    }
    const unassigned = owned.at(-1)!;
    const byNode = owned.slice(0, -1);
    return {
      ...sum(slots),
      slots,
      skew: { keys: skewOf(this.keys), bytes: skewOf(this.bytes), memoryBytes: skewOf(this.memory) },
      nodes: byNode,
      unassigned: nodes.length > 0 && unassigned.keys > 0 ? unassigned : undefined,
      nodeSkew: nodes.length === 0 ? undefined : nodeSkew(byNode),
      taggedKeys: this.taggedKeys,
      tags: this.tagCounts(),
      keysBeyondDb0: this.keysBeyondDb0,
    };
  }

  /** The nodes, and last what nobody owns. */
  private sumByNode(): NodeCount[] {
    const names = [...this.nodes.map(({ name }) => name), 'unassigned'];
    const counts = names.map((name) => ({ name, slots: 0, keys: 0, bytes: 0, memoryBytes: 0 }));
    for (let slot = 0; slot < SLOT_COUNT; slot++) {
      const owner = this.owners[slot]!;
      const count = counts[owner < 0 ? names.length - 1 : owner]!;
      count.slots++;
      count.keys += this.keys[slot]!;
      count.bytes += this.bytes[slot]!;
      count.memoryBytes += this.memory[slot]!;
    }
    return counts;
  }

  private countsOf(slot: number): SlotCounts {
    return { keys: this.keys[slot]!, bytes: this.bytes[slot]!, memoryBytes: this.memory[slot]! };
  }

  private tagCounts(): HashTag[] {
    const isMeasured = this.memory.some((bytes) => bytes > 0);
    return this.tags
      .top(this.options.maxTags ?? DEFAULT_MAX_TAGS)
      .filter(({ count, missed }) => count + missed > 1)
      .map(({ key: tag, sizeBytes, count: keys, bytes, missed: missedKeys }) => ({
        tag,
        sizeBytes,
        slot: tag.length === sizeBytes ? keySlot(tag, 0, tag.length) : undefined,
        keys,
        bytes: isMeasured ? 0 : bytes,
        memoryBytes: isMeasured ? bytes : 0,
        missedKeys,
      }));
  }
}

function nodeSkew(nodes: readonly NodeCount[]): SlotReport['skew'] {
  return {
    keys: skewOf(nodes.map(({ keys }) => keys)),
    bytes: skewOf(nodes.map(({ bytes }) => bytes)),
    memoryBytes: skewOf(nodes.map(({ memoryBytes }) => memoryBytes)),
  };
}

function sum(counts: readonly SlotCounts[]): SlotCounts {
  let keys = 0;
  let bytes = 0;
  let memoryBytes = 0;
  for (const count of counts) {
    keys += count.keys;
    bytes += count.bytes;
    memoryBytes += count.memoryBytes;
  }
  return { keys, bytes, memoryBytes };
}

/** `end` where it is not there. */
function indexOf(bytes: Uint8Array, byte: number, start: number, end: number): number {
  let pos = start;
  while (pos < end && bytes[pos] !== byte) pos++;
  return pos;
}
