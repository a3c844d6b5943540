/**
 * CRC-64/Jones without tables: the bytes are folded with a sparse multiple of the polynomial whose exponents are multiples
 * of 32 bits, which takes nothing but XOR of whole words; only the last 9,572 bytes meet a table.
 *
 *     x^(32·2393) + x^(32·(2393−161)) + … = 0 modulo the polynomial, for the distances of {@link fold}
 *
 *     out[t] = in[t] ^ out[t−161] ^ out[t−937] ^ … ^ out[t−2393]
 *
 * The state that the checksum has so far is XORed into the first eight bytes: the same as starting from it, as the polynomial
 * is reflected.
 */
import { CRC_SCRATCH, CRC_STATE } from '../memory-map';

/** Words that folding looks back, and that are left for the table. */
const DISTANCE: i32 = 2393;
const HISTORY: i32 = DISTANCE * 4;
/** Input that is folded before its end is moved back to the front: both stay in the processor's cache. */
const BLOCK: i32 = 0x1_0000;
/** Below this the table alone is as fast. */
const LEAST: i32 = 0x8000;
const STEP: i32 = 64;

/** History, then folded words; a multiple of 16 bytes from the front. */
const FOLDED: i32 = CRC_SCRATCH + 9600;
/** Zeros in front of the words that are finished. */
const FINISH: i32 = CRC_SCRATCH + 0x1_8000;

/** Eight tables of 256 entries of 64 bits, made at first use. */
const TABLES: i32 = CRC_SCRATCH + 0x2_0000;
const POLYNOMIAL: u64 = (0x95ac9329 << 32) | 0xac4bc9b5;
let hasTables = false;

/** Adds the bytes from `pos` to `end` to the checksum in the state. */
export function crc64(pos: i32, end: i32): void {
  if (!hasTables) fillTables();
  let crc = load<u64>(CRC_STATE);
  if (end - pos >= LEAST) {
    const foldable = (end - pos) & ~(STEP - 1);
    crc = finish(fold(pos, pos + foldable, crc));
    pos += foldable;
  }
  store<u64>(CRC_STATE, tableCrc(pos, end, crc));
}

/** Returns where the last words of the folded stream end. */
function fold(pos: i32, end: i32, crc: u64): i32 {
  memory.fill(FOLDED - HISTORY, 0, HISTORY);
  let to = FOLDED;
  let isFirst = true;
  while (pos < end) {
    if (to === FOLDED + BLOCK) {
      memory.copy(FOLDED - HISTORY, to - HISTORY, HISTORY);
      to = FOLDED;
    }
    const blockEnd = min(end, pos + (FOLDED + BLOCK - to));
    for (; pos < blockEnd; pos += STEP, to += STEP) {
      foldStep(pos, to);
      foldStep(pos + 16, to + 16);
      foldStep(pos + 32, to + 32);
      foldStep(pos + 48, to + 48);
      if (isFirst) {
        store<u64>(to, load<u64>(to) ^ crc);
        isFirst = false;
      }
    }
  }
  return to;
}

// @inline
function foldStep(pos: i32, to: i32): void {
  let words = v128.load(pos);
  words = v128.xor(words, v128.load(to - 161 * 4));
  words = v128.xor(words, v128.load(to - 937 * 4));
  words = v128.xor(words, v128.load(to - 979 * 4));
  words = v128.xor(words, v128.load(to - 1768 * 4));
  words = v128.xor(words, v128.load(to - 1957 * 4));
  words = v128.xor(words, v128.load(to - 2005 * 4));
  words = v128.xor(words, v128.load(to - 2253 * 4));
  words = v128.xor(words, v128.load(to - 2393 * 4));
  v128.store(to, words);
}

/** Multiplies the last words back, and brings them through the table. */
function finish(end: i32): u64 {
  const start = FINISH + HISTORY;
  memory.fill(FINISH, 0, HISTORY);
  memory.copy(start, end - HISTORY, HISTORY);
  // From the end on: what a step needs lies before it and has not been changed yet.
  for (let to = start + HISTORY - 16; to > start; to -= 16) {
    let words = v128.load(to);
    words = v128.xor(words, v128.load(to - 161 * 4));
    words = v128.xor(words, v128.load(to - 937 * 4));
    words = v128.xor(words, v128.load(to - 979 * 4));
    words = v128.xor(words, v128.load(to - 1768 * 4));
    words = v128.xor(words, v128.load(to - 1957 * 4));
    words = v128.xor(words, v128.load(to - 2005 * 4));
    words = v128.xor(words, v128.load(to - 2253 * 4));
    v128.store(to, words);
  }
  return tableCrc(start, start + HISTORY, 0);
}

function tableCrc(pos: i32, end: i32, state: u64): u64 {
  let crc = state;
  for (const last = end - 8; pos <= last; pos += 8) {
    const word = crc ^ load<u64>(pos);
    crc =
      entry(7, word) ^
      entry(6, word >> 8) ^
      entry(5, word >> 16) ^
      entry(4, word >> 24) ^
      entry(3, word >> 32) ^
      entry(2, word >> 40) ^
      entry(1, word >> 48) ^
      entry(0, word >> 56);
  }
  for (; pos < end; pos++) crc = entry(0, crc ^ load<u8>(pos)) ^ (crc >> 8);
  return crc;
}

function entry(table: i32, index: u64): u64 {
  return load<u64>(TABLES + ((table << 11) | ((<i32>index & 0xff) << 3)));
}

/** Entry `i` of table `k`: byte `i` followed by `k` zero bytes. */
function fillTables(): void {
  for (let byte = 0; byte < 256; byte++) {
    let crc: u64 = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (POLYNOMIAL & (0 - (crc & 1)));
    store<u64>(TABLES + (byte << 3), crc);
  }
  for (let index = 256; index < 256 * 8; index++) {
    const crc = load<u64>(TABLES + ((index - 256) << 3));
    store<u64>(TABLES + (index << 3), load<u64>(TABLES + ((<i32>crc & 0xff) << 3)) ^ (crc >> 8));
  }
  hasTables = true;
}
