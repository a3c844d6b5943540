/**
 * The sparse form of a HyperLogLog: runs of registers that have one value.
 *
 *     00xxxxxx            ZERO    x + 1 registers of 0, up to 64
 *     01xxxxxx yyyyyyyy   XZERO   xy + 1 registers of 0, up to 16384
 *     1vvvvvxx            VAL     x + 1 registers of v + 1, up to 4 of up to 32
 */

export const SPARSE_MAX_VALUE = 32;
const REGISTERS = 16384;
const MAX_ZERO = 64;
const MAX_VALUE_RUN = 4;
const VALUE_FLAG = 0x80;
const XZERO_FLAG = 0x40;
/** Runs that are looked at for some to join, from the one before the change on. */
const JOINED = 5;

export function xzeroRun(length: number): [number, number] {
  return [((length - 1) >> 8) | XZERO_FLAG, (length - 1) & 0xff];
}

/** Calls `visit` for the runs of values that are not zero; false where the runs are not exactly all registers. */
export function visitRuns(
  bytes: Uint8Array,
  start: number,
  visit: (from: number, to: number, value: number) => void,
): boolean {
  let index = 0;
  for (let pos = start; pos < bytes.length; pos += runSize(bytes, pos)) {
    const length = runLength(bytes, pos);
    if (isValue(bytes[pos]!)) {
      if (index + length > REGISTERS) return false;
      visit(index, index + length, runValue(bytes[pos]!));
    }
    index += length;
  }
  return index === REGISTERS;
}

/** As PFDEBUG DECODE answers: `Z:12711 v:2,1 Z:3672`. */
export function formatRuns(bytes: Uint8Array, start: number): string {
  const runs: string[] = [];
  for (let pos = start; pos < bytes.length; pos += runSize(bytes, pos)) {
    const opcode = bytes[pos]!;
    const length = runLength(bytes, pos);
    if (isValue(opcode)) runs.push(`v:${runValue(opcode)},${length}`);
    else runs.push(`${isXzero(opcode) ? 'Z' : 'z'}:${length}`);
  }
  return runs.join(' ');
}

/** Where a register's run is. */
interface Place {
  readonly pos: number;
  /** Of the run before; −1 for none. */
  readonly before: number;
  /** The first register of the run. */
  readonly first: number;
}

/**
 * Raises a register, `value` at most {@link SPARSE_MAX_VALUE}: the bytes as they are then, which may be the same array.
 * False where it is that high already, undefined where no run has it, `full` where the string would exceed `maxBytes`.
 */
export function setSparse(
  bytes: Uint8Array,
  start: number,
  index: number,
  value: number,
  maxBytes: number,
): Uint8Array | false | 'full' | undefined {
  const place = findRun(bytes, start, index);
  if (place === undefined) return undefined;
  const { pos, before, first } = place;
  const opcode = bytes[pos]!;
  const length = runLength(bytes, pos);
  const old = isValue(opcode) ? runValue(opcode) : 0;
  if (old >= value) return false;
  let changed = bytes;
  if (length === 1 && !isXzero(opcode)) {
    bytes[pos] = valueRun(value, 1);
  } else {
    const runs = [...run(old, index - first), valueRun(value, 1), ...run(old, first + length - 1 - index)];
    const grown = runs.length - runSize(bytes, pos);
    if (grown > 0 && bytes.length + grown > maxBytes) return 'full';
    changed = spliced(bytes, pos, runSize(bytes, pos), runs);
  }
  return joined(changed, before < 0 ? start : before);
}

function findRun(bytes: Uint8Array, start: number, index: number): Place | undefined {
  let before = -1;
  let first = 0;
  let pos = start;
  while (pos < bytes.length) {
    const length = runLength(bytes, pos);
    // A run of which half is missing cannot be taken apart.
    if (index < first + length) return pos + runSize(bytes, pos) > bytes.length ? undefined : { pos, before, first };
    first += length;
    before = pos;
    pos += runSize(bytes, pos);
  }
  return undefined;
}

/** Joins values that are alike and follow each other, as far as the server looks for them. */
function joined(bytes: Uint8Array, from: number): Uint8Array {
  let end = bytes.length;
  let pos = from;
  for (let left = JOINED; left > 0 && pos < end; left--) {
    const opcode = bytes[pos]!;
    const next = pos + 1 < end ? bytes[pos + 1]! : 0;
    const isPair = isValue(opcode) && isValue(next) && runValue(opcode) === runValue(next);
    const length = isPair ? valueLength(opcode) + valueLength(next) : 0;
    if (!isPair || length > MAX_VALUE_RUN) {
      pos += runSize(bytes, pos);
      continue;
    }
    bytes[pos + 1] = valueRun(runValue(opcode), length);
    bytes.copyWithin(pos, pos + 1, end);
    end--;
  }
  return end === bytes.length ? bytes : bytes.slice(0, end);
}

function spliced(bytes: Uint8Array, pos: number, removed: number, added: readonly number[]): Uint8Array {
  const out = added.length === removed ? bytes : new Uint8Array(bytes.length - removed + added.length);
  if (out !== bytes) {
    out.set(bytes.subarray(0, pos));
    out.set(bytes.subarray(pos + removed), pos + added.length);
  }
  out.set(added, pos);
  return out;
}

/** `length` registers, which may be none, of a value that fits one run. */
function run(value: number, length: number): number[] {
  if (length === 0) return [];
  if (value > 0) return [valueRun(value, length)];
  return length > MAX_ZERO ? xzeroRun(length) : [length - 1];
}

function valueRun(value: number, length: number): number {
  return ((value - 1) << 2) | (length - 1) | VALUE_FLAG;
}

function isValue(opcode: number): boolean {
  return (opcode & VALUE_FLAG) !== 0;
}

function isXzero(opcode: number): boolean {
  return (opcode & (VALUE_FLAG | XZERO_FLAG)) === XZERO_FLAG;
}

function runSize(bytes: Uint8Array, pos: number): number {
  return isXzero(bytes[pos]!) ? 2 : 1;
}

function runLength(bytes: Uint8Array, pos: number): number {
  const opcode = bytes[pos]!;
  if (isValue(opcode)) return valueLength(opcode);
  return isXzero(opcode) ? (((opcode & 0x3f) << 8) | (bytes[pos + 1] ?? 0)) + 1 : (opcode & 0x3f) + 1;
}

function runValue(opcode: number): number {
  return ((opcode >> 2) & 0x1f) + 1;
}

function valueLength(opcode: number): number {
  return (opcode & 3) + 1;
}
