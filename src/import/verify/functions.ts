/** Function libraries: each of the source's must be on every primary, with the same code. */
import type { FunctionEntry } from '../../rdb/model.js';
import { formatAddress } from '../target/endpoint.js';
import { ErrorReply } from '../target/reply-parser.js';
import { replyError } from '../target/target-error.js';
import type { TargetLinks } from './links.js';
import type { FunctionCounts, VerifyDifference } from './model.js';
import { fieldsOf, listOf, textOf } from './reply-values.js';
import type { VerifyTally } from './tally.js';

const utf8 = new TextDecoder();

/** Tells the tally of those that differ. @throws TargetError */
export async function compareFunctions(
  links: TargetLinks,
  libraries: readonly FunctionEntry[],
  db: number,
  tally: VerifyTally,
): Promise<FunctionCounts> {
  if (libraries.length === 0) return { libraries: 0, differing: 0 };
  const differing = new Set<FunctionEntry>();
  const isCluster = links.servers.kind === 'cluster';
  for (const endpoint of links.servers.primaries()) {
    const where = isCluster ? ` on ${formatAddress(endpoint)}` : '';
    const reply = await links.one(db, () => endpoint, 'FUNCTION', 'LIST', 'WITHCODE');
    if (reply instanceof ErrorReply) throw replyError(reply.text, formatAddress(endpoint));
    const found = new Map<string, string>();
    for (const library of listOf(reply).map(fieldsOf))
      found.set(textOf(library.get('library_name')), textOf(library.get('library_code')));
    for (const entry of libraries) {
      const kind = kindOf(entry, found);
      if (kind === undefined) continue;
      differing.add(entry);
      const detail = kind === 'missing' ? `the target does not have it${where}` : `other code${where}`;
      const key = new TextEncoder().encode(libraryName(entry));
      tally.report({ kind, db: 0, key, what: 'function', detail });
    }
  }
  return { libraries: libraries.length, differing: differing.size };
}

function kindOf(entry: FunctionEntry, found: ReadonlyMap<string, string>): VerifyDifference['kind'] | undefined {
  const code = found.get(libraryName(entry));
  if (code === undefined) return 'missing';
  const wanted = utf8.decode(entry.code);
  // Libraries of the 7.0 release candidates lack the line that names engine and library.
  const isSame = wanted.startsWith('#!') ? code === wanted : code.slice(code.indexOf('\n') + 1) === wanted;
  return isSame ? undefined : 'different';
}

function libraryName({ name, code }: FunctionEntry): string {
  return name ?? /^#![^\n]*\bname=(\S+)/.exec(utf8.decode(code.subarray(0, 1024)))?.[1] ?? '';
}
