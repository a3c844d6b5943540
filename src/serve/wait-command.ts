/** What a client that has waited for several keys is to run when one of them has come. */
import type { ByteString } from '../bytes/byte-string.js';
import type { Wait } from '../engine/call.js';
import { isSince } from '../engine/settings.js';
import type { Target } from '../rdb/versions.js';

/** Since then servers run the command again as it was sent; before, they served the one key that had come. */
const RUNS_AGAIN = { redis: '7.2', valkey: '7.2' } as const;

/** Whether the target is a server that runs waiting commands again. */
export function runsAgain(target: Target): boolean {
  return isSince(target, RUNS_AGAIN);
}

/** The command for `key`, one of those that it waits for. */
export function commandFor(
  key: ByteString,
  args: readonly ByteString[],
  wait: Wait,
  target: Target,
): readonly ByteString[] {
  const command = wait.retry ?? args;
  const count = wait.keys.length;
  if (count === 1 || runsAgain(target)) return command;
  const name = command[0]!;
  switch (name.toUpperCase()) {
    case 'BLPOP':
    case 'BRPOP':
    case 'BZPOPMIN':
    case 'BZPOPMAX':
      return [name, key, command.at(-1)!];
    case 'BLMPOP':
    case 'BZMPOP':
      return [name, command[1]!, '1', key, ...command.slice(3 + count)];
    case 'XREAD':
    case 'XREADGROUP': {
      const id = command[command.length - count + wait.keys.indexOf(key)]!;
      return [...command.slice(0, command.length - 2 * count), key, id];
    }
    default:
      return command;
  }
}

/** XREADGROUP waits for its group as well: that is told when the group goes, with its stream or without. */
export function isGroupRead(args: readonly ByteString[]): boolean {
  return args[0]!.length === GROUP_READ.length && args[0]!.toUpperCase() === GROUP_READ;
}

const GROUP_READ = 'XREADGROUP';
