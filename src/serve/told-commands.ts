/** What others are told of a command: whether MONITOR shows it, and without the passwords in it, as in SLOWLOG. */
import type { CommandSpec } from '../aof/command-table.js';
import type { ByteString } from '../bytes/byte-string.js';
import { isOption } from '../engine/arguments.js';
import { flagsOf } from './commands/command-facts.js';

const HIDDEN = '(redacted)';
const SECRET_SETTINGS: ReadonlySet<string> = new Set([
  'requirepass',
  'masterauth',
  'masteruser',
  'tls-key-file-pass',
  'tls-client-key-file-pass',
]);

/** Commands of administrators are shown to nobody (those flagged `skip_monitor` are scripts, which servers show in their own way). To be asked of commands that are run, not of those that are refused. */
export function isMonitored(spec: CommandSpec): boolean {
  return !flagsOf(spec).has('admin');
}

/** EXEC is not kept: what it runs is. */
export function isTimed(spec: CommandSpec): boolean {
  return !flagsOf(spec).has('skip_slowlog');
}

/** The arguments, with what is secret hidden; the same array where nothing is. */
export function withoutSecrets(args: readonly ByteString[]): readonly ByteString[] {
  switch (args[0]!.toUpperCase()) {
    case 'AUTH':
      return args.map((arg, at) => (at > 0 ? HIDDEN : arg));
    case 'HELLO':
      return hidingBehind(args, 'AUTH', 2);
    case 'MIGRATE':
      return hidingBehind(hidingBehind(args, 'AUTH', 1), 'AUTH2', 2);
    case 'ACL':
      return isOption(args[1], 'SETUSER') ? args.map((arg, at) => (at > 1 ? HIDDEN : arg)) : args;
    case 'CONFIG':
      return isOption(args[1], 'SET') ? args.map((arg, at) => (isSecretValue(args, at) ? HIDDEN : arg)) : args;
    default:
      return args;
  }
}

function hidingBehind(args: readonly ByteString[], option: string, count: number): readonly ByteString[] {
  const found = args.findIndex((arg, at) => at > 0 && isOption(arg, option));
  return found < 0 ? args : args.map((arg, at) => (at > found && at <= found + count ? HIDDEN : arg));
}

/** CONFIG SET name value [name value ...] */
function isSecretValue(args: readonly ByteString[], at: number): boolean {
  return at > 2 && at % 2 === 1 && SECRET_SETTINGS.has(args[at - 1]!.toLowerCase());
}
