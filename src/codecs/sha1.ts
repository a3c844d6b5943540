/**
 * SHA-1 (FIPS 180-4) for what digests are made of: very many inputs, nearly all of them shorter than one block.
 *
 *     blocks of 64 bytes: the input, 80, zeros, the input's length in bits as 64 bits big endian
 *     result: five 32-bit words, big endian
 *
 * Worked example: `616263` ("abc") gives `A9993E36 4706816A BA3E2571 7850C26C 9CD0D89D`.
 *
 * Results are words in an Int32Array of the caller's, so that nothing is allocated per digest. SHA-1 is no protection
 * against anybody here: it is what the servers compute.
 */

/** 32-bit words of a result. */
export const SHA1_WORDS = 5;

/** Writes the digest of `bytes[start, end)` to `out[at, at + 5)`. */
export function sha1(bytes: Uint8Array, start: number, end: number, out: Int32Array, at: number): void {
  begin(state);
  let pos = start;
  for (; end - pos >= BLOCK_BYTES; pos += BLOCK_BYTES) {
    for (let word = 0, from = pos; word < 16; word++, from += 4)
      block[word] = (bytes[from]! << 24) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!;
    compress(block, state, rounds);
  }
  let word = 0;
  for (; end - pos >= 4; pos += 4)
    block[word++] = (bytes[pos]! << 24) | (bytes[pos + 1]! << 16) | (bytes[pos + 2]! << 8) | bytes[pos + 3]!;
  let last = 0x80 << 24;
  for (let rest = end - pos; rest > 0; rest--) last = (last >>> 8) | (bytes[pos + rest - 1]! << 24);
  block[word++] = last;
  if (word > LENGTH_WORD) {
    block.fill(0, word, 16);
    compress(block, state, rounds);
    word = 0;
  }
  for (; word < LENGTH_WORD; word++) block[word] = 0;
  const size = end - start;
  block[LENGTH_WORD] = Math.floor(size / 0x20000000);
  block[LENGTH_WORD + 1] = size << 3;
  compress(block, state, rounds);
  copyState(out, at);
}

/** Writes the digest of the 20 bytes that `words[from, from + 5)` stand for to `out[at, at + 5)`, which may be the same. */
export function sha1OfDigest(words: Int32Array, from: number, out: Int32Array, at: number): void {
  begin(state);
  block[0] = words[from]!;
  block[1] = words[from + 1]!;
  block[2] = words[from + 2]!;
  block[3] = words[from + 3]!;
  block[4] = words[from + 4]!;
  block[5] = 0x80 << 24;
  for (let word = 6; word < 15; word++) block[word] = 0;
  block[15] = 20 * 8;
  compress(block, state, rounds);
  copyState(out, at);
}

/** The 20 bytes of a result. */
export function encodeSha1(words: Int32Array, from = 0): Uint8Array {
  const bytes = new Uint8Array(4 * SHA1_WORDS);
  for (let at = 0; at < bytes.length; at++) bytes[at] = words[from + (at >> 2)]! >>> (24 - 8 * (at & 3));
  return bytes;
}

/** A result as 40 lower-case hexadecimal digits. */
export function formatSha1(words: Int32Array, from = 0): string {
  let text = '';
  for (let word = 0; word < SHA1_WORDS; word++) text += (words[from + word]! >>> 0).toString(16).padStart(8, '0');
  return text;
}

const BLOCK_BYTES = 64;
/** The length takes this word of the last block, and the one behind it. */
const LENGTH_WORD = 14;

const state = new Int32Array(SHA1_WORDS);
/** The block in hand, and the words that are derived from it. */
const block = new Int32Array(80);
/** The five words a to e between the rounds. */
const rounds = new Int32Array(SHA1_WORDS);

function begin(h: Int32Array): void {
  h[0] = 0x67452301;
  h[1] = -0x10325477;
  h[2] = -0x67452302;
  h[3] = 0x10325476;
  h[4] = -0x3c2d1e10;
}

function copyState(out: Int32Array, at: number): void {
  for (let word = 0; word < SHA1_WORDS; word++) out[at + word] = state[word]!;
}

