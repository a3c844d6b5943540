/** What dumps say of the accesses of keys, and what is said of it in dumps. */
import type { ByteString } from '../bytes/byte-string.js';
import { countOf, countsAccesses, countWord, idleSeconds, idleWord, savesIdleTimes } from './access.js';
import type { Database } from './database.js';

/** As entries have it. */
export interface Age {
  readonly idleSeconds?: number;
  readonly freq?: number;
}

/** The key is there. What the policy has no use for is left out, as the server does. */
export function setAge({ engine, keys }: Database, key: ByteString, age: Age): void {
  if (countsAccesses(engine)) {
    if (age.freq !== undefined) keys.setAccess(key, countWord(engine, age.freq));
  } else if (age.idleSeconds !== undefined) keys.setAccess(key, idleWord(engine, age.idleSeconds));
}

/** For a dump: only a policy that goes by it writes it. */
export function ageOf({ engine, keys }: Database, key: ByteString): Age {
  const word = keys.accessOf(key);
  if (word === undefined) return {};
  if (countsAccesses(engine)) return { freq: countOf(engine, word) };
  return savesIdleTimes(engine) ? { idleSeconds: idleSeconds(engine, word) } : {};
}
