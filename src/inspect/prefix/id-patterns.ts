/**
 * Parts of keys that name one thing of many: numbers, UUIDs, digests, dates. They become a mark, so that keys which differ
 * only there are counted as one.
 *
 *     user42          user FF 01              shown as  user*
 *     3f2a…-…         FF 02                             <uuid>
 *     report-7.csv    report- FF 01 .csv                report-*.csv
 *
 * A mark is the byte FF and the kind of id; a byte FF of the key itself is FF 00. No UTF-8 text has that byte.
 */

/** What an id looks like; the place in the list is the number of its mark. */
export const ID_KINDS = [
  'number',
  'uuid',
  'hex',
  'date',
  'email',
  'ip',
  'ulid',
  'id',
  'binary',
  'rest',
] as const satisfies readonly string[];

export type IdKind = (typeof ID_KINDS)[number];

/** How a mark is shown: `*` where that says it all. */
export const ID_TEXT: Readonly<Record<IdKind, string>> = {
  number: '*',
  uuid: '<uuid>',
  hex: '<hex>',
  date: '<date>',
  email: '<email>',
  ip: '<ip>',
  ulid: '<ulid>',
  id: '<id>',
  binary: '<binary>',
  rest: '*',
};

export const MARK = 0xff;
const LITERAL_FF = 0;
const [NUMBER, UUID, HEX, DATE, EMAIL, IP, ULID, ID, BINARY, REST] = ID_KINDS.map((_, index) => index + 1) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

/** Longer parts are cut, and a `rest` stands for what is missing. */
const CUT_BYTES = 48;
/** A part of so many bytes, in which none is a digit, an `@` or odd, is its own canonical form. */
export const MAX_LITERAL = CUT_BYTES;
const MAX_CANONICAL_BYTES = 64;
const MAX_SEPARATOR_BYTES = 64;
const UUID_BYTES = 36;
const DATE_BYTES = 10;
const ULID_BYTES = 26;

const DIGIT = 1;
const LOWER = 2;
const UPPER = 4;
const HEX_LETTER = 8;
/** What base64 has beside letters and digits. */
const JOINER = 16;
/** Not text: control characters, and bytes that only UTF-8 explains. */
const ODD = 32;
const ALNUM = DIGIT | LOWER | UPPER;

const CLASSES = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) CLASSES[byte] = classOf(byte);

/** One part of a key with its ids replaced; reused from part to part, with room for a separator behind it. */
export class CanonicalPart {
  readonly bytes = new Uint8Array(MAX_CANONICAL_BYTES + MAX_SEPARATOR_BYTES);
  length = 0;

  /** Reads the part `[start, end)`, which is not empty. */
  read(bytes: Uint8Array, start: number, end: number): void {
    this.length = 0;
    const whole = wholeKind(bytes, start, end);
    if (whole !== undefined) this.mark(whole);
    else this.readTokens(bytes, start, end);
  }

  private readTokens(bytes: Uint8Array, start: number, end: number): void {
    let pos = start;
    while (pos < end) {
      if (this.length > CUT_BYTES) {
        this.mark(REST);
        return;
      }
      if (CLASSES[bytes[pos]!]! & ALNUM) pos = this.readToken(bytes, pos, end);
      else this.literal(bytes[pos++]!);
    }
  }

  /** Letters and digits, or an id that has more than those. Returns the position after. */
  private readToken(bytes: Uint8Array, start: number, end: number): number {
    const long = idLengthAt(bytes, start, end);
    if (long > 0) {
      this.mark(long === UUID_BYTES ? UUID : DATE);
      return start + long;
    }
    let pos = start;
    let seen = 0;
    for (; pos < end && (CLASSES[bytes[pos]!]! & ALNUM) !== 0; pos++) seen |= CLASSES[bytes[pos]!]!;
    const kind = seen & DIGIT ? tokenKind(bytes, start, pos) : undefined;
    if (kind !== undefined) this.mark(kind);
    else this.readWord(bytes, start, pos);
    return pos;
  }

  /** A word in which long numbers become marks: `user1234`, but not `v2`. */
  private readWord(bytes: Uint8Array, start: number, end: number): void {
    let pos = start;
    while (pos < end && this.length <= CUT_BYTES) {
      let digits = pos;
      while (digits < end && (CLASSES[bytes[digits]!]! & DIGIT) !== 0) digits++;
      if (digits - pos >= 3) {
        this.mark(NUMBER);
        pos = digits;
      } else this.literal(bytes[pos++]!);
    }
    if (pos < end) this.mark(REST);
  }

  private literal(byte: number): void {
    this.bytes[this.length++] = byte;
    if (byte === MARK) this.bytes[this.length++] = LITERAL_FF;
  }

