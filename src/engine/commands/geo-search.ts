/** Searches around a position, whose results are answered or stored. */
import { toNumber } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { DoubleReply, type Reply } from '../reply.js';
import { isSince } from '../settings.js';
import { ZsetObject } from '../values/zset-object.js';
import { parseSearch, type Search, type SearchForm } from './geo-arguments.js';
import { type Cell, cellScores, type Position, scorePosition } from './geo-hash.js';
import { type Found, sortFound } from './geo-nearest.js';
import { distanceInside, searchedCells } from './geo-shape.js';
import { storeZset } from './zset-range.js';

export const GEO_SEARCH_COMMANDS: CommandTable = {
  GEORADIUS: (call) => search(call, 1, { kind: 'radius', canStore: true }),
  GEORADIUSBYMEMBER: (call) => search(call, 1, { kind: 'member', canStore: true }),
  GEORADIUSBYMEMBER_RO: (call) => search(call, 1, { kind: 'member', canStore: false }),
  GEORADIUS_RO: (call) => search(call, 1, { kind: 'radius', canStore: false }),
  GEOSEARCH: (call) => search(call, 1, { kind: 'search', canStore: false }),
  GEOSEARCHSTORE: (call) => search(call, 2, { kind: 'store', canStore: false }),
};

/**
 * GEOSEARCH key FROMMEMBER member|FROMLONLAT lon lat BYRADIUS radius unit|BYBOX width height unit|BYPOLYGON n lon lat …
 * [ASC|DESC] [COUNT count [ANY]] [WITHCOORD] [WITHDIST] [WITHHASH]; GEOSEARCHSTORE dst src … [STOREDIST];
 * GEORADIUS key lon lat radius unit …, GEORADIUSBYMEMBER key member radius unit …, both with [STORE key|STOREDIST key]
 */
function search(call: Call, keyAt: number, form: SearchForm): Reply {
  const zset = call.db.getObject(call.args[keyAt]!, 'zset');
  const wanted = parseSearch(call, form, zset);
  const found = zset === undefined ? [] : nearest(zset, wanted);
  if (wanted.storeKey === undefined) return found.map((item) => foundReply(call, item, wanted));
  const scores = new Map<string, number>();
  for (const { member, score, metres } of found)
    scores.set(member, wanted.storesDistance ? metres / wanted.shape.unit : score);
  const event = form.kind === 'store' ? 'geosearchstore' : 'georadiusstore';
  return storeZset(call, wanted.storeKey, ZsetObject.ofResult(scores, call.engine.settings), event, found.length);
}

function nearest(zset: ZsetObject, { centre, shape, sort, count, isAny }: Search): Found[] {
  const found: Found[] = [];
  const limit = isAny ? count : Infinity;
  let last: Cell | undefined;
  for (const [at, cell] of searchedCells(shape, centre).entries()) {
    if (cell === undefined) continue;
    // A grid so coarse that it wraps has the same cell on both sides; what follows the first is not compared with it.
    if (last !== undefined && cell.column === last.column && cell.row === last.row) continue;
    if (found.length >= limit) break;
    addInside(zset, cell, { centre, shape }, limit, found);
    if (at > 0) last = cell;
  }
  const kept = count === 0 ? found.length : Math.min(count, found.length);
  // Some of them are the nearest, unless any will do.
  const order = sort ?? (count > 0 && !isAny ? 'asc' : undefined);
  if (order !== undefined && found.length > 0) sortFound(found, order === 'desc', kept);
  found.length = kept;
  return found;
}

function addInside(
  zset: ZsetObject,
  cell: Cell,
  { centre, shape }: Pick<Search, 'centre' | 'shape'>,
  limit: number,
  found: Found[],
): void {
  const order = zset.order();
  const [from, to] = cellScores(cell);
  const { members, scores } = order.slice(order.countBelowScore(from, false), order.countBelowScore(to, false));
  for (let at = 0; at < members.length && found.length < limit; at++) {
    const position = scorePosition(scores[at]!);
    const metres = distanceInside(shape, centre, position);
    if (metres !== undefined) found.push({ member: members[at]!, score: scores[at]!, metres, ...position });
  }
}

function foundReply(call: Call, item: Found, wanted: Search): Reply {
  const { withDistance, withHash, withPosition, shape } = wanted;
  if (!withDistance && !withHash && !withPosition) return item.member;
  const parts: Reply[] = [item.member];
  if (withDistance) parts.push(distanceText(item.metres / shape.unit));
  if (withHash) parts.push(hashReply(item.score));
  if (withPosition) parts.push(positionReply(call, item));
  return parts;
}

/** As C converts a double; what an integer of 64 bits cannot hold is the least there is. */
function hashReply(score: number): Reply {
  if (!(Math.abs(score) < 2 ** 63)) return -(2n ** 63n);
  return toNumber(BigInt(Math.trunc(score)));
}

/** Redis 8.0 and later say doubles as usual, all others with seventeen places, of which zeros at the end are left out. */
export function positionReply({ engine }: Call, { longitude, latitude }: Position): Reply {
  if (isSince(engine.settings.target, { redis: '8.0' })) return [new DoubleReply(longitude), new DoubleReply(latitude)];
  return [longitude, latitude].map((degrees) => new DoubleReply(degrees, seventeenPlaces(degrees)));
}

/** Four places, the last rounded to even as the product with 10,000 says. */
export function distanceText(value: number): string {
  const scaled = value * 10000;
  if (Number.isNaN(scaled)) return '-922337203685477.5808';
  const below = Math.floor(scaled);
  const isUp = scaled - below > 0.5 || (scaled - below === 0.5 && below % 2 !== 0);
  const digits = String(BigInt(isUp ? below + 1 : below)).padStart(5, '0');
  return `${digits.slice(0, -4)}.${digits.slice(-4)}`;
}

function seventeenPlaces(value: number): string {
  const text = value.toFixed(17).replace(/\.?0+$/, '');
  return text === '-0' ? '0' : text;
}
