/** Random fields of hashes. */
import type { ByteString } from '../../bytes/byte-string.js';
import type { Call, CommandTable } from '../call.js';
import { PairsReply, type Reply } from '../reply.js';
import type { HashObject } from '../values/hash-object.js';
import { hashAt } from './hash.js';
import { drawAny, drawDistinct, randomCountWith } from './random-count.js';

export const HASH_RANDOM_COMMANDS: CommandTable = {
  HRANDFIELD: hrandfield,
};

/** HRANDFIELD key [count [WITHVALUES]] */
function hrandfield(call: Call): Reply {
  const { args, engine } = call;
  if (args.length === 2) {
    const hash = hashAt(call, args[1]!);
    return hash === undefined ? null : anyField(hash, engine.random);
  }
  const { count, isWith } = randomCountWith(args, 'WITHVALUES');
  const hash = hashAt(call, args[1]!);
  if (hash === undefined || count === 0) return [];
  const fields = fieldsOf(hash, count, engine.random);
  return isWith ? new PairsReply(fields.map((field) => [field, hash.get(field)!])) : fields;
}

/** All in their order where so many are wanted; of a negative count, the same may come again. */
function fieldsOf(hash: HashObject, count: number, random: () => number): ByteString[] {
  if (count < 0) return drawAny(-count, () => anyField(hash, random));
  if (count >= hash.size) return [...hash.names()];
  return drawDistinct(hash.size, count, random).map((at) => hash.nameAt(at));
}

function anyField(hash: HashObject, random: () => number): ByteString {
  return hash.nameAt(Math.floor(random() * hash.size));
}
