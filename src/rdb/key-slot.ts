/** The cluster slot of a key: CRC-16 of the key, or of its hash tag, modulo 16384. */
import calculateSlot from 'cluster-key-slot';

export const SLOT_COUNT = 16384;

const OPEN = 0x7b;
const CLOSE = 0x7d;

/**
 * The slot of the key `[start, end)`. Where the first `{` has a `}` behind it and bytes between the two, only those
 * bytes are hashed; otherwise the whole key is (Redis Cluster specification, "Hash tags").
 */
export function keySlot(bytes: Uint8Array, start: number, end: number): number {
  // The package goes by index and asks nothing else of what it is given, whatever its types say.
  return calculateSlot(hashedBytes(bytes, start, end) as Buffer);
}

function hashedBytes(bytes: Uint8Array, start: number, end: number): ArrayLike<number> {
  const key = bytes.subarray(start, end);
  const open = key.indexOf(OPEN);
  if (open < 0 || key[open + 1] !== CLOSE) return key;
  // An empty tag: the whole key counts, but the package looks for another tag behind it. It masks each byte before it
  // hashes it, so a ninth bit hides the braces from that search.
  return Array.from(key, (byte) => (byte === OPEN ? byte | 0x100 : byte));
}