/**
 * Takes a block into the state. The rounds are written out, five words changing their parts instead of their places: as
 * loops they take twice as long.
 */
function compress(w: Int32Array, h: Int32Array, s: Int32Array): void {
  for (let word = 0; word < SHA1_WORDS; word++) s[word] = h[word]!;
  deriveTo48(w);
  deriveTo80(w);
  takeChoosing(w, s);
  takeParity(w, s);
  takeMajority(w, s);
  takeLastParity(w, s);
  for (let word = 0; word < SHA1_WORDS; word++) h[word] = h[word]! + s[word]!;
}

function turned(word: number): number {
  return (word << 1) | (word >>> 31);
}

function deriveTo48(w: Int32Array): void {
  w[16] = turned(w[13]! ^ w[8]! ^ w[2]! ^ w[0]!);
  w[17] = turned(w[14]! ^ w[9]! ^ w[3]! ^ w[1]!);
  w[18] = turned(w[15]! ^ w[10]! ^ w[4]! ^ w[2]!);
  w[19] = turned(w[16]! ^ w[11]! ^ w[5]! ^ w[3]!);
  w[20] = turned(w[17]! ^ w[12]! ^ w[6]! ^ w[4]!);
  w[21] = turned(w[18]! ^ w[13]! ^ w[7]! ^ w[5]!);
  w[22] = turned(w[19]! ^ w[14]! ^ w[8]! ^ w[6]!);
  w[23] = turned(w[20]! ^ w[15]! ^ w[9]! ^ w[7]!);
  w[24] = turned(w[21]! ^ w[16]! ^ w[10]! ^ w[8]!);
  w[25] = turned(w[22]! ^ w[17]! ^ w[11]! ^ w[9]!);
  w[26] = turned(w[23]! ^ w[18]! ^ w[12]! ^ w[10]!);
  w[27] = turned(w[24]! ^ w[19]! ^ w[13]! ^ w[11]!);
  w[28] = turned(w[25]! ^ w[20]! ^ w[14]! ^ w[12]!);
  w[29] = turned(w[26]! ^ w[21]! ^ w[15]! ^ w[13]!);
  w[30] = turned(w[27]! ^ w[22]! ^ w[16]! ^ w[14]!);
  w[31] = turned(w[28]! ^ w[23]! ^ w[17]! ^ w[15]!);
  w[32] = turned(w[29]! ^ w[24]! ^ w[18]! ^ w[16]!);
  w[33] = turned(w[30]! ^ w[25]! ^ w[19]! ^ w[17]!);
  w[34] = turned(w[31]! ^ w[26]! ^ w[20]! ^ w[18]!);
  w[35] = turned(w[32]! ^ w[27]! ^ w[21]! ^ w[19]!);
  w[36] = turned(w[33]! ^ w[28]! ^ w[22]! ^ w[20]!);
  w[37] = turned(w[34]! ^ w[29]! ^ w[23]! ^ w[21]!);
  w[38] = turned(w[35]! ^ w[30]! ^ w[24]! ^ w[22]!);
  w[39] = turned(w[36]! ^ w[31]! ^ w[25]! ^ w[23]!);
  w[40] = turned(w[37]! ^ w[32]! ^ w[26]! ^ w[24]!);
  w[41] = turned(w[38]! ^ w[33]! ^ w[27]! ^ w[25]!);
  w[42] = turned(w[39]! ^ w[34]! ^ w[28]! ^ w[26]!);
  w[43] = turned(w[40]! ^ w[35]! ^ w[29]! ^ w[27]!);
  w[44] = turned(w[41]! ^ w[36]! ^ w[30]! ^ w[28]!);
  w[45] = turned(w[42]! ^ w[37]! ^ w[31]! ^ w[29]!);
  w[46] = turned(w[43]! ^ w[38]! ^ w[32]! ^ w[30]!);
  w[47] = turned(w[44]! ^ w[39]! ^ w[33]! ^ w[31]!);
}

