/** Random members of sorted sets. */
import type { ByteString } from '../../bytes/byte-string.js';
import type { Call, CommandTable } from '../call.js';
import { DoubleReply, PairsReply, type Reply } from '../reply.js';
import type { ZsetObject } from '../values/zset-object.js';
import { drawAny, drawDistinct, randomCountWith } from './random-count.js';
import { rangeReply } from './zset-range.js';

export const ZSET_RANDOM_COMMANDS: CommandTable = {
  ZRANDMEMBER: zrandmember,
};

/** ZRANDMEMBER key [count [WITHSCORES]] */
function zrandmember({ args, db, engine }: Call): Reply {
  const { random } = engine;
  if (args.length === 2) {
    const zset = db.getObject(args[1]!, 'zset');
    return zset === undefined ? null : zset.order().memberAt(Math.floor(random() * zset.size));
  }
  const { count, isWith } = randomCountWith(args, 'WITHSCORES');
  const zset = db.getObject(args[1]!, 'zset');
  if (zset === undefined || count === 0) return [];
  const { size } = zset;
  // The server walks down from the last.
  if (count >= size) return rangeReply(zset.slice(0, size), true, isWith);
  const anyRank = (): number => Math.floor(random() * size);
  const ranks = count < 0 ? drawAny(-count, anyRank) : drawDistinct(size, count, random);
  const members = membersAt(zset, ranks);
  if (!isWith) return members;
  return new PairsReply(members.map((member) => [member, new DoubleReply(zset.score(member)!)]));
}

/** So many ranks are not looked up one by one. */
const MANY = 100;

function membersAt(zset: ZsetObject, ranks: readonly number[]): ByteString[] {
  const order = zset.order();
  if (ranks.length <= MANY) return ranks.map((rank) => order.memberAt(rank));
  const { members } = order.slice(0, order.size);
  return ranks.map((rank) => members[rank]!);
}