  private mark(kind: number): void {
    // Two in a row say no more than one: what follows a rest, or a date in several pieces.
    if (this.length >= 2 && this.bytes[this.length - 2] === MARK && this.bytes[this.length - 1] === kind) return;
    this.bytes[this.length++] = MARK;
    this.bytes[this.length++] = kind;
  }
}

/** Bytes of the UUID or date at `pos`, which have characters that may be separators; 0 where there is neither. */
export function idLengthAt(bytes: Uint8Array, pos: number, end: number): number {
  if (isUuidAt(bytes, pos, end)) return UUID_BYTES;
  return dateLengthAt(bytes, pos, end);
}

/** Calls back for the marks of a canonical part: literal bytes, or the kind of an id. */
export function visitMarks(
  bytes: Uint8Array,
  start: number,
  end: number,
  onByte: (byte: number) => void,
  onId: (kind: IdKind) => void,
): void {
  for (let pos = start; pos < end; pos++) {
    if (bytes[pos] !== MARK) {
      onByte(bytes[pos]!);
      continue;
    }
    const kind = ID_KINDS[bytes[++pos]! - 1];
    if (kind === undefined) onByte(MARK);
    else onId(kind);
  }
}

/** The kind of a part that is one id as a whole. */
function wholeKind(bytes: Uint8Array, start: number, end: number): number | undefined {
  let seen = 0;
  let ats = 0;
  for (let pos = start; pos < end; pos++) {
    seen |= CLASSES[bytes[pos]!]!;
    if (bytes[pos] === 0x40) ats++;
  }
  const length = end - start;
  if (seen === DIGIT && isNumber(bytes, start, end)) return NUMBER;
  if (seen & ODD) return isText(bytes, start, end) ? undefined : BINARY;
  if (ats === 1 && isEmail(bytes, start, end)) return EMAIL;
  if (bytes[start] === 0x2d && length > 1 && isNumber(bytes, start + 1, end)) return NUMBER;
  if ((seen & ~JOINER) === DIGIT && isIp(bytes, start, end)) return IP;
  if (length >= 16 && (seen & JOINER) !== 0 && isRandom(bytes, start, end)) return ID;
  return undefined;
}

/** The kind of a run of letters and digits that is one id. */
function tokenKind(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (isNumber(bytes, start, end)) return NUMBER;
  if (isHex(bytes, start, end)) return HEX;
  if (isUlid(bytes, start, end)) return ULID;
  return end - start >= 8 && isRandom(bytes, start, end) ? ID : undefined;
}

function isNumber(bytes: Uint8Array, start: number, end: number): boolean {
  for (let pos = start; pos < end; pos++) if ((CLASSES[bytes[pos]!]! & DIGIT) === 0) return false;
  return end > start;
}

/** Eight digits or more, some of them letters of one case. */
function isHex(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 8) return false;
  let seen = 0;
  for (let pos = start; pos < end; pos++) {
    const kind = CLASSES[bytes[pos]!]!;
    if ((kind & (DIGIT | HEX_LETTER)) === 0) return false;
    seen |= kind;
  }
  return (seen & DIGIT) !== 0 && (seen & (LOWER | UPPER)) !== (LOWER | UPPER);
}

/** `01ARZ3NDEKTSV4RRFFQ69G5FAV`: Crockford's base 32, which has no I, L, O and U; the first digit is at most 7. */
function isUlid(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== ULID_BYTES || bytes[start]! < 0x30 || bytes[start]! > 0x37) return false;
  let seen = 0;
  for (let pos = start; pos < end; pos++) {
    const upper = bytes[pos]! & 0xdf;
    if (upper === 0x49 || upper === 0x4c || upper === 0x4f || upper === 0x55) return false;
    seen |= CLASSES[bytes[pos]!]!;
  }
  return (seen & (LOWER | UPPER)) !== (LOWER | UPPER);
}

/**
 * Whether characters change as often between small letters, capitals and digits as they do where chance has drawn them:
 * six times in ten of base 64, four times in ten of base 36; words do so rarely. Without digits it cannot be told from
 * words in camel case.
 */
function isRandom(bytes: Uint8Array, start: number, end: number): boolean {
  let seen = 0;
  let changes = 0;
  let digits = 0;
  let last = 0;
  for (let pos = start; pos < end; pos++) {
    const kind = CLASSES[bytes[pos]!]! & (ALNUM | JOINER);
    if (kind === 0) return false;
    seen |= kind;
    if (kind === JOINER) continue;
    if (kind === DIGIT) digits++;
    if (last !== 0 && kind !== last) changes++;
    last = kind;
  }
  const length = end - start;
  if ((seen & ALNUM) === ALNUM) return changes >= 0.4 * length;
  return length >= 16 && digits >= 3 && (seen & JOINER) === 0 && changes >= 0.25 * length;
}

