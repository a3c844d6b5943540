/**
 * Positions as scores: 26 bits of latitude and 26 of longitude, interleaved, the longitude in the higher bit of each pair.
 *
 *     longitude −180 … 180, latitude ±85.05112878 (EPSG:3857), each scaled to 0 … 2^26
 *     longitude bits   x25 .   x24 .   …  x0 .
 *     latitude bits    .   y25 .   y24 …  .  y0
 *
 * Worked example: 13.361389 38.115556 (Palermo in the documentation of GEOADD) is 3479099956230698.
 *
 * A cell is what remains of a position at fewer bits per side ("steps"); its scores are one range of a sorted set.
 */

export const STEPS = 26;
export const MAX_LONGITUDE = 180;
export const MAX_LATITUDE = 85.05112878;
/** Of geohashes as text, which cover the poles. */
const POLE_LATITUDE = 90;

const TWO_26 = 2 ** 26;
const TWO_32 = 2 ** 32;

/** A square of the grid with 2^step columns and rows, which count from the southwest. */
export interface Cell {
  readonly step: number;
  readonly column: number;
  readonly row: number;
}

/** Degrees. */
export interface Area {
  readonly minLongitude: number;
  readonly maxLongitude: number;
  readonly minLatitude: number;
  readonly maxLatitude: number;
}

export interface Position {
  readonly longitude: number;
  readonly latitude: number;
}

/** The score of a position, which is in range. At +180 and at the northern edge it has a bit more, and is rounded. */
export function positionScore({ longitude, latitude }: Position): number {
  const { column, row } = cellOf({ longitude, latitude }, STEPS);
  return interleave(column, row);
}

/** The score before it is rounded. */
export function positionBits(position: Position): bigint {
  const { column, row } = cellOf(position, STEPS);
  return BigInt(interleave(column, 0)) + BigInt(interleave(0, row));
}

/** The middle of the cell that a score stands for; scores that are no positions give one too. */
export function scorePosition(score: number): Position {
  const [column, row] = deinterleave(score);
  const { minLongitude, maxLongitude, minLatitude, maxLatitude } = areaOf({ step: STEPS, column, row });
  return {
    longitude: clamp((minLongitude + maxLongitude) / 2, MAX_LONGITUDE),
    latitude: clamp((minLatitude + maxLatitude) / 2, MAX_LATITUDE),
  };
}

/** The cell around a position, with so many bits per side. */
export function cellOf({ longitude, latitude }: Position, step: number, maxLatitude = MAX_LATITUDE): Cell {
  const scale = 2 ** step;
  return {
    step,
    column: Math.trunc(((longitude + MAX_LONGITUDE) / (2 * MAX_LONGITUDE)) * scale),
    row: Math.trunc(((latitude + maxLatitude) / (2 * maxLatitude)) * scale),
  };
}

/** Where the cell lies. */
export function areaOf({ step, column, row }: Cell): Area {
  const scale = 2 ** step;
  // Unsigned 32-bit numbers there, which begin anew after the last.
  const nextColumn = (column + 1) % TWO_32;
  const nextRow = (row + 1) % TWO_32;
  return {
    minLongitude: -MAX_LONGITUDE + (column / scale) * (2 * MAX_LONGITUDE),
    maxLongitude: -MAX_LONGITUDE + (nextColumn / scale) * (2 * MAX_LONGITUDE),
    minLatitude: -MAX_LATITUDE + (row / scale) * (2 * MAX_LATITUDE),
    maxLatitude: -MAX_LATITUDE + (nextRow / scale) * (2 * MAX_LATITUDE),
  };
}

/** The cell so many columns and rows away; the grid wraps at all its edges. */
export function neighbour({ step, column, row }: Cell, columns: number, rows: number): Cell {
  // A column or row beyond the last, of a position on the edge itself, stays where it is not moved along.
  const mask = 2 ** step - 1;
  return {
    step,
    column: columns === 0 ? column : (column + columns) & mask,
    row: rows === 0 ? row : (row + rows) & mask,
  };
}

/** The scores of a cell: from the first up to the second, which is left out. */
export function cellScores({ step, column, row }: Cell): [from: number, to: number] {
  const bits = interleave(column, row);
  const scale = 4 ** (STEPS - step);
  return [bits * scale, (bits + 1) * scale];
}

const ALPHABET = '0123456789bcdefghjkmnpqrstuvwxyz';

/** The eleven characters of a geohash as everybody else has it. There are bits for ten, and the last is always `0`. */
export function geohashText(position: Position): string {
  const { column, row } = cellOf(position, STEPS, POLE_LATITUDE);
  let rest = interleave(column, row);
  let text = '0';
  // 52 bits: two too few for the eleventh character, so that the tenth begins two bits from the end.
  rest = Math.floor(rest / 4);
  for (let at = 0; at < 10; at++) {
    text = ALPHABET[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function clamp(degrees: number, most: number): number {
  return Math.max(-most, Math.min(most, degrees));
}

/** One rounding at the end, which is that of reading the integer's text. */
function interleave(column: number, row: number): number {
  const low = spread(row & 0x1fff) + 2 * spread(column & 0x1fff);
  const high = spread(row >>> 13) + 2 * spread(column >>> 13);
  return high * TWO_26 + low;
}

/** Up to sixteen bits, a zero before each. */
function spread(value: number): number {
  let bits = value;
  bits = (bits | (bits << 8)) & 0x00ff00ff;
  bits = (bits | (bits << 4)) & 0x0f0f0f0f;
  bits = (bits | (bits << 2)) & 0x33333333;
  bits = (bits | (bits << 1)) & 0x55555555;
  return bits >>> 0;
}

function deinterleave(score: number): [column: number, row: number] {
  const [high, low] = unsignedHalves(score);
  const row = gather(high) * 0x10000 + gather(low);
  const column = gather(high >>> 1) * 0x10000 + gather(low >>> 1);
  return [column, row];
}

/** Every second bit, from the lowest. */
function gather(value: number): number {
  let bits = value & 0x55555555;
  bits = (bits | (bits >>> 1)) & 0x33333333;
  bits = (bits | (bits >>> 2)) & 0x0f0f0f0f;
  bits = (bits | (bits >>> 4)) & 0x00ff00ff;
  return (bits | (bits >>> 8)) & 0xffff;
}

/** A double as x86-64 makes an unsigned 64-bit integer of it, in halves. */
function unsignedHalves(score: number): [high: number, low: number] {
  if (score >= 0 && score < 2 ** 64) {
    const whole = Math.floor(score);
    return [Math.floor(whole / TWO_32), whole % TWO_32];
  }
  if (score >= 2 ** 64) return [0, 0];
  if (score < -(2 ** 63)) return [2 ** 31, 0];
  const whole = BigInt.asUintN(64, BigInt(Math.trunc(score)));
  return [Number(whole >> 32n), Number(whole & 0xffffffffn)];
}
