/** Where the keys are that never expire. */
import type { PrefixNode, PrefixReport } from '../prefix/prefix-report.js';

/** The prefixes with the most keys without a TTL, the longest that hold them all of a kind. */
export function topWithoutTtl({ root }: PrefixReport, limit: number): PrefixNode[] {
  const found: PrefixNode[] = [];
  for (const child of root.children) addLongest(child, found);
  return found.sort((a, b) => b.keysWithoutTtl - a.keysWithoutTtl || b.bytes - a.bytes).slice(0, limit);
}

/** Goes down where one child has nearly all; otherwise the prefix stands for what is under it. */
function addLongest(node: PrefixNode, found: PrefixNode[]): void {
  if (node.keysWithoutTtl === 0) return;
  const only = node.children.find(({ keysWithoutTtl }) => keysWithoutTtl >= MOST * node.keysWithoutTtl);
  if (only !== undefined) addLongest(only, found);
  else found.push(node);
}

const MOST = 0.99;
