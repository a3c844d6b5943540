/** `slots` for programs. */
import type { Skew } from '../../inspect/slots/skew.js';
import type { HashTag, NodeCount, SlotCounts, SlotReport } from '../../inspect/slots/slot-collector.js';
import { jsonBytes } from './bytes-text.js';
import type { Row } from './report-rows.js';

export function slotsJson(sources: readonly string[], report: SlotReport): Record<string, unknown> {
  const { slots, skew, nodes, unassigned, nodeSkew, taggedKeys, tags, keysBeyondDb0 } = report;
  return {
    schema: 'rdb-inspect/slots@1',
    sources,
    ...countJson(report),
    usedSlots: slots.length,
    skew: skewJson(skew),
    nodes: nodes.map(nodeJson),
    unassigned: unassigned === undefined ? null : nodeJson(unassigned),
    nodeSkew: nodeSkew === undefined ? null : skewJson(nodeSkew),
    taggedKeys,
    tags: tags.map(tagJson),
    keysBeyondDb0,
    slots: slots.map(({ slot, node, ...count }) => ({
      slot,
      ...(node !== undefined && { node }),
      ...countJson(count),
    })),
  };
}

/** One row per slot that has keys. */
export function slotRows({ slots, nodes }: SlotReport): Row[] {
  return slots.map(({ slot, node, ...count }) => ({
    slot,
    ...(nodes.length > 0 && { node: node ?? null }),
    ...countJson(count),
  }));
}

function skewJson({ keys, bytes, memoryBytes }: SlotReport['skew']): Record<string, Skew> {
  return { keys, bytes, ...(memoryBytes.max > 0 && { memory: memoryBytes }) };
}

function nodeJson({ name, slots, ...count }: NodeCount): Record<string, unknown> {
  return { node: name, slots, ...countJson(count) };
}

function tagJson({ tag, sizeBytes, slot, missedKeys, ...count }: HashTag): Record<string, unknown> {
  return {
    tag: jsonBytes(tag),
    ...(sizeBytes > tag.length && { tagSize: sizeBytes }),
    slot: slot ?? null,
    ...countJson(count),
    ...(missedKeys > 0 && { missedKeys }),
  };
}

function countJson({ keys, bytes, memoryBytes }: SlotCounts): Record<string, number> {
  return { keys, bytes, ...(memoryBytes > 0 && { memory: memoryBytes }) };
}
