/** What a client may be called. */
import type { ByteString } from '../../bytes/byte-string.js';
import { CommandError } from '../../engine/reply.js';

/** Throws CommandError. Names stand in the lines of CLIENT LIST, between blanks. */
export function checkClientName(name: ByteString): void {
  if (!isWord(name)) throw new CommandError('ERR Client names cannot contain spaces, newlines or special characters.');
}

/** Of characters that are seen, and of ASCII. */
export function isWord(text: ByteString): boolean {
  return /^[!-~]*$/.test(text);
}
