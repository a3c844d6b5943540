/** Commands about one key of the target, one after the other. */
import { Slice } from '../../bytes/slice.js';
import type { CommandArgument } from '../../codecs/resp.js';
import type { Endpoint } from '../target/endpoint.js';
import { ErrorReply, type Reply } from '../target/reply-parser.js';
import type { TargetLinks } from './links.js';

/** Where the key is. */
export interface LivePlace {
  readonly links: TargetLinks;
  readonly db: number;
  readonly endpointOf: () => Endpoint;
  readonly key: Uint8Array;
}

/** The target answers with an error: it does not know the command, does not allow it, or has another type there by now. */
export class Refused extends Error {}

/** One command about the key of a place, which stands behind its words. Throws {@link Refused}, TargetError. */
export async function askOfKey(
  { links, db, endpointOf, key }: LivePlace,
  words: string | readonly string[],
  ...args: readonly CommandArgument[]
): Promise<Reply> {
  const command = typeof words === 'string' ? [words] : words;
  const reply = await links.one(db, endpointOf, ...command, key, ...args);
  if (reply instanceof ErrorReply) throw new Refused(reply.text);
  return reply;
}

const slices = [new Slice(), new Slice()] as const;
const utf8 = new TextEncoder();

/** The bytes of a reply as a slice, one of two. */
export function sliceOf(which: 0 | 1, reply: Reply | undefined): Slice {
  const slice = slices[which];
  const bytes = reply instanceof Uint8Array ? reply : utf8.encode(reply === undefined ? '' : String(reply));
  slice.set(bytes, 0, bytes.length);
  return slice;
}
