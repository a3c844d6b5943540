/**
 * Whether the names of one object are distinct: a table of hashes in the scratch memory. Two names with the same 32 bits
 * count as a repetition; the twin (codecs/distinct.ts) then looks at the names themselves.
 */
import { SCRATCH } from '../memory-map';

const TABLE: i32 = SCRATCH + 0x11_0000;
/** More names than half of this are left alone. */
const CAPACITY: i32 = 0x1_0000;
/** So many steps behind its place a name is given up. */
const MAX_STEPS: i32 = 256;
const MULTIPLIER: u64 = ((<u64>0x9e37_79b9) << 32) | 0x7f4a_7c15;

/** Entries of other objects have another number: nothing has to be emptied. */
let generation: u32 = 0;
let mask: i32 = 0;

/** Whether so many names can be told apart. */
export function resetNames(count: i32): bool {
  if (count > CAPACITY / 2) return false;
  mask = 31;
  while (mask + 1 < count * 2) mask = mask * 2 + 1;
  if (++generation === 0) {
    memory.fill(TABLE, 0, CAPACITY * 8);
    generation = 1;
  }
  return true;
}

/** False where a name like this one may be there already. Names are compared as they are written: that is one to one. */
export function addName(from: i32, end: i32): bool {
  const hash = hashOf(from, end);
  const entry = ((<u64>generation) << 32) | (hash >>> 32);
  let slot = <i32>hash;
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    slot &= mask;
    const at = TABLE + (slot << 3);
    const found = load<u64>(at);
    if (<u32>(found >>> 32) !== generation) {
      store<u64>(at, entry);
      return true;
    }
    if (found === entry) return false;
    slot++;
  }
  return false;
}

function hashOf(from: i32, end: i32): u64 {
  let hash: u64 = <u64>(end - from);
  let pos = from;
  for (; end - pos >= 8; pos += 8) hash = mix(hash ^ load<u64>(pos));
  if (pos < end) hash = mix(hash ^ (load<u64>(pos) & (((<u64>1) << ((<u64>(end - pos)) << 3)) - 1)));
  return hash;
}

function mix(value: u64): u64 {
  const product = value * MULTIPLIER;
  return product ^ (product >>> 32);
}
