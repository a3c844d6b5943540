/** Keys that go, as commands log them and tell of them. */
import type { ByteString } from '../../bytes/byte-string.js';
import type { Call } from '../call.js';
import { isSince } from '../settings.js';

/** Whether a command that deletes what it has read is logged by how it frees the memory (GETDEL). */
const NAMES_FREEING = { redis: '7.2', valkey: '7.2' };

/** Servers to which a time in the past is an expiry like any other. */
const TELLS_EXPIRED = { valkey: '8.0' };

/** The name under which a client's deletion of a key is logged. */
export function deletion({ engine }: Call): 'DEL' | 'UNLINK' {
  const { target, lazyFree } = engine.settings;
  return lazyFree.userDel && !isSince(target, NAMES_FREEING) ? 'UNLINK' : 'DEL';
}

/** A time in the past was set for a key: it goes at once, and that is what is logged. */
export function expireNow(call: Call, key: ByteString): void {
  call.db.delete(key);
  call.log?.replace([call.engine.settings.lazyFree.expire ? 'UNLINK' : 'DEL', key]);
  if (isSince(call.engine.settings.target, TELLS_EXPIRED)) call.changed(key, 'x', 'expired');
  else call.changed(key, 'g', 'del');
}
