/** A value of the target read piece by piece, so that no more than a page of it is held, whatever its size. */
import { Int64 } from '../../bytes/int64.js';
import type { Reply } from '../target/reply-parser.js';
import { KeySet } from './key-set.js';
import { askOfKey, type LivePlace, Refused, sliceOf } from './live-place.js';
import { readLiveEntries, readLiveState } from './live-stream.js';
import { Pager } from './pager.js';
import { listOf, numberOf, textOf } from './reply-values.js';
import type { ValueFacts } from './value-facts.js';

/** Pieces of a string. */
const PIECE_BYTES = 4 * 1024 * 1024;
/** Replies of HPEXPIRETIME below 0: no such field, and no expiry. */
const NO_SUCH_FIELD = -2;

/**
 * Fills `facts`, which have been begun with the type that is expected. False where the target does not let us, or where the
 * type has no commands for it. `isStateOnly`: the elements are known to be right, and may be left out.
 *
 * @throws TargetError
 */
export async function readLiveValue(place: LivePlace, facts: ValueFacts, isStateOnly: boolean): Promise<boolean> {
  try {
    switch (facts.type) {
      case 'string':
        await readString(place, facts);
        return true;
      case 'list':
        await readPages(place, 'LRANGE', [], 1, ([item]) => facts.listItem(sliceOf(0, item)));
        return true;
      case 'zset':
        await readPages(place, 'ZRANGE', ['WITHSCORES'], 2, ([member, score]) =>
          facts.zsetMember(sliceOf(0, member), numberOf(score)),
        );
        return true;
      case 'set':
        await readScan(place, 'SSCAN', 1, async (page) => {
          for (const [member] of page) facts.setMember(sliceOf(0, member));
        });
        return true;
      case 'hash':
        await readHash(place, facts);
        return true;
      case 'stream':
        if (!isStateOnly) await readLiveEntries(place, facts);
        return await readLiveState(place, facts);
      default:
        return false;
    }
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

async function readString(place: LivePlace, facts: ValueFacts): Promise<void> {
  for (let start = 0; ; start += PIECE_BYTES) {
    const piece = await askOfKey(place, 'GETRANGE', start, start + PIECE_BYTES - 1);
    if (!(piece instanceof Uint8Array) || piece.length === 0) return;
    facts.string(sliceOf(0, piece));
    if (piece.length < PIECE_BYTES) return;
  }
}

/** By index, `perElement` replies for each. */
async function readPages(
  place: LivePlace,
  command: string,
  more: readonly string[],
  perElement: number,
  take: (element: readonly Reply[]) => void,
): Promise<void> {
  const pager = new Pager();
  for (let start = 0; ; ) {
    const { count } = pager;
    const page = listOf(await askOfKey(place, command, start, start + count - 1, ...more));
    for (let at = 0; at < page.length; at += perElement) take(page.slice(at, at + perElement));
    if (page.length < count * perElement) return;
    start += count;
    pager.got(page);
  }
}

/** By cursor. An element may come more than once: it is taken once, unless there are more than a set holds. */
async function readScan(
  place: LivePlace,
  command: string,
  perElement: number,
  take: (page: Reply[][]) => Promise<void>,
): Promise<void> {
  const pager = new Pager();
  const seen = new KeySet();
  let cursor = '0';
  do {
    const [next, found] = listOf(await askOfKey(place, command, cursor, 'COUNT', pager.count));
    const flat = listOf(found);
    const page: Reply[][] = [];
    for (let at = 0; at < flat.length; at += perElement) {
      const name = sliceOf(0, flat[at]);
      if (seen.add(0, name.bytes, name.start, name.end)) page.push(flat.slice(at, at + perElement));
    }
    await take(page);
    pager.got(flat);
    cursor = textOf(next);
  } while (cursor !== '0' && cursor !== '');
}

async function readHash(place: LivePlace, facts: ValueFacts): Promise<void> {
  let hasExpiries = true;
  const expireAt = new Int64();
  await readScan(place, 'HSCAN', 2, async (page) => {
    if (page.length === 0) return;
    const names = page.map(([name]) => name as Uint8Array);
    const times = hasExpiries ? await askFieldExpiries(place, names) : undefined;
    hasExpiries = times !== undefined;
    page.forEach(([name, value], index) => {
      const time = numberOf(times?.[index] ?? -1);
      // It has expired in between.
      if (time === NO_SUCH_FIELD) return;
      expireAt.set(Math.floor(time / 0x100000000), time | 0);
      facts.hashField(sliceOf(0, name), sliceOf(1, value), time >= 0 ? expireAt : undefined);
    });
  });
}

/** Unix ms, −1 without; undefined where fields have none on this server. */
async function askFieldExpiries(place: LivePlace, names: readonly Uint8Array[]): Promise<readonly Reply[] | undefined> {
  try {
    const reply = listOf(await askOfKey(place, 'HPEXPIRETIME', 'FIELDS', names.length, ...names));
    return reply.length === names.length ? reply : undefined;
  } catch (error) {
    if (error instanceof Refused && /unknown command/i.test(error.message)) return undefined;
    throw error;
  }
}
