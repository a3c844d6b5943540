/** Keys that only the target has: looked for where it has more keys than were found. */
import { type Endpoint, formatAddress } from '../target/endpoint.js';
import { ErrorReply, type Reply } from '../target/reply-parser.js';
import { replyError } from '../target/target-error.js';
import type { KeySet } from './key-set.js';
import type { TargetLinks } from './links.js';
import { listOf, textOf } from './reply-values.js';
import type { VerifyTally } from './tally.js';

const SCAN_COUNT = 1000;

export interface ExtraKeysOptions {
  readonly links: TargetLinks;
  /** The only database that is looked at; undefined: all that the target has. */
  readonly onlyDb: number | undefined;
  /** Keys of the source. */
  readonly known: KeySet;
  /** How many of them the target has, by database. */
  readonly found: ReadonlyMap<number, number>;
  readonly tally: VerifyTally;
}

/**
 * How many there are. The tally is told of each, unless the source has more keys than can be held: then the answer is by how
 * many the keys of the target are more than those that were found.
 *
 * @throws TargetError
 */
export async function countExtraKeys(options: ExtraKeysOptions): Promise<number> {
  const { links, onlyDb, known, found } = options;
  let extra = 0;
  for (const [db, size] of await askSizes(links, onlyDb ?? 0)) {
    if (onlyDb !== undefined && db !== onlyDb) continue;
    const more = size - (found.get(db) ?? 0);
    if (more <= 0) continue;
    const nodes = known.isFull ? [] : links.servers.primaries();
    const counts = await Promise.all(nodes.map((_, node) => scanNode(options, db, node)));
    extra += known.isFull ? more : counts.reduce((sum, count) => sum + count, 0);
  }
  return extra;
}

/** Keys per database, with those that have expired and are still there. */
async function askSizes(links: TargetLinks, db: number): Promise<Map<number, number>> {
  const sizes = new Map<number, number>();
  for (const endpoint of links.servers.primaries()) {
    const info = textOf(orThrow(await links.one(db, () => endpoint, 'INFO', 'keyspace')));
    for (const [, name, keys] of info.matchAll(/^db(\d+):keys=(\d+)/gm))
      sizes.set(Number(name), (sizes.get(Number(name)) ?? 0) + Number(keys));
  }
  return sizes;
}

/** After a failover the node is another server, whose cursors are its own: it is gone through from the beginning. */
async function scanNode({ links, known, tally }: ExtraKeysOptions, db: number, node: number): Promise<number> {
  const endpointOf = (): Endpoint => {
    const primaries = links.servers.primaries();
    return primaries[Math.min(node, primaries.length - 1)]!;
  };
  let extra = 0;
  let cursor = '0';
  let address = formatAddress(endpointOf());
  while (!known.isFull) {
    const [next, page] = listOf(orThrow(await links.one(db, endpointOf, 'SCAN', cursor, 'COUNT', SCAN_COUNT)));
    for (const key of listOf(page)) {
      // What is told goes into the set, since SCAN may tell it again.
      if (!(key instanceof Uint8Array) || !known.add(db, key, 0, key.length)) continue;
      extra++;
      if (tally.wants('extra'))
        tally.report({ kind: 'extra', db, key, what: 'existence', detail: 'the source does not have it' });
    }
    const answered = formatAddress(endpointOf());
    cursor = answered === address ? textOf(next) : '0';
    if (answered === address && (cursor === '0' || cursor === '')) break;
    address = answered;
  }
  return extra;
}

function orThrow(reply: Reply): Reply {
  if (reply instanceof ErrorReply) throw replyError(reply.text, '');
  return reply;
}
