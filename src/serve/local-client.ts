/** Clients that are on this machine. */
import type { Connection } from './connection.js';

/** By its address as people write it; that of a socket in the file system is a path. */
export function isLocal({ transport: { address } }: Connection): boolean {
  return /^(127\.|\[?::1\]?:|\[?::ffff:127\.|\/|$)/.test(address);
}
