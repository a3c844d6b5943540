/** What one conversion knows once the header has been read: target, rules, policy, and the losses so far. */
import { Slice } from '../bytes/slice.js';
import type { RdbDriver } from '../rdb/driver.js';
import type { RdbEncoder } from '../rdb/encoder.js';
import type { HeaderEntry } from '../rdb/model.js';
import { VECTORSET_MODULE } from '../rdb/vectorset.js';
import type { Target } from '../rdb/versions.js';
import type { PartLoss } from './adapt-hash.js';
import { hasVectorSets, type ValueRules } from './adapt-value.js';
import type { DbMap } from './db-map.js';
import type { ExpiryMover } from './expiry-action.js';
import type { KeyPlace, LossKind, LossLedger, UnsupportedPolicy } from './loss.js';

/** What `dropModules` takes away on purpose. */
const MODULE_LOSSES: ReadonlySet<LossKind> = new Set<LossKind>(['module', 'vector-set', 'module-aux', 'key-meta']);

/** What the target server must have beside its version. */
export interface Needs {
  /** Names of modules whose values are in the file. */
  readonly modules: Set<string>;
  /** One more than the highest database. */
  databases: number;
}

export class ConvertContext {
  readonly needs: Needs = { modules: new Set(), databases: 0 };
  /** A loss was met under the policy `error`: nothing is written any more. */
  isBlocked = false;
  /** Losses that were not asked for. */
  unwanted = 0;

  constructor(
    readonly header: HeaderEntry,
    readonly target: Target,
    readonly policy: UnsupportedPolicy,
    readonly rules: ValueRules,
    readonly mover: ExpiryMover,
    readonly dbs: DbMap,
    readonly ledger: LossLedger,
    /** Keys are chosen, or their databases or expiries changed: the file is no longer the snapshot that its aux fields describe. */
    readonly isAltered: boolean,
    /** All keys stay, wherever they go: sizes of databases and slots that the source states still hold. */
    readonly keepsSizes: boolean,
    /** Undefined where nothing is to be written. */
    private readonly output: RdbEncoder | undefined,
  ) {}

  /** Where to write; undefined where nothing is written, or no more. */
  get encoder(): RdbEncoder | undefined {
    return this.isBlocked ? undefined : this.output;
  }

  /** The target server must have this module. */
  need(module: string): void {
    const { isSameVersion, target } = this.rules;
    const comesWithServer = module === VECTORSET_MODULE && (isSameVersion || hasVectorSets(target));
    if (!comesWithServer) this.needs.modules.add(module);
  }

  /** Records what a key loses. True where it is still to be written; `canKeep`: something of it can be. */
  settleKey(losses: readonly PartLoss[], canKeep: boolean, driver: RdbDriver, row: number): boolean {
    if (losses.length === 0) return canKeep;
    const policy = this.policyFor(losses, canKeep);
    const { db, key } = placeOf(driver, row);
    for (const { what, detail } of losses) this.ledger.add({ what, db, key, policy, detail });
    return policy === 'convert';
  }

  /** Records the loss of a record that is no key. */
  settleRecord(loss: PartLoss): void {
    const policy = this.policyFor([loss], false);
    this.ledger.add({ ...loss, db: undefined, key: undefined, policy });
  }

  /** Records what a key loses that has been written already. */
  settleLate(loss: PartLoss, place: KeyPlace | undefined): void {
    const policy = this.policyFor([loss], true) === 'error' ? 'error' : 'convert';
    this.ledger.add({ ...loss, db: place?.db, key: place?.key, policy });
  }

  private policyFor(losses: readonly PartLoss[], canKeep: boolean): UnsupportedPolicy {
    const isAsked = this.rules.dropModules && losses.every(({ what }) => MODULE_LOSSES.has(what));
    if (!isAsked) this.unwanted++;
    if (!isAsked && this.policy === 'error') {
      this.isBlocked = true;
      return 'error';
    }
    return canKeep && (isAsked || this.policy === 'convert') ? 'convert' : 'drop';
  }
}

const slice = new Slice();

/** A copy of the key of a row, with its database. */
export function placeOf(driver: RdbDriver, row: number): KeyPlace {
  driver.readKey(row, slice);
  return { db: driver.rows.db[row]!, key: slice.copy() };
}
