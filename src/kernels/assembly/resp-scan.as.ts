/**
 * Commands of a log that are plainly in order, many at once: their names are among those in RESP_NAMES, which
 * aof/command-scan.ts has put there, and they have as many arguments as is said there. The twin is aof/scanner.ts, which goes
 * on in front of whatever is anything else, and knows what to say about it.
 */
import { RESP_COMMANDS, RESP_NAMES } from '../memory-map';

/** Two bytes at once: CR LF. */
const LINE_END: u16 = 0x0a0d;
/** What a name of `n` bytes is in a load of 16: the load from `16 - n` on. */
const MASK = memory.data<u64>([-1, -1, 0, 0]);

/** Kinds of names, as aof/command-scan.ts numbers them: with EX or PX somewhere it is not plain; what moves the state. */
const TIMED: i32 = 1;
const MULTI: i32 = 2;
const EXEC: i32 = 3;
/** `*2 $6 SELECT $1`, a digit, and the line ends. */
const SELECT_SIZE: i32 = 23;

/** What {@link readNumber} found. */
let value: i32 = 0;
/** Of the last command: its arguments, and the kind of its name. */
let argc: i32 = 0;
let kind: i32 = 0;

/**
 * Returns where it stopped; what it passed is in the words from RESP_COMMANDS on. `open`: 0 outside of a transaction, else −1.
 * One that it finds open it passes as a whole, or stops in front of it.
 */
export function respScan(from: i32, end: i32, open: i32): i32 {
  let pos = from;
  let commands = 0;
  let total = 0;
  let transactions = 0;
  let db = -1;
  let commandsBefore = 0;
  let totalBefore = 0;
  for (;;) {
    const next = skipCommand(pos, end);
    if (next === 0) break;
    if (kind > TIMED) {
      if (kind === EXEC) {
        if (open <= 0) break;
        open = 0;
        transactions++;
      } else if (open !== 0) break;
      else if (kind === MULTI) {
        open = pos;
        commandsBefore = commands;
        totalBefore = total;
      } else {
        const digit: u32 = <u32>load<u8>(next - 3) - 0x30;
        if (next - pos !== SELECT_SIZE || digit > 9) break;
        db = digit;
      }
    }
    pos = next;
    commands++;
    total += argc;
  }
  if (open > 0) {
    pos = open;
    commands = commandsBefore;
    total = totalBefore;
  }
  store<i32>(RESP_COMMANDS, commands);
  store<i32>(RESP_COMMANDS, total, 4);
  store<i32>(RESP_COMMANDS, transactions, 8);
  store<i32>(RESP_COMMANDS, db, 12);
  return pos;
}

/**
 * Returns the address behind the command, or 0. What is read from behind `end` is found out at the next line end.
 *
 * Where an argument begins depends on the sizes of all before it, so what counts is how soon a size is known: one or two digits
 * are told apart without a branch, which would be mispredicted, and what is checked is checked beside that.
 */
function skipCommand(pos: i32, end: i32): i32 {
  let at = readNumber(pos, 0x2a);
  argc = value;
  if (at === 0 || argc === 0) return 0;
  for (let left = argc; left > 0; left--) {
    const line = load<u32>(at);
    const first: u32 = ((line >>> 8) & 0xff) - 0x30;
    const second: u32 = ((line >>> 16) & 0xff) - 0x30;
    const isTwo: u32 = u32(second < 10);
    let size: i32 = select<u32>(first * 10 + second, first, isTwo);
    let start: i32 = at + 4 + isTwo;
    if ((line & 0xff) !== 0x24 || first > 9 || first < isTwo || load<u16>(start - 2) !== LINE_END) {
      start = readNumber(at, 0x24);
      if (start === 0) return 0;
      size = value;
    }
    const stop = start + size;
    if (stop + 2 > end || load<u16>(stop) !== LINE_END) return 0;
    if (left === argc) {
      const slot = slotOf(start, size);
      if (slot === 0 || argc < load<i32>(slot + 16) || argc > load<i32>(slot + 20)) return 0;
      kind = load<i32>(slot + 28);
      // EX and PX in any case, and a few that are neither.
    } else if (kind === TIMED && size === 2 && (load<u16>(start) | 0x2035) === 0x7875) return 0;
    at = stop + 2;
  }
  return at;
}

/** Of a name that is known; else 0. */
function slotOf(start: i32, size: i32): i32 {
  if (size > 16) return 0;
  const name = v128.and(v128.load(start), v128.load(MASK + 16 - size));
  const hash = (i32x4.extract_lane(name, 0) ^ (i32x4.extract_lane(name, 1) * 31)) * 0x9e37_79b1;
  const slot = RESP_NAMES + ((hash >>> 24) << 5);
  return v128.any_true(v128.xor(name, v128.load(slot))) || load<i32>(slot + 24) !== size ? 0 : slot;
}

/**
 * The line `<prefix><number>CR LF` at `pos`, its number of at most seven digits and as servers write it: {@link value}, and the
 * address behind it, or 0.
 */
function readNumber(pos: i32, prefix: i32): i32 {
  let at = pos + 1;
  value = 0;
  while (at - pos < 9) {
    const digit: u32 = <u32>load<u8>(at) - 0x30;
    if (digit > 9) break;
    value = value * 10 + digit;
    at++;
  }
  const digits = at - pos - 1;
  // No zeros in front, no line without a digit.
  const isPlain = digits === 1 || (digits > 1 && digits < 8 && load<u8>(pos + 1) !== 0x30);
  return isPlain && load<u8>(pos) === prefix && load<u16>(at) === LINE_END ? at + 2 : 0;
}
