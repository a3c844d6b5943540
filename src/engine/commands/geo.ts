/** Positions in sorted sets: adding them, and what they are. */
import type { ByteString } from '../../bytes/byte-string.js';
import { isOption } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import type { LogArgument } from '../command-log.js';
import { NULL_ARRAY, type Reply, syntaxError } from '../reply.js';
import { isSince } from '../settings.js';
import type { ZsetObject } from '../values/zset-object.js';
import { positionArguments, unitArgument } from './geo-arguments.js';
import { distance } from './geo-distance.js';
import { geohashText, type Position, positionBits, positionScore, scorePosition } from './geo-hash.js';
import { distanceText, positionReply } from './geo-search.js';
import { PUT_OPTIONS, putScores } from './zset.js';

export const GEO_COMMANDS: CommandTable = {
  GEOADD: geoadd,
  GEODIST: geodist,
  GEOHASH: geohash,
  GEOPOS: geopos,
};

/** GEOADD key [NX|XX] [CH] longitude latitude member [longitude latitude member ...] */
function geoadd(call: Call): Reply {
  const { args, engine } = call;
  let options = 0;
  let first = 2;
  for (let option = optionOf(args[first]); option !== 0; option = optionOf(args[++first])) options |= option;
  const { NX, XX } = PUT_OPTIONS;
  if ((args.length - first) % 3 !== 0 || (options & (NX | XX)) === (NX | XX)) throw syntaxError();
  if (args.length === first) throw syntaxError();
  const members: ByteString[] = [];
  const scores: number[] = [];
  const line: LogArgument[] | undefined = call.log === undefined ? undefined : beginLine(call, first);
  for (let at = first; at < args.length; at += 3) {
    const position = positionArguments(args, at, engine.settings.target);
    scores.push(positionScore(position));
    members.push(args[at + 2]!);
    line?.push(positionBits(position), args[at + 2]!);
  }
  if (line !== undefined) call.log?.replace(line);
  return putScores(call, args[1]!, members, scores, options);
}

/** What GEOADD is logged as, up to the first position. */
function beginLine({ engine, args }: Call, first: number): LogArgument[] {
  return [isSince(engine.settings.target, LOGS_UPPER_CASE) ? 'ZADD' : 'zadd', ...args.slice(1, first)];
}

const LOGS_UPPER_CASE = { valkey: '9.1' };

/** GEODIST key member1 member2 [M|KM|FT|MI] */
function geodist({ db, args }: Call): Reply {
  if (args.length > 5) throw syntaxError();
  const unit = args.length === 5 ? unitArgument(args[4]) : 1;
  const zset = db.getObject(args[1]!, 'zset');
  const one = positionOf(zset, args[2]!);
  const other = positionOf(zset, args[3]!);
  if (one === undefined || other === undefined) return null;
  return distanceText(distance(one.longitude, one.latitude, other.longitude, other.latitude) / unit);
}

/** GEOHASH key [member [member ...]] */
function geohash({ db, args }: Call): Reply {
  const zset = db.getObject(args[1]!, 'zset');
  return args.slice(2).map((member) => {
    const position = positionOf(zset, member);
    return position === undefined ? null : geohashText(position);
  });
}

/** GEOPOS key [member [member ...]] */
function geopos(call: Call): Reply {
  const { db, args } = call;
  const zset = db.getObject(args[1]!, 'zset');
  return args.slice(2).map((member) => {
    const position = positionOf(zset, member);
    return position === undefined ? NULL_ARRAY : positionReply(call, position);
  });
}

function positionOf(zset: ZsetObject | undefined, member: ByteString): Position | undefined {
  const score = zset?.score(member);
  return score === undefined ? undefined : scorePosition(score);
}

/** The bit of an option; 0 for what is none, which is where the positions begin. */
function optionOf(text: ByteString | undefined): number {
  if (isOption(text, 'NX')) return PUT_OPTIONS.NX;
  if (isOption(text, 'XX')) return PUT_OPTIONS.XX;
  return isOption(text, 'CH') ? PUT_OPTIONS.CH : 0;
}
