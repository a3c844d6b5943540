/** Databases under other numbers: `0:3,1:4`. Those that are not named keep theirs. */
import { EncodeError } from '../bytes/errors.js';
import { FilterTextError } from '../rdb/filter-text.js';

export type DbPairs = ReadonlyMap<number, number>;

const MAX_DB = 0x7fffffff;

/** Throws FilterTextError. */
export function parseDbMap(text: string): Map<number, number> {
  const pairs = new Map<number, number>();
  for (const part of text.split(/[\s,]+/).filter((one) => one !== '')) {
    const match = /^(\d{1,10}):(\d{1,10})$/.exec(part);
    const [from, to] = [Number(match?.[1] ?? NaN), Number(match?.[2] ?? NaN)];
    if (!(from <= MAX_DB && to <= MAX_DB)) throw new FilterTextError(`'${part}' maps no database: write 0:3,1:4`);
    if (pairs.has(from)) throw new FilterTextError(`database ${from} is mapped twice`);
    pairs.set(from, to);
  }
  if (pairs.size === 0) throw new FilterTextError(`'${text}' maps no database: write 0:3,1:4`);
  return pairs;
}

export class DbMap {
  /** Where the keys of a target database come from. */
  private readonly origins = new Map<number, number>();

  constructor(
    private readonly pairs: DbPairs,
    /** Two databases may become one: what both have is looked after elsewhere. */
    private readonly mayMeet = false,
  ) {}

  get isIdentity(): boolean {
    return [...this.pairs].every(([from, to]) => from === to);
  }

  /** The number that database `db` gets. Throws EncodeError where another one has it: the same key may be in both. */
  map(db: number): number {
    const to = this.pairs.get(db) ?? db;
    const origin = this.origins.get(to);
    if (origin === undefined) this.origins.set(to, db);
    else if (origin !== db && !this.mayMeet)
      throw new EncodeError(`databases ${origin} and ${db} would both become ${to}, and may have keys in common`);
    return to;
  }
}
