/** Commands as people are shown them. */
import { type ByteString, fromByteString } from '../bytes/byte-string.js';
import { formatQuoted } from '../bytes/quote.js';

/** A command as MONITOR and SLOWLOG show it. */
export function shownWords(args: readonly ByteString[]): string {
  return args.map((arg) => formatQuoted(fromByteString(arg))).join(' ');
}
