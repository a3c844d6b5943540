/**
 * One command as a RESP array of bulk strings, as logs hold them and as Valkey's opcode F2 embeds them:
 *
 *     *2\r\n$4\r\nPING\r\n$2\r\nhi\r\n
 */
import { FormatError } from '../bytes/errors.js';

const CR = 0x0d;
const LF = 0x0a;
const STAR = 0x2a;
const DOLLAR = 0x24;
/** `-` or a digit more than any count or size that fits 2^53 has. */
const MAX_NUMBER_TEXT = 16;

/** Position after the command at `pos`; beyond `end` when the bytes are short. Throws BAD_OPCODE. */
export function skipCommand(bytes: Uint8Array, pos: number, end: number): number {
  let next = skipNumberLine(bytes, pos, end, STAR);
  if (next > end) return next;
  for (let left = parseNumberLine(bytes, pos); left > 0; left--) {
    const start = skipNumberLine(bytes, next, end, DOLLAR);
    if (start > end) return start;
    const stop = start + parseNumberLine(bytes, next);
    next = stop + 2;
    if (next > end) return next;
    if (bytes[stop] !== CR || bytes[stop + 1] !== LF)
      throw new FormatError('BAD_OPCODE', 'an argument without its line end', stop);
  }
  return next;
}

/** The arguments of the whole command at `pos`. */
export function decodeCommand(bytes: Uint8Array, pos: number, end: number): Uint8Array[] {
  const args: Uint8Array[] = [];
  let next = skipNumberLine(bytes, pos, end, STAR);
  for (let left = parseNumberLine(bytes, pos); left > 0; left--) {
    const start = skipNumberLine(bytes, next, end, DOLLAR);
    const stop = start + parseNumberLine(bytes, next);
    args.push(bytes.slice(start, stop));
    next = stop + 2;
  }
  return args;
}

/** Past `<lead><digits>\r\n`. */
function skipNumberLine(bytes: Uint8Array, pos: number, end: number, lead: number): number {
  if (pos >= end) return pos + 1;
  if (bytes[pos] !== lead)
    throw new FormatError(
      'BAD_OPCODE',
      `0x${bytes[pos]!.toString(16)} where RESP has '${String.fromCharCode(lead)}'`,
      pos,
    );
  for (let at = pos + 1; at <= pos + MAX_NUMBER_TEXT + 1; at++) {
    if (at >= end) return at + 1;
    const byte = bytes[at]!;
    if (byte === CR && at > pos + 1) {
      if (at + 1 >= end) return at + 2;
      if (bytes[at + 1] === LF) return at + 2;
    }
    if (byte < 0x30 || byte > 0x39) break;
  }
  throw new FormatError('BAD_OPCODE', 'a RESP number that is none', pos);
}

function parseNumberLine(bytes: Uint8Array, pos: number): number {
  let value = 0;
  for (let at = pos + 1; bytes[at] !== CR; at++) value = value * 10 + (bytes[at]! - 0x30);
  return value;
}