function deriveTo80(w: Int32Array): void {
  w[48] = turned(w[45]! ^ w[40]! ^ w[34]! ^ w[32]!);
  w[49] = turned(w[46]! ^ w[41]! ^ w[35]! ^ w[33]!);
  w[50] = turned(w[47]! ^ w[42]! ^ w[36]! ^ w[34]!);
  w[51] = turned(w[48]! ^ w[43]! ^ w[37]! ^ w[35]!);
  w[52] = turned(w[49]! ^ w[44]! ^ w[38]! ^ w[36]!);
  w[53] = turned(w[50]! ^ w[45]! ^ w[39]! ^ w[37]!);
  w[54] = turned(w[51]! ^ w[46]! ^ w[40]! ^ w[38]!);
  w[55] = turned(w[52]! ^ w[47]! ^ w[41]! ^ w[39]!);
  w[56] = turned(w[53]! ^ w[48]! ^ w[42]! ^ w[40]!);
  w[57] = turned(w[54]! ^ w[49]! ^ w[43]! ^ w[41]!);
  w[58] = turned(w[55]! ^ w[50]! ^ w[44]! ^ w[42]!);
  w[59] = turned(w[56]! ^ w[51]! ^ w[45]! ^ w[43]!);
  w[60] = turned(w[57]! ^ w[52]! ^ w[46]! ^ w[44]!);
  w[61] = turned(w[58]! ^ w[53]! ^ w[47]! ^ w[45]!);
  w[62] = turned(w[59]! ^ w[54]! ^ w[48]! ^ w[46]!);
  w[63] = turned(w[60]! ^ w[55]! ^ w[49]! ^ w[47]!);
  w[64] = turned(w[61]! ^ w[56]! ^ w[50]! ^ w[48]!);
  w[65] = turned(w[62]! ^ w[57]! ^ w[51]! ^ w[49]!);
  w[66] = turned(w[63]! ^ w[58]! ^ w[52]! ^ w[50]!);
  w[67] = turned(w[64]! ^ w[59]! ^ w[53]! ^ w[51]!);
  w[68] = turned(w[65]! ^ w[60]! ^ w[54]! ^ w[52]!);
  w[69] = turned(w[66]! ^ w[61]! ^ w[55]! ^ w[53]!);
  w[70] = turned(w[67]! ^ w[62]! ^ w[56]! ^ w[54]!);
  w[71] = turned(w[68]! ^ w[63]! ^ w[57]! ^ w[55]!);
  w[72] = turned(w[69]! ^ w[64]! ^ w[58]! ^ w[56]!);
  w[73] = turned(w[70]! ^ w[65]! ^ w[59]! ^ w[57]!);
  w[74] = turned(w[71]! ^ w[66]! ^ w[60]! ^ w[58]!);
  w[75] = turned(w[72]! ^ w[67]! ^ w[61]! ^ w[59]!);
  w[76] = turned(w[73]! ^ w[68]! ^ w[62]! ^ w[60]!);
  w[77] = turned(w[74]! ^ w[69]! ^ w[63]! ^ w[61]!);
  w[78] = turned(w[75]! ^ w[70]! ^ w[64]! ^ w[62]!);
  w[79] = turned(w[76]! ^ w[71]! ^ w[65]! ^ w[63]!);
}

