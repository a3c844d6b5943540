/** What a server says of commands that it does not have. */
import type { ByteString } from '../bytes/byte-string.js';
import { CommandError } from './reply.js';

/** Of a name, of one argument, and of all of them together. */
const SHOWN = 128;

export function unknownCommand(args: readonly ByteString[]): CommandError {
  let shown = '';
  for (let at = 1; at < args.length && shown.length < SHOWN; at++)
    shown += `'${shownWord(args[at]!, SHOWN - shown.length)}' `;
  return new CommandError(`ERR unknown command '${shownWord(args[0]!, SHOWN)}', with args beginning with: ${shown}`);
}

/** To the server it is a string of C. */
function shownWord(word: ByteString, most: number): ByteString {
  const end = word.indexOf('\0');
  return word.slice(0, end < 0 ? most : Math.min(end, most));
}

export function unknownSubcommand(args: readonly ByteString[]): CommandError {
  return new CommandError(
    `ERR unknown subcommand '${shownWord(args[1]!, SHOWN)}'. Try ${args[0]!.toUpperCase()} HELP.`,
  );
}
