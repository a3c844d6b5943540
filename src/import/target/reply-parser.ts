/**
 * Replies of a server out of the chunks that arrive, wherever those are cut (RESP2; of RESP3 whatever a server may send
 * unasked or after HELLO):
 *
 *     +OK\r\n           status            -ERR no such key\r\n    error
 *     :42\r\n           integer           $5\r\nhello\r\n         bulk string; $-1\r\n is null
 *     *2\r\n:1\r\n:2\r\n  array; *-1\r\n is null
 *
 *     _ null   # boolean   , double   ( big number   ! bulk error   = verbatim string   ~ set   % map
 *     > push and | attribute are read and left out: they answer nothing
 *
 * An import gets millions of `+OK`: they cost a comparison of five bytes and a call, and allocate nothing.
 */
import { copyBytes } from '../../bytes/slice.js';
import { TargetError } from './target-error.js';

/**
 * One reply: a status is a string; a bulk string is bytes of its own; arrays, sets and maps (keys and values in turn)
 * are arrays. Integers and doubles are numbers, except integers that a number would change: those are their decimal digits.
 */
export type Reply = string | number | boolean | null | Uint8Array | ErrorReply | readonly Reply[];

/** An error reply, a value like the others: the text without `-` and line end, such as `ERR syntax error`. */
export class ErrorReply {
  constructor(readonly text: string) {}
}

/** Where whole replies go, in their order. */
export interface ReplySink {
  reply(reply: Reply): void;
}

export interface ReplyLimits {
  /** Of one bulk string; default 512 MiB, the largest that a server sends at its defaults. */
  readonly maxBulkBytes?: number;
  /** Of arrays in one another; default 32. */
  readonly maxDepth?: number;
}

/** The status that writes are answered with. */
export const OK = 'OK';

const CR = 0x0d;
const LF = 0x0a;
const PLUS = 0x2b;
const MINUS = 0x2d;
const DIGIT_0 = 0x30;
const UPPER_O = 0x4f;
const UPPER_K = 0x4b;

const DEFAULT_MAX_BULK_BYTES = 512 * 1024 * 1024;
const DEFAULT_MAX_DEPTH = 32;
/** Of a status, an error or a number. */
const MAX_LINE_BYTES = 64 * 1024;
/** Elements of one array. Their memory is taken as they arrive, not by what an array announces. */
const MAX_ELEMENTS = 2 ** 31;
/** `txt:` in front of a verbatim string. */
const VERBATIM_FORMAT_SIZE = 4;

/** An array whose elements are still coming. */
interface Frame {
  readonly items: Reply[];
  left: number;
  readonly isLeftOut: boolean;
  readonly outer: Frame | undefined;
}

const utf8 = new TextDecoder();

/** Takes chunks, gives replies. After an error it is of no use any more: nobody knows where the next reply begins. */
export class ReplyParser {
  private readonly maxBulkBytes: number;
  private readonly maxDepth: number;
  /** The beginning of a line whose end has not come. */
  private line: Uint8Array = new Uint8Array(256);
  private lineSize = 0;
  /** A bulk string whose end has not come, and how many bytes of it and of its line end have. */
  private bulk: Uint8Array | undefined;
  private bulkPos = 0;
  private bulkKind = '$';
  private frame: Frame | undefined;
  private depth = 0;

  constructor(
    private readonly sink: ReplySink,
    limits: ReplyLimits = {},
  ) {
    this.maxBulkBytes = limits.maxBulkBytes ?? DEFAULT_MAX_BULK_BYTES;
    this.maxDepth = limits.maxDepth ?? DEFAULT_MAX_DEPTH;
  }

  /**
   * Reads `chunk`, which is not kept; the sink is called for each reply that ends in it.
   *
   * @throws TargetError (PROTOCOL)
   */
  write(chunk: Uint8Array): void {
    let pos = 0;
    while (pos < chunk.length) {
      if (this.bulk !== undefined) pos = this.fillBulk(this.bulk, chunk, pos);
      else if (this.lineSize > 0) pos = this.continueLine(chunk, pos);
      else if (isOk(chunk, pos)) {
        pos += 5;
        this.put(OK);
      } else pos = this.startLine(chunk, pos);
    }
  }

  private startLine(chunk: Uint8Array, pos: number): number {
    const lineFeed = chunk.indexOf(LF, pos);
    if (lineFeed < 0) {
      this.keep(chunk, pos, chunk.length);
      return chunk.length;
    }
    this.take(chunk, pos, lineFeed);
    return lineFeed + 1;
  }

  private continueLine(chunk: Uint8Array, pos: number): number {
    const lineFeed = chunk.indexOf(LF, pos);
    const end = lineFeed < 0 ? chunk.length : lineFeed + 1;
    this.keep(chunk, pos, end);
    if (lineFeed < 0) return end;
    const size = this.lineSize;
    this.lineSize = 0;
    this.take(this.line, 0, size - 1);
    return end;
  }

  private keep(chunk: Uint8Array, start: number, end: number): void {
    const size = this.lineSize + end - start;
    if (size > MAX_LINE_BYTES) throw failure('a line without an end');
    if (size > this.line.length) {
      const larger = new Uint8Array(Math.min(MAX_LINE_BYTES, size * 2));
      larger.set(this.line.subarray(0, this.lineSize));
      this.line = larger;
    }
    this.line.set(chunk.subarray(start, end), this.lineSize);
    this.lineSize = size;
  }

