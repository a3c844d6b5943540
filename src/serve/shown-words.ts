/** Commands as people are shown them. */
import type { CommandSpec } from '../aof/command-table.js';
import { type ByteString, fromByteString } from '../bytes/byte-string.js';
import { formatQuoted } from '../bytes/quote.js';

/** A command as MONITOR and SLOWLOG show it. */
export function shownWords(args: readonly ByteString[]): string {
  return args.map((arg) => formatQuoted(fromByteString(arg))).join(' ');
}

/** The name of a command in statistics and lists: small letters, `client|list`. */
export function shownName({ name }: CommandSpec): string {
  let shown = names.get(name);
  if (shown === undefined) {
    shown = name.toLowerCase().replace(' ', '|');
    names.set(name, shown);
  }
  return shown;
}

const names = new Map<string, string>();
