/** What tells one run of a server from another: numbers that are drawn when they are first asked for. */
import { randomBytes } from 'node:crypto';
import type { Server } from '../server.js';

export interface Identity {
  /** 40 hexadecimal digits each. */
  readonly runId: string;
  readonly replicationId: string;
}

const identities = new WeakMap<Server, Identity>();

export function identityOf(server: Server): Identity {
  let found = identities.get(server);
  if (found === undefined) {
    found = { runId: randomBytes(20).toString('hex'), replicationId: randomBytes(20).toString('hex') };
    identities.set(server, found);
  }
  return found;
}