  /** A whole line, from its kind to its line feed. */
  private take(bytes: Uint8Array, start: number, lineFeed: number): void {
    const end = lineFeed - 1;
    if (end <= start || bytes[end] !== CR) throw failure('a line without its kind or its line end');
    if (lineFeed - start >= MAX_LINE_BYTES) throw failure('a line without an end');
    const kind = String.fromCharCode(bytes[start]!);
    if ('$=!'.includes(kind)) this.startBulk(kind, parseSize(bytes, start + 1, end));
    else if ('*~>'.includes(kind)) this.startArray(kind, parseSize(bytes, start + 1, end));
    else if ('%|'.includes(kind)) this.startArray(kind, 2 * parseSize(bytes, start + 1, end));
    else this.put(parseScalar(kind, bytes, start + 1, end));
  }

  private startBulk(kind: string, size: number): void {
    if (size < 0) {
      this.put(null);
      return;
    }
    if (size > this.maxBulkBytes) throw failure(`a string of ${size} bytes, which is more than ${this.maxBulkBytes}`);
    // Memory that is not written to yet costs nothing, so a false size takes no more than what arrives.
    this.bulk = new Uint8Array(size);
    this.bulkPos = 0;
    this.bulkKind = kind;
  }

  private fillBulk(bulk: Uint8Array, chunk: Uint8Array, start: number): number {
    let pos = start;
    const some = Math.min(bulk.length - this.bulkPos, chunk.length - pos);
    if (some > 0) {
      bulk.set(chunk.subarray(pos, pos + some), this.bulkPos);
      this.bulkPos += some;
      pos += some;
    }
    while (this.bulkPos >= bulk.length && pos < chunk.length) {
      const isFirst = this.bulkPos === bulk.length;
      if (chunk[pos++] !== (isFirst ? CR : LF)) throw failure('a string without its line end');
      this.bulkPos++;
      if (isFirst) continue;
      this.bulk = undefined;
      this.put(this.wholeBulk(bulk));
      break;
    }
    return pos;
  }

  private wholeBulk(bulk: Uint8Array): Reply {
    if (this.bulkKind === '!') return new ErrorReply(utf8.decode(bulk));
    return this.bulkKind === '=' ? bulk.subarray(VERBATIM_FORMAT_SIZE) : bulk;
  }

  private startArray(kind: string, count: number): void {
    const isLeftOut = kind === '>' || kind === '|';
    if (count > MAX_ELEMENTS) throw failure(`an array of ${count} elements`);
    if (count <= 0) {
      if (!isLeftOut) this.put(count < 0 ? null : []);
      return;
    }
    if (++this.depth > this.maxDepth) throw failure(`more than ${this.maxDepth} arrays in one another`);
    this.frame = { items: [], left: count, isLeftOut, outer: this.frame };
  }

  /** A whole reply: into the array that waits for it, or out. */
  private put(reply: Reply): void {
    let whole = reply;
    for (let frame = this.frame; frame !== undefined; frame = this.frame) {
      frame.items.push(whole);
      if (--frame.left > 0) return;
      this.frame = frame.outer;
      this.depth--;
      if (frame.isLeftOut) return;
      whole = frame.items;
    }
    this.sink.reply(whole);
  }
}

/** What a line of one of the kinds that are no more than a line says. */
function parseScalar(kind: string, bytes: Uint8Array, start: number, end: number): Reply {
  switch (kind) {
    case '+':
      return utf8.decode(bytes.subarray(start, end));
    case '-':
      return new ErrorReply(utf8.decode(bytes.subarray(start, end)));
    case ':':
    case '(':
      return parseIntegerReply(bytes, start, end);
    case ',':
      return parseDouble(utf8.decode(bytes.subarray(start, end)));
    case '#':
      return parseBoolean(utf8.decode(bytes.subarray(start, end)));
    case '_':
      return null;
    default:
      throw failure(`a reply of the unknown kind 0x${kind.charCodeAt(0).toString(16).padStart(2, '0')}`);
  }
}

function parseSize(bytes: Uint8Array, start: number, end: number): number {
  const size = parseInteger(bytes, start, end);
  if (!Number.isSafeInteger(size) || size < -1) throw failure('a length that is none');
  return size;
}

function parseIntegerReply(bytes: Uint8Array, start: number, end: number): Reply {
  const value = parseInteger(bytes, start, end);
  if (Number.isNaN(value)) throw failure('an integer that is none');
  return Number.isSafeInteger(value) ? value : copyBytes(bytes, start, end);
}

function parseDouble(text: string): number {
  if (!/^[+-]?(?:\d+(?:\.\d*)?(?:e[+-]?\d+)?|inf|nan)$/i.test(text)) throw failure('a double that is none');
  return Number(text.replace(/inf/i, 'Infinity').replace(/[+-]?nan/i, 'NaN'));
}

function parseBoolean(text: string): boolean {
  if (text !== 't' && text !== 'f') throw failure('a boolean that is none');
  return text === 't';
}

/** The address is added by whoever knows it. */
function failure(what: string): TargetError {
  return new TargetError('PROTOCOL', `the server does not speak the protocol: it sent ${what}`, '');
}

function isOk(bytes: Uint8Array, pos: number): boolean {
  return (
    bytes[pos] === PLUS &&
    bytes[pos + 1] === UPPER_O &&
    bytes[pos + 2] === UPPER_K &&
    bytes[pos + 3] === CR &&
    bytes[pos + 4] === LF
  );
}

/** A decimal integer with a sign perhaps, without regard to whether a number holds it; NaN where there is none. */
function parseInteger(bytes: Uint8Array, start: number, end: number): number {
  const isNegative = bytes[start] === MINUS;
  const first = isNegative || bytes[start] === PLUS ? start + 1 : start;
  if (first >= end) return Number.NaN;
  let value = 0;
  for (let pos = first; pos < end; pos++) {
    const digit = bytes[pos]! - DIGIT_0;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return isNegative ? 0 - value : value;
}
