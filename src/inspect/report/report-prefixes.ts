/** The largest prefixes of a tree, few enough for a page. */
import type { PrefixNode, PrefixReport } from '../prefix/prefix-report.js';
import type { ReportPrefix } from './report-data.js';
import { shownText } from './shown-text.js';

/** Of each prefix that is shown, the prefixes that it lies in are shown too: none of them is smaller. */
export function reportPrefixes({ root, by }: PrefixReport, maxNodes: number, maxNameLength: number): ReportPrefix {
  const weigh = (node: PrefixNode): number => {
    const sizeShare = (by === 'memory' ? node.memoryBytes / root.memoryBytes : node.bytes / root.bytes) || 0;
    return Math.max(sizeShare, node.keys / root.keys || 0);
  };
  const weighed: { node: PrefixNode; weight: number }[] = [];
  const visit = (node: PrefixNode): void => {
    for (const child of node.children) {
      weighed.push({ node: child, weight: weigh(child) });
      visit(child);
    }
  };
  visit(root);
  // Parents come before children of the same weight, and sorting keeps that order.
  weighed.sort((a, b) => b.weight - a.weight);
  const shown = new Set(weighed.slice(0, maxNodes - 1).map(({ node }) => node));
  return reportNode(root, shown, maxNameLength, undefined);
}

function reportNode(
  node: PrefixNode,
  shown: ReadonlySet<PrefixNode>,
  maxNameLength: number,
  parentLayout: string | undefined,
): ReportPrefix {
  const { layout } = node;
  return {
    name: shownText(node.pattern, maxNameLength),
    keys: node.keys,
    memory: node.memoryBytes,
    bytes: node.bytes,
    withoutTtl: node.keysWithoutTtl,
    ...(layout !== undefined && layout !== parentLayout && { layout }),
    children: node.children
      .filter((child) => shown.has(child))
      .map((child) => reportNode(child, shown, maxNameLength, layout)),
  };
}
