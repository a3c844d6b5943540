/** How many random members are asked for, and the drawing of them: HRANDFIELD, SRANDMEMBER and ZRANDMEMBER alike. */
import type { ByteString } from '../../bytes/byte-string.js';
import { integerArgument, isOption } from '../arguments.js';
import { CommandError, syntaxError } from '../reply.js';

const MOST = 2n ** 63n - 1n;
/** No array is longer. */
const MOST_DRAWN = 2 ** 32 - 1;

/** From `args[2]`: negative where the same may come again. */
export function randomCount(args: readonly ByteString[]): number | bigint {
  const count = integerArgument(args[2]);
  if (count < -MOST) throw new CommandError(`ERR value is out of range, value must between -${MOST} and ${MOST}`);
  return count;
}

/** The same, with the option that asks for what belongs to the members, which doubles the reply. */
export function randomCountWith(
  args: readonly ByteString[],
  option: 'WITHVALUES' | 'WITHSCORES',
): { readonly count: number; readonly isWith: boolean } {
  const count = randomCount(args);
  if (args.length > 4 || (args.length === 4 && !isOption(args[3], option))) throw syntaxError();
  const isWith = args.length === 4;
  if (isWith && (count < -MOST / 2n || count > MOST / 2n)) throw new CommandError('ERR value is out of range');
  return { count: Number(count), isWith };
}

/** So many, the same perhaps again and again. A server would go on until its memory ends. */
export function drawAny<T>(count: number, draw: () => T): T[] {
  if (count > MOST_DRAWN) throw new CommandError('ERR value is out of range');
  return Array.from({ length: count }, draw);
}

/** Different numbers below `size`: the beginning of a shuffle of all of them, of which only those that have moved are held. */
export function drawDistinct(size: number, count: number, random: () => number): number[] {
  const moved = new Map<number, number>();
  const drawn: number[] = [];
  for (let at = 0; at < count; at++) {
    const from = at + Math.floor(random() * (size - at));
    drawn.push(moved.get(from) ?? from);
    moved.set(from, moved.get(at) ?? at);
  }
  return drawn;
}