/** Rounds 0 to 19: b chooses between c and d. */
function takeChoosing(w: Int32Array, s: Int32Array): void {
  let a = s[0]!;
  let b = s[1]!;
  let c = s[2]!;
  let d = s[3]!;
  let e = s[4]!;
  e = (((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + ((e + 0x5a827999 + w[0]!) | 0)) | 0;
  b = (b << 30) | (b >>> 2);
  d = (((e << 5) | (e >>> 27)) + (c ^ (a & (b ^ c))) + ((d + 0x5a827999 + w[1]!) | 0)) | 0;
  a = (a << 30) | (a >>> 2);
  c = (((d << 5) | (d >>> 27)) + (b ^ (e & (a ^ b))) + ((c + 0x5a827999 + w[2]!) | 0)) | 0;
  e = (e << 30) | (e >>> 2);
  b = (((c << 5) | (c >>> 27)) + (a ^ (d & (e ^ a))) + ((b + 0x5a827999 + w[3]!) | 0)) | 0;
  d = (d << 30) | (d >>> 2);
  a = (((b << 5) | (b >>> 27)) + (e ^ (c & (d ^ e))) + ((a + 0x5a827999 + w[4]!) | 0)) | 0;
  c = (c << 30) | (c >>> 2);
  e = (((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + ((e + 0x5a827999 + w[5]!) | 0)) | 0;
  b = (b << 30) | (b >>> 2);
  d = (((e << 5) | (e >>> 27)) + (c ^ (a & (b ^ c))) + ((d + 0x5a827999 + w[6]!) | 0)) | 0;
  a = (a << 30) | (a >>> 2);
  c = (((d << 5) | (d >>> 27)) + (b ^ (e & (a ^ b))) + ((c + 0x5a827999 + w[7]!) | 0)) | 0;
  e = (e << 30) | (e >>> 2);
  b = (((c << 5) | (c >>> 27)) + (a ^ (d & (e ^ a))) + ((b + 0x5a827999 + w[8]!) | 0)) | 0;
  d = (d << 30) | (d >>> 2);
  a = (((b << 5) | (b >>> 27)) + (e ^ (c & (d ^ e))) + ((a + 0x5a827999 + w[9]!) | 0)) | 0;
  c = (c << 30) | (c >>> 2);
  e = (((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + ((e + 0x5a827999 + w[10]!) | 0)) | 0;
  b = (b << 30) | (b >>> 2);
  d = (((e << 5) | (e >>> 27)) + (c ^ (a & (b ^ c))) + ((d + 0x5a827999 + w[11]!) | 0)) | 0;
  a = (a << 30) | (a >>> 2);
  c = (((d << 5) | (d >>> 27)) + (b ^ (e & (a ^ b))) + ((c + 0x5a827999 + w[12]!) | 0)) | 0;
  e = (e << 30) | (e >>> 2);
  b = (((c << 5) | (c >>> 27)) + (a ^ (d & (e ^ a))) + ((b + 0x5a827999 + w[13]!) | 0)) | 0;
  d = (d << 30) | (d >>> 2);
  a = (((b << 5) | (b >>> 27)) + (e ^ (c & (d ^ e))) + ((a + 0x5a827999 + w[14]!) | 0)) | 0;
  c = (c << 30) | (c >>> 2);
  e = (((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + ((e + 0x5a827999 + w[15]!) | 0)) | 0;
  b = (b << 30) | (b >>> 2);
  d = (((e << 5) | (e >>> 27)) + (c ^ (a & (b ^ c))) + ((d + 0x5a827999 + w[16]!) | 0)) | 0;
  a = (a << 30) | (a >>> 2);
  c = (((d << 5) | (d >>> 27)) + (b ^ (e & (a ^ b))) + ((c + 0x5a827999 + w[17]!) | 0)) | 0;
  e = (e << 30) | (e >>> 2);
  b = (((c << 5) | (c >>> 27)) + (a ^ (d & (e ^ a))) + ((b + 0x5a827999 + w[18]!) | 0)) | 0;
  d = (d << 30) | (d >>> 2);
  a = (((b << 5) | (b >>> 27)) + (e ^ (c & (d ^ e))) + ((a + 0x5a827999 + w[19]!) | 0)) | 0;
  c = (c << 30) | (c >>> 2);
  s[0] = a;
  s[1] = b;
  s[2] = c;
  s[3] = d;
  s[4] = e;
}

/** Rounds 20 to 39: the parity of b, c and d. */
function takeParity(w: Int32Array, s: Int32Array): void {
  let a = s[0]!;
  let b = s[1]!;
  let c = s[2]!;
  let d = s[3]!;
  let e = s[4]!;
  e = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + ((e + 0x6ed9eba1 + w[20]!) | 0)) | 0;
  b = (b << 30) | (b >>> 2);
  d = (((e << 5) | (e >>> 27)) + (a ^ b ^ c) + ((d + 0x6ed9eba1 + w[21]!) | 0)) | 0;
  a = (a << 30) | (a >>> 2);
  c = (((d << 5) | (d >>> 27)) + (e ^ a ^ b) + ((c + 0x6ed9eba1 + w[22]!) | 0)) | 0;
  e = (e << 30) | (e >>> 2);
  b = (((c << 5) | (c >>> 27)) + (d ^ e ^ a) + ((b + 0x6ed9eba1 + w[23]!) | 0)) | 0;
  d = (d << 30) | (d >>> 2);
  a = (((b << 5) | (b >>> 27)) + (c ^ d ^ e) + ((a + 0x6ed9eba1 + w[24]!) | 0)) | 0;
  c = (c << 30) | (c >>> 2);
  e = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + ((e + 0x6ed9eba1 + w[25]!) | 0)) | 0;
  b = (b << 30) | (b >>> 2);
  d = (((e << 5) | (e >>> 27)) + (a ^ b ^ c) + ((d + 0x6ed9eba1 + w[26]!) | 0)) | 0;
  a = (a << 30) | (a >>> 2);
  c = (((d << 5) | (d >>> 27)) + (e ^ a ^ b) + ((c + 0x6ed9eba1 + w[27]!) | 0)) | 0;
  e = (e << 30) | (e >>> 2);
  b = (((c << 5) | (c >>> 27)) + (d ^ e ^ a) + ((b + 0x6ed9eba1 + w[28]!) | 0)) | 0;
  d = (d << 30) | (d >>> 2);
  a = (((b << 5) | (b >>> 27)) + (c ^ d ^ e) + ((a + 0x6ed9eba1 + w[29]!) | 0)) | 0;
  c = (c << 30) | (c >>> 2);
  e = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + ((e + 0x6ed9eba1 + w[30]!) | 0)) | 0;
  b = (b << 30) | (b >>> 2);
  d = (((e << 5) | (e >>> 27)) + (a ^ b ^ c) + ((d + 0x6ed9eba1 + w[31]!) | 0)) | 0;
  a = (a << 30) | (a >>> 2);
  c = (((d << 5) | (d >>> 27)) + (e ^ a ^ b) + ((c + 0x6ed9eba1 + w[32]!) | 0)) | 0;
  e = (e << 30) | (e >>> 2);
  b = (((c << 5) | (c >>> 27)) + (d ^ e ^ a) + ((b + 0x6ed9eba1 + w[33]!) | 0)) | 0;
  d = (d << 30) | (d >>> 2);
  a = (((b << 5) | (b >>> 27)) + (c ^ d ^ e) + ((a + 0x6ed9eba1 + w[34]!) | 0)) | 0;
  c = (c << 30) | (c >>> 2);
  e = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + ((e + 0x6ed9eba1 + w[35]!) | 0)) | 0;
  b = (b << 30) | (b >>> 2);
  d = (((e << 5) | (e >>> 27)) + (a ^ b ^ c) + ((d + 0x6ed9eba1 + w[36]!) | 0)) | 0;
  a = (a << 30) | (a >>> 2);
  c = (((d << 5) | (d >>> 27)) + (e ^ a ^ b) + ((c + 0x6ed9eba1 + w[37]!) | 0)) | 0;
  e = (e << 30) | (e >>> 2);
  b = (((c << 5) | (c >>> 27)) + (d ^ e ^ a) + ((b + 0x6ed9eba1 + w[38]!) | 0)) | 0;
  d = (d << 30) | (d >>> 2);
  a = (((b << 5) | (b >>> 27)) + (c ^ d ^ e) + ((a + 0x6ed9eba1 + w[39]!) | 0)) | 0;
  c = (c << 30) | (c >>> 2);
  s[0] = a;
  s[1] = b;
  s[2] = c;
  s[3] = d;
  s[4] = e;
}

/** Rounds 40 to 59: the majority of b, c and d. */
function takeMajority(w: Int32Array, s: Int32Array): void {
  let a = s[0]!;
  let b = s[1]!;
  let c = s[2]!;
  let d = s[3]!;
  let e = s[4]!;
  e = (((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + ((e + -0x70e44324 + w[40]!) | 0)) | 0;
  b = (b << 30) | (b >>> 2);
  d = (((e << 5) | (e >>> 27)) + ((a & b) | (c & (a | b))) + ((d + -0x70e44324 + w[41]!) | 0)) | 0;
  a = (a << 30) | (a >>> 2);
  c = (((d << 5) | (d >>> 27)) + ((e & a) | (b & (e | a))) + ((c + -0x70e44324 + w[42]!) | 0)) | 0;
  e = (e << 30) | (e >>> 2);
  b = (((c << 5) | (c >>> 27)) + ((d & e) | (a & (d | e))) + ((b + -0x70e44324 + w[43]!) | 0)) | 0;
  d = (d << 30) | (d >>> 2);
  a = (((b << 5) | (b >>> 27)) + ((c & d) | (e & (c | d))) + ((a + -0x70e44324 + w[44]!) | 0)) | 0;
  c = (c << 30) | (c >>> 2);
  e = (((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + ((e + -0x70e44324 + w[45]!) | 0)) | 0;
  b = (b << 30) | (b >>> 2);
  d = (((e << 5) | (e >>> 27)) + ((a & b) | (c & (a | b))) + ((d + -0x70e44324 + w[46]!) | 0)) | 0;
  a = (a << 30) | (a >>> 2);
  c = (((d << 5) | (d >>> 27)) + ((e & a) | (b & (e | a))) + ((c + -0x70e44324 + w[47]!) | 0)) | 0;
  e = (e << 30) | (e >>> 2);
  b = (((c << 5) | (c >>> 27)) + ((d & e) | (a & (d | e))) + ((b + -0x70e44324 + w[48]!) | 0)) | 0;
  d = (d << 30) | (d >>> 2);
  a = (((b << 5) | (b >>> 27)) + ((c & d) | (e & (c | d))) + ((a + -0x70e44324 + w[49]!) | 0)) | 0;
  c = (c << 30) | (c >>> 2);
  e = (((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + ((e + -0x70e44324 + w[50]!) | 0)) | 0;
  b = (b << 30) | (b >>> 2);
  d = (((e << 5) | (e >>> 27)) + ((a & b) | (c & (a | b))) + ((d + -0x70e44324 + w[51]!) | 0)) | 0;
  a = (a << 30) | (a >>> 2);
  c = (((d << 5) | (d >>> 27)) + ((e & a) | (b & (e | a))) + ((c + -0x70e44324 + w[52]!) | 0)) | 0;
  e = (e << 30) | (e >>> 2);
  b = (((c << 5) | (c >>> 27)) + ((d & e) | (a & (d | e))) + ((b + -0x70e44324 + w[53]!) | 0)) | 0;
  d = (d << 30) | (d >>> 2);
  a = (((b << 5) | (b >>> 27)) + ((c & d) | (e & (c | d))) + ((a + -0x70e44324 + w[54]!) | 0)) | 0;
  c = (c << 30) | (c >>> 2);
  e = (((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + ((e + -0x70e44324 + w[55]!) | 0)) | 0;
  b = (b << 30) | (b >>> 2);
  d = (((e << 5) | (e >>> 27)) + ((a & b) | (c & (a | b))) + ((d + -0x70e44324 + w[56]!) | 0)) | 0;
  a = (a << 30) | (a >>> 2);
  c = (((d << 5) | (d >>> 27)) + ((e & a) | (b & (e | a))) + ((c + -0x70e44324 + w[57]!) | 0)) | 0;
  e = (e << 30) | (e >>> 2);
  b = (((c << 5) | (c >>> 27)) + ((d & e) | (a & (d | e))) + ((b + -0x70e44324 + w[58]!) | 0)) | 0;
  d = (d << 30) | (d >>> 2);
  a = (((b << 5) | (b >>> 27)) + ((c & d) | (e & (c | d))) + ((a + -0x70e44324 + w[59]!) | 0)) | 0;
  c = (c << 30) | (c >>> 2);
  s[0] = a;
  s[1] = b;
  s[2] = c;
  s[3] = d;
  s[4] = e;
}

/** Rounds 60 to 79: parity again. */
function takeLastParity(w: Int32Array, s: Int32Array): void {
  let a = s[0]!;
  let b = s[1]!;
  let c = s[2]!;
  let d = s[3]!;
  let e = s[4]!;
  e = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + ((e + -0x359d3e2a + w[60]!) | 0)) | 0;
  b = (b << 30) | (b >>> 2);
  d = (((e << 5) | (e >>> 27)) + (a ^ b ^ c) + ((d + -0x359d3e2a + w[61]!) | 0)) | 0;
  a = (a << 30) | (a >>> 2);
  c = (((d << 5) | (d >>> 27)) + (e ^ a ^ b) + ((c + -0x359d3e2a + w[62]!) | 0)) | 0;
  e = (e << 30) | (e >>> 2);
  b = (((c << 5) | (c >>> 27)) + (d ^ e ^ a) + ((b + -0x359d3e2a + w[63]!) | 0)) | 0;
  d = (d << 30) | (d >>> 2);
  a = (((b << 5) | (b >>> 27)) + (c ^ d ^ e) + ((a + -0x359d3e2a + w[64]!) | 0)) | 0;
  c = (c << 30) | (c >>> 2);
  e = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + ((e + -0x359d3e2a + w[65]!) | 0)) | 0;
  b = (b << 30) | (b >>> 2);
  d = (((e << 5) | (e >>> 27)) + (a ^ b ^ c) + ((d + -0x359d3e2a + w[66]!) | 0)) | 0;
  a = (a << 30) | (a >>> 2);
  c = (((d << 5) | (d >>> 27)) + (e ^ a ^ b) + ((c + -0x359d3e2a + w[67]!) | 0)) | 0;
  e = (e << 30) | (e >>> 2);
  b = (((c << 5) | (c >>> 27)) + (d ^ e ^ a) + ((b + -0x359d3e2a + w[68]!) | 0)) | 0;
  d = (d << 30) | (d >>> 2);
  a = (((b << 5) | (b >>> 27)) + (c ^ d ^ e) + ((a + -0x359d3e2a + w[69]!) | 0)) | 0;
  c = (c << 30) | (c >>> 2);
  e = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + ((e + -0x359d3e2a + w[70]!) | 0)) | 0;
  b = (b << 30) | (b >>> 2);
  d = (((e << 5) | (e >>> 27)) + (a ^ b ^ c) + ((d + -0x359d3e2a + w[71]!) | 0)) | 0;
  a = (a << 30) | (a >>> 2);
  c = (((d << 5) | (d >>> 27)) + (e ^ a ^ b) + ((c + -0x359d3e2a + w[72]!) | 0)) | 0;
  e = (e << 30) | (e >>> 2);
  b = (((c << 5) | (c >>> 27)) + (d ^ e ^ a) + ((b + -0x359d3e2a + w[73]!) | 0)) | 0;
  d = (d << 30) | (d >>> 2);
  a = (((b << 5) | (b >>> 27)) + (c ^ d ^ e) + ((a + -0x359d3e2a + w[74]!) | 0)) | 0;
  c = (c << 30) | (c >>> 2);
  e = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + ((e + -0x359d3e2a + w[75]!) | 0)) | 0;
  b = (b << 30) | (b >>> 2);
  d = (((e << 5) | (e >>> 27)) + (a ^ b ^ c) + ((d + -0x359d3e2a + w[76]!) | 0)) | 0;
  a = (a << 30) | (a >>> 2);
  c = (((d << 5) | (d >>> 27)) + (e ^ a ^ b) + ((c + -0x359d3e2a + w[77]!) | 0)) | 0;
  e = (e << 30) | (e >>> 2);
  b = (((c << 5) | (c >>> 27)) + (d ^ e ^ a) + ((b + -0x359d3e2a + w[78]!) | 0)) | 0;
  d = (d << 30) | (d >>> 2);
  a = (((b << 5) | (b >>> 27)) + (c ^ d ^ e) + ((a + -0x359d3e2a + w[79]!) | 0)) | 0;
  c = (c << 30) | (c >>> 2);
  s[0] = a;
  s[1] = b;
  s[2] = c;
  s[3] = d;
  s[4] = e;
}