function isUuidAt(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < UUID_BYTES || bytes[start + 8] !== 0x2d) return false;
  for (let at = 0; at < UUID_BYTES; at++) {
    const byte = bytes[start + at]!;
    if (at === 8 || at === 13 || at === 18 || at === 23) {
      if (byte !== 0x2d) return false;
    } else if ((CLASSES[byte]! & (DIGIT | HEX_LETTER)) === 0) return false;
  }
  return start + UUID_BYTES === end || (CLASSES[bytes[start + UUID_BYTES]!]! & ALNUM) === 0;
}

/** `2026-01-31`, and a time behind `T`; also with `_`, `.` and `/`. */
function dateLengthAt(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < DATE_BYTES) return 0;
  const mark = bytes[start + 4]!;
  if (mark !== bytes[start + 7] || (mark !== 0x2d && mark !== 0x5f && mark !== 0x2e && mark !== 0x2f)) return 0;
  const century = twoDigits(bytes, start);
  const month = twoDigits(bytes, start + 5);
  const day = twoDigits(bytes, start + 8);
  if (century < 19 || century > 21 || twoDigits(bytes, start + 2) < 0) return 0;
  if (month < 1 || month > 12 || day < 1 || day > 31) return 0;
  let pos = start + DATE_BYTES;
  if (pos + 2 < end && bytes[pos] === 0x54 && twoDigits(bytes, pos + 1) >= 0) {
    while (pos < end && isTimeByte(bytes[pos]!)) pos++;
    while ((CLASSES[bytes[pos - 1]!]! & ALNUM) === 0) pos--;
    return pos - start;
  }
  return pos < end && (CLASSES[bytes[pos]!]! & ALNUM) !== 0 ? 0 : DATE_BYTES;
}

/** −1 for what is no number. */
function twoDigits(bytes: Uint8Array, pos: number): number {
  const tens = bytes[pos]! - 0x30;
  const ones = bytes[pos + 1]! - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

/** Digits, and `T Z : . + -`. */
function isTimeByte(byte: number): boolean {
  if ((CLASSES[byte]! & DIGIT) !== 0) return true;
  return byte === 0x54 || byte === 0x5a || byte === 0x3a || byte === 0x2e || byte === 0x2b || byte === 0x2d;
}

/** Letters, digits and `.-_+%` around one `@`, with a dot in what follows it. */
function isEmail(bytes: Uint8Array, start: number, end: number): boolean {
  let at = -1;
  let dot = -1;
  for (let pos = start; pos < end; pos++) {
    const byte = bytes[pos]!;
    if (byte === 0x40) at = pos;
    else if (byte === 0x2e) dot = pos;
    else if ((CLASSES[byte]! & ALNUM) === 0 && byte !== 0x2d && byte !== 0x5f && byte !== 0x2b && byte !== 0x25)
      return false;
  }
  return at > start && dot > at + 1 && dot < end - 1;
}

/** Four numbers with dots between them. */
function isIp(bytes: Uint8Array, start: number, end: number): boolean {
  let numbers = 0;
  let digits = 0;
  for (let pos = start; pos <= end; pos++) {
    if (pos === end || bytes[pos] === 0x2e) {
      if (digits === 0) return false;
      numbers++;
      digits = 0;
    } else if ((CLASSES[bytes[pos]!]! & DIGIT) === 0 || ++digits > 3) return false;
  }
  return numbers === 4;
}

/** UTF-8 without control characters. */
function isText(bytes: Uint8Array, start: number, end: number): boolean {
  let pos = start;
  while (pos < end) {
    const lead = bytes[pos++]!;
    if (lead < 0x80) {
      if (lead < 0x20 || lead === 0x7f) return false;
      continue;
    }
    const more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4 || pos + more > end) return false;
    for (const last = pos + more; pos < last; pos++) if ((bytes[pos]! & 0xc0) !== 0x80) return false;
  }
  return true;
}

function classOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return DIGIT;
  if (byte >= 0x61 && byte <= 0x7a) return byte <= 0x66 ? LOWER | HEX_LETTER : LOWER;
  if (byte >= 0x41 && byte <= 0x5a) return byte <= 0x46 ? UPPER | HEX_LETTER : UPPER;
  if (byte < 0x20 || byte >= 0x7f) return ODD;
  return byte === 0x2d || byte === 0x5f || byte === 0x2b || byte === 0x2f || byte === 0x3d ? JOINER : 0;
}
