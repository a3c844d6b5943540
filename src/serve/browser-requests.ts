/**
 * Requests of HTTP. A page that somebody looks at can make his browser send one to this machine, with lines in it that are commands:
 * whoever sends the first words of one is let go before anything of it is run, as by the server.
 */
import type { ByteString } from '../bytes/byte-string.js';
import type { Connection } from './connection.js';
import type { Server } from './server.js';

const WARNED_AGAIN_MS = 60_000;
/** When each was warned last, Unix ms. */
const warnedMs = new WeakMap<Server, number>();

/** `POST`, or the header that every request has. Asked for each command: by its length first. */
export function isOfBrowser(name: ByteString): boolean {
  if (name.length !== POST.length && name.length !== HOST.length) return false;
  const first = name.charCodeAt(0) | 0x20;
  if (first !== POST.charCodeAt(0) && first !== HOST.charCodeAt(0)) return false;
  const small = name.toLowerCase();
  return small === POST || small === HOST;
}

const POST = 'post';
const HOST = 'host:';

export function letGoOfBrowser(server: Server, connection: Connection): void {
  const now = server.clock();
  if (now - (warnedMs.get(server) ?? Number.NEGATIVE_INFINITY) >= WARNED_AGAIN_MS) {
    warnedMs.set(server, now);
    server.warn(`${connection.transport.address} is let go: it sends HTTP, as a web page does that attacks`, undefined);
  }
  connection.close();
}
