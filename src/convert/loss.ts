/**
 * What a conversion cannot carry over, as data: the kinds, one entry per place, and counts (rdb-format.md §12).
 *
 * A loss is something that a server would have kept. What is left out without being missed, such as a hint for the size
 * of a table, is counted as omitted; a value in another form that says the same is a change.
 */
import { EncodeError } from '../bytes/errors.js';
import { formatQuoted } from '../bytes/quote.js';

/** How much is lost: a part of a key, the whole key, or a record that is no key. */
export type LossScope = 'part' | 'key' | 'record';

export interface LossFact {
  readonly scope: LossScope;
  /** For people, in the plural. */
  readonly text: string;
}

export const LOSSES = {
  'field-expiry': { scope: 'part', text: 'expiries of hash fields' },
  'member-expiry': { scope: 'part', text: 'expiries of set members and hash fields of KeyDB' },
  'expiry-fraction': { scope: 'part', text: 'milliseconds of expiries, which were rounded up to seconds' },
  'expiry-range': { scope: 'part', text: 'expiries past January 2038' },
  'key-meta': { scope: 'part', text: 'key metadata' },
  'stream-nacks': { scope: 'part', text: 'NACKed stream entries' },
  'stream-idempotency': { scope: 'part', text: 'idempotent producers of streams' },
  'stream-activity': { scope: 'part', text: 'last activity of stream consumers' },
  'stream-counters': { scope: 'part', text: 'counters of streams and their groups' },
  stream: { scope: 'key', text: 'streams' },
  array: { scope: 'key', text: 'arrays' },
  'path-hash': { scope: 'key', text: 'path hashes' },
  'cron-job': { scope: 'key', text: 'cron jobs of KeyDB' },
  module: { scope: 'key', text: 'module values' },
  'vector-set': { scope: 'key', text: 'vector sets' },
  value: { scope: 'key', text: 'values without a form that the target loads' },
  function: { scope: 'record', text: 'function libraries' },
  'module-aux': { scope: 'record', text: 'module data beside the keys' },
  'slot-import': { scope: 'record', text: 'unfinished slot imports' },
  command: { scope: 'record', text: 'commands inside the dump' },
  'aof-tail': { scope: 'record', text: 'append-only files behind the dump' },
} as const satisfies Readonly<Record<string, LossFact>>;

export type LossKind = keyof typeof LOSSES;

/** What happens to what the target cannot hold: stop; leave the key out; keep what can be kept of it. */
export type UnsupportedPolicy = 'error' | 'drop' | 'convert';

/** One loss. */
export interface LossEntry {
  readonly what: LossKind;
  /** Database in the source; undefined for records that belong to none. */
  readonly db: number | undefined;
  readonly key: Uint8Array | undefined;
  /** What became of the key or record: `drop` also where nothing could be kept. */
  readonly policy: UnsupportedPolicy;
  /** One phrase for people. */
  readonly detail: string;
}

/** A key of the source. */
export interface KeyPlace {
  readonly db: number;
  readonly key: Uint8Array;
}

/** How often something happened, with the first keys that it happened to. */
export interface Tally {
  count: number;
  readonly examples: KeyPlace[];
}

/** All losses of one kind. */
export interface LossCount extends Tally {
  readonly what: LossKind;
  readonly scope: LossScope;
  /** Keys or records that are left out. */
  dropped: number;
  /** Keys that stay, without the part. */
  converted: number;
  /** Detail of the first one. */
  readonly detail: string;
}

/** Values or records that the target does not take as they are, and that are written in another form, or need not be. */
export interface ChangeCount extends Tally {
  /** A type byte, or the opcode of a record or attribute. */
  readonly kind: 'type' | 'opcode';
  readonly code: number;
}

/** Why something was left out that counts as no loss. */
export type OmittedKind =
  | 'filtered keys'
  | 'expired keys'
  | 'expired fields'
  | 'empty keys'
  | 'aux fields'
  | 'idle times'
  | 'frequencies'
  | 'database sizes'
  | 'slot sizes'
  | 'function descriptions';

const MAX_EXAMPLES = 3;

/** Counts while a conversion runs. Its memory does not grow with the number of losses: `onLoss` hears of each. */
export class LossLedger {
  /** Losses in all. */
  total = 0;
  private readonly losses = new Map<LossKind, LossCount>();
  private readonly changed = new Map<string, ChangeCount>();
  private readonly left = new Map<OmittedKind, number>();

  constructor(private readonly onLoss: (entry: LossEntry) => void) {}

  add(entry: LossEntry): void {
    const { what, db, key, policy, detail } = entry;
    let count = this.losses.get(what);
    if (count === undefined) {
      const { scope } = LOSSES[what];
      count = { what, scope, count: 0, dropped: 0, converted: 0, detail, examples: [] };
      this.losses.set(what, count);
    }
    this.total++;
    count.count++;
    if (policy === 'drop') count.dropped++;
    if (policy === 'convert') count.converted++;
    if (count.examples.length < MAX_EXAMPLES && db !== undefined && key !== undefined) count.examples.push({ db, key });
    this.onLoss(entry);
  }

  /** One more of such; returned where its key is wanted as an example. */
  change(kind: ChangeCount['kind'], code: number): ChangeCount | undefined {
    const name = `${kind} ${code}`;
    let change = this.changed.get(name);
    if (change === undefined) {
      change = { kind, code, count: 0, examples: [] };
      this.changed.set(name, change);
    }
    change.count++;
    return change.examples.length < MAX_EXAMPLES ? change : undefined;
  }

  omit(kind: OmittedKind, count = 1): void {
    this.left.set(kind, (this.left.get(kind) ?? 0) + count);
  }

  /** By kind, in the order in which they were met. */
  get lost(): readonly LossCount[] {
    return [...this.losses.values()];
  }

  get changes(): readonly ChangeCount[] {
    return [...this.changed.values()];
  }

  get omitted(): Readonly<Partial<Record<OmittedKind, number>>> {
    return Object.fromEntries(this.left);
  }
}

/** `3 streams (the first: db 0, key "s")`: for messages. */
export function describeLosses(counts: readonly LossCount[], quote: (key: Uint8Array) => string): string {
  return counts
    .map(({ what, count, examples: [first], detail }) => {
      const place = first === undefined ? detail : `the first: db ${first.db}, key ${quote(first.key)}, ${detail}`;
      return `${LOSSES[what].text}: ${count} (${place})`;
    })
    .join('; ');
}

/** Why nothing was written under the policy `error`; `what` is a clause. */
export function lossError(what: string, { lost }: LossLedger): EncodeError {
  return new EncodeError(`${what}: ${describeLosses(lost, (key) => formatQuoted(key, 0, key.length, 64))}`);
}
