/** `prefix` for programs. */
import type { KeyLayoutUse } from '../../inspect/prefix/key-layout-counter.js';
import type { PrefixCounts } from '../../inspect/prefix/prefix-counts.js';
import type { PrefixNode, PrefixReport } from '../../inspect/prefix/prefix-report.js';
import { jsonBytes } from './bytes-text.js';
import type { Row } from './report-rows.js';

export function prefixJson(
  sources: readonly string[],
  report: PrefixReport,
  depth: number,
  minShare: number,
): Record<string, unknown> {
  const { separators, root, by, isCapped, layouts } = report;
  return {
    schema: 'rdb-inspect/prefix@1',
    sources,
    separators: separators.groups.map((group) => group.map(jsonBytes)),
    learnedFrom: separators.learnedFrom ?? null,
    depth,
    minShare,
    by,
    capped: isCapped,
    total: countsJson(root),
    own: countsJson(root.own),
    other: countsJson(root.other),
    prefixes: root.children.map(nodeJson),
    layouts: layouts.map(layoutJson),
  };
}

/** One row per prefix, each after the one that it lies under; the first is the whole. */
export function prefixRows({ root }: PrefixReport): Row[] {
  const rows: Row[] = [];
  const add = (node: PrefixNode): void => {
    const { pattern, glob, ids, depth, share, own, other, missedKeys, layout } = node;
    rows.push({
      prefix: pattern,
      glob,
      ids,
      depth,
      ...countsJson(node),
      share: rounded(share),
      ownKeys: own.keys,
      ownBytes: own.bytes,
      otherKeys: other.keys,
      otherBytes: other.bytes,
      missedKeys,
      layout: layout ?? null,
    });
    for (const child of node.children) add(child);
  };
  add(root);
  return rows;
}

function nodeJson(node: PrefixNode): Record<string, unknown> {
  const { pattern, glob, ids, depth, share, own, other, missedKeys, layout, children } = node;
  return {
    prefix: jsonBytes(pattern),
    glob: jsonBytes(glob),
    ...(ids.length > 0 && { ids }),
    depth,
    ...countsJson(node),
    share: rounded(share),
    own: countsJson(own),
    other: countsJson(other),
    ...(missedKeys > 0 && { missedKeys }),
    ...(layout !== undefined && { layout }),
    children: children.map(nodeJson),
  };
}

function layoutJson({ layout, roles, ...counts }: KeyLayoutUse): Record<string, unknown> {
  return {
    name: layout.name,
    about: layout.about,
    ...countsJson(counts),
    roles: roles.map(({ role, ...of }) => ({ role, ...countsJson(of) })),
  };
}

function countsJson({ keys, bytes, memoryBytes, keysWithoutTtl }: PrefixCounts): Record<string, number> {
  return { keys, bytes, ...(memoryBytes > 0 && { memory: memoryBytes }), keysWithoutTtl };
}

function rounded(share: number): number {
  return Number(share.toPrecision(6));
}
