/** What the writers of packed values share: the cap on a packed structure, and the target's own forms of it. */
import { EncodeError } from '../../bytes/errors.js';
import { borrowListpack } from '../../codecs/listpack.js';
import { encodeZiplist } from '../../codecs/ziplist.js';
import type { ValueOutput } from '../value-output.js';

/** Servers neither build nor grow a packed structure beyond this (LISTPACK_MAX_SAFETY_LIMIT). */
export const MAX_PACKED_BYTES = 2 ** 30;

/** One string that is a listpack of `entries`. Throws EncodeError where it would take more than 1 GiB. */
export function writeListpack(to: ValueOutput, entries: readonly Uint8Array[]): void {
  checkPackedSize(entries, 'listpack');
  const { bytes, start, end } = borrowListpack(entries, { boundaryBacklen: to.target.boundaryBacklen });
  to.string(bytes, start, end);
}

/** One string that is a ziplist of `entries`. Throws EncodeError where it would take more than 1 GiB. */
export function writeZiplist(to: ValueOutput, entries: readonly Uint8Array[]): void {
  checkPackedSize(entries, 'ziplist');
  to.string(encodeZiplist(entries, { smallIntegers: to.target.smallZiplistIntegers }));
}

/** Throws EncodeError where these strings alone are too much for one packed structure. */
export function checkPackedSize(entries: readonly Uint8Array[], structure: string): void {
  let size = 0;
  for (const entry of entries) size += entry.length;
  if (size > MAX_PACKED_BYTES) throw new EncodeError(`${size} bytes are too many for one ${structure}`);
}

/** The error for a type byte that holds no value of this kind. */
export function wrongType(what: string, rdbType: number): EncodeError {
  return new EncodeError(`type ${rdbType} holds no ${what}`);
}
