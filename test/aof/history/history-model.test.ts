/** The history of a key against a model that carries every key's whole past along. */
import { describe, expect, it } from 'vitest';
import { joined, logged } from '../../support/aof-files.js';
import { told } from '../../support/history-told.js';
import { memoryLog } from '../../support/memory-log.js';
import { random } from '../../support/random.js';

/** Every key with the offsets of all that made it what it is. */
class Model {
  private readonly pasts = new Map<string, Set<number>>();
  private readonly touched = new Set<number>();
  private db = 0;

  constructor(private readonly key: string) {}

  apply(words: readonly string[], offset: number): void {
    const [name, a = '', b = '', , to] = words;
    const at = (key: string, db = this.db): string => `${db} ${key}`;
    if (name === 'SELECT') this.db = Number(a);
    else if (name === 'SET') this.touch(at(a), offset);
    else if (name === 'DEL') this.gone(at(a), offset);
    else if (name === 'RENAME') this.link(at(a), at(b), offset, true);
    else if (name === 'COPY') this.link(at(a), at(b, Number(to ?? this.db)), offset, false);
    else if (name === 'MOVE') this.link(at(a), at(a, Number(b)), offset, true);
    else if (name === 'FLUSHALL') this.pasts.clear();
    else if (name === 'SWAPDB') this.swap(a, b);
  }

  /** Flushes and swaps left out: whether they are told depends on whether keys exist. */
  get history(): number[] {
    return [...this.touched].sort((a, b) => a - b);
  }

  private touch(place: string, offset: number): void {
    const past = this.pasts.get(place) ?? new Set();
    past.add(offset);
    this.pasts.set(place, past);
    if (place.endsWith(` ${this.key}`)) this.touched.add(offset);
  }

  private gone(place: string, offset: number): void {
    this.touch(place, offset);
    this.pasts.delete(place);
  }

  private link(source: string, target: string, offset: number, isMove: boolean): void {
    if (source === target) {
      this.touch(source, offset);
      return;
    }
    const past = new Set(this.pasts.get(source));
    if (source.endsWith(` ${this.key}`)) this.touched.add(offset);
    if (isMove) this.pasts.delete(source);
    else this.touch(source, offset);
    this.pasts.set(target, past.add(offset));
    if (target.endsWith(` ${this.key}`)) for (const one of past) this.touched.add(one);
  }

  private swap(left: string, right: string): void {
    if (left === right) return;
    const old = [...this.pasts];
    for (const [place] of old)
      if (/^(\d+)/.exec(place)![1] === left || /^(\d+)/.exec(place)![1] === right) this.pasts.delete(place);
    for (const [place, past] of old) {
      const [db = '', key = ''] = place.split(' ');
      const other = db === left ? right : db === right ? left : undefined;
      if (other === undefined) continue;
      this.pasts.set(`${other} ${key}`, past);
      if (key === this.key) for (const one of past) this.touched.add(one);
    }
  }
}

describe('against a model', () => {
  it.each(Array.from({ length: 150 }, (_, seed) => seed))('seed %i', async (seed) => {
    const next = random(seed * 7919 + 1);
    const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)]!;
    const keys = ['k', 'a', 'b', 'c', 'd', 'e'].slice(0, 2 + Math.floor(next() * 5));
    const dbs = ['0', '1', '2'].slice(0, 1 + Math.floor(next() * 3));
    const kinds = [
      'SET',
      'SET',
      'SET',
      'DEL',
      'RENAME',
      'RENAME',
      'COPY',
      'COPY',
      'MOVE',
      'SELECT',
      'SWAPDB',
      'FLUSHALL',
    ];
    const model = new Model('k');
    const parts: Uint8Array[] = [];
    let offset = 0;
    for (let count = 0; count < 120; count++) {
      const words = wordsOf(
        pick(kinds),
        () => pick(keys),
        () => pick(dbs),
      );
      if (words[0] === 'FLUSHALL' && next() < 0.7) continue;
      const bytes = logged(...words);
      model.apply(words, offset);
      offset += bytes.length;
      parts.push(bytes);
    }
    for (const maxLinks of [1 << 20, 3, 1]) {
      const { events } = await told(memoryLog([joined(...parts)]), 'k', { maxLinks });
      const offsets = events.flatMap((event) => {
        if (event.kind === 'base') return [];
        const isTold = event.effects.some(({ kind }) => kind !== 'flushed' && kind !== 'swapped');
        return isTold ? [event.command.place.offset] : [];
      });
      expect(offsets).toEqual(model.history);
    }
  });
});

function wordsOf(kind: string, key: () => string, db: () => string): string[] {
  if (kind === 'SELECT') return [kind, db()];
  if (kind === 'SWAPDB') return [kind, db(), db()];
  if (kind === 'FLUSHALL') return [kind];
  if (kind === 'DEL') return [kind, key()];
  if (kind === 'SET') return [kind, key(), 'v'];
  if (kind === 'MOVE') return [kind, key(), db()];
  return kind === 'COPY' ? [kind, key(), key(), 'DB', db()] : [kind, key(), key()];
}
