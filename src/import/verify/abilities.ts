/** What the target may be asked, found out with the name of a key that nobody has. */
import { randomUUID } from 'node:crypto';
import type { CommandArgument } from '../../codecs/resp.js';
import { keySlot } from '../../rdb/key-slot.js';
import { ErrorReply, type Reply } from '../target/reply-parser.js';
import type { TargetLinks } from './links.js';
import type { VerifyMethod } from './model.js';

export interface Abilities {
  /** DEBUG DIGEST-VALUE: from 5.0 on, and refused since 7.0 unless it has been allowed. */
  readonly digest: boolean;
  readonly dump: boolean;
  /** PEXPIRETIME: from 7.0 on. */
  readonly expireTime: boolean;
}

/** @throws TargetError where a server cannot be reached */
export async function probeAbilities(links: TargetLinks, db: number): Promise<Abilities> {
  const { servers } = links;
  const name = `rdb-inspect:no-such-key:${randomUUID()}`;
  const bytes = new TextEncoder().encode(name);
  const slot = keySlot(bytes, 0, bytes.length);
  const ask = (...args: CommandArgument[]): Promise<Reply> => links.one(db, () => servers.nodeOfSlot(slot), ...args);
  const [dump, expireTime] = [await ask('DUMP', name), await ask('PEXPIRETIME', name)];
  // It has no key to be sent to the right node by: each node answers for itself.
  let digest = true;
  for (const endpoint of servers.primaries()) {
    const reply = await links.one(db, () => endpoint, 'DEBUG', 'DIGEST-VALUE', name);
    digest &&= Array.isArray(reply) && reply.length === 1;
  }
  return { digest, dump: mayBeAsked(dump), expireTime: mayBeAsked(expireTime) };
}

export function methodOf({ digest, dump }: Abilities): VerifyMethod {
  if (digest) return 'digest';
  return dump ? 'dump' : 'elements';
}

/** A user may be kept from this key, and yet be allowed the command. */
function mayBeAsked(reply: Reply): boolean {
  if (!(reply instanceof ErrorReply)) return true;
  return /^NOPERM /.test(reply.text) && /\bkeys?\b/.test(reply.text) && !/\brun the\b/.test(reply.text);
}
