/** How many elements to ask for at once: few of large ones, many of small ones. */
import type { Reply } from '../target/reply-parser.js';
import { listOf } from './reply-values.js';

const FIRST_COUNT = 16;
const MAX_COUNT = 10_000;
/** Of one page, as far as can be told by the last one. */
const PAGE_BYTES = 1024 * 1024;

export class Pager {
  count = FIRST_COUNT;

  /** A page has come. */
  got(page: readonly Reply[]): void {
    const bytes = page.reduce<number>((sum, reply) => sum + sizeOf(reply), 0);
    if (bytes < PAGE_BYTES / 2) this.count = Math.min(MAX_COUNT, this.count * 2);
    else if (bytes > 2 * PAGE_BYTES) this.count = Math.max(1, this.count >> 1);
  }
}

function sizeOf(reply: Reply): number {
  if (reply instanceof Uint8Array) return reply.length;
  return Array.isArray(reply) ? listOf(reply).reduce<number>((sum, one) => sum + sizeOf(one), 0) : 8;
}
