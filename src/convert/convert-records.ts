/** The records that are no keys, for the target (rdb-format.md §6.2, §12): kept, left out as hints, or lost. */
import { OPCODE, TYPE } from '../rdb/constants.js';
import type { AuxEntry, EndEntry, FunctionEntry, RdbRecord } from '../rdb/model.js';
import { takesRecord } from '../rdb/record-writer.js';
import type { ConvertContext } from './convert-context.js';
import type { KeyPlace } from './loss.js';

/** The last key before a record, where one may have to know. */
export interface LastKey extends KeyPlace {
  readonly isWritten: boolean;
}

/** A server would go on with replication from here, with data that its master does not have. */
const REPLICATION_AUX: ReadonlySet<string> = new Set(['repl-id', 'repl-offset', 'repl-stream-db']);
/** KeyDB: the expiry of a member of the key before it. */
const MEMBER_EXPIRY_AUX = 'keydb-subexpire-key';
const MEMBER_EXPIRY_TIME_AUX = 'keydb-subexpire-when';
const SLOT_SIZES_AUX = 'slot-info';
const CREATED_AUX = 'ctime';

/** Records that nobody misses in a file for a server that does not know them. */
const HINT_OPCODES: Readonly<Partial<Record<RdbRecord['kind'], number>>> = {
  aux: OPCODE.AUX,
  'resize-db': OPCODE.RESIZEDB,
  'slot-info': OPCODE.SLOT_INFO,
  'hash-template': OPCODE.REDIS_HASH_TEMPLATE,
};

/** Every record but header, end and select-db, which the encoder of a file writes itself. */
export function convertRecord(context: ConvertContext, record: RdbRecord, lastKey: LastKey | undefined): void {
  const { ledger, target, rules } = context;
  const isTaken = takesRecord(target, record);
  const opcode = HINT_OPCODES[record.kind];
  if (!isTaken && opcode !== undefined) ledger.change('opcode', opcode);
  switch (record.kind) {
    case 'header':
    case 'end':
    case 'select-db':
      return;
    case 'aux':
      convertAux(context, record, isTaken, lastKey);
      return;
    case 'resize-db':
      if (isTaken && context.keepsSizes)
        context.encoder?.record({ ...record, db: context.dbs.map(record.db), expires: expiresOf(context, record) });
      else ledger.omit('database sizes');
      return;
    case 'slot-info':
      if (isTaken && context.keepsSizes) context.encoder?.record({ ...record, expires: expiresOf(context, record) });
      else ledger.omit('slot sizes');
      return;
    case 'function':
      convertFunction(context, record, isTaken);
      return;
    case 'module-aux': {
      const detail = `data of the module ${record.module}`;
      if (!isTaken || rules.dropModules) context.settleRecord({ what: 'module-aux', detail });
      else {
        context.need(record.module);
        context.encoder?.record(record);
      }
      return;
    }
    case 'hash-template':
      context.encoder?.record(record);
      return;
    case 'slot-import':
      if (isTaken) context.encoder?.record(record);
      else context.settleRecord({ what: 'slot-import', detail: `${target.name} has no such record` });
      return;
    case 'command': {
      const why = isTaken ? 'it may change keys that were chosen or moved' : `${target.name} has no such record`;
      if (isTaken && !context.isAltered) context.encoder?.record(record);
      else context.settleRecord({ what: 'command', detail: `a command for database ${record.db}: ${why}` });
      return;
    }
  }
}

/** Keys that still expire. */
function expiresOf({ mover }: ConvertContext, { expires }: { readonly expires: number }): number {
  return mover.strips ? 0 : expires;
}

/** Of a file whose records are written elsewhere: what its keys need of them. */
export function followRecord(context: ConvertContext, record: RdbRecord, lastKey: LastKey | undefined): void {
  if (record.kind === 'command') convertRecord(context, record, lastKey);
  if (record.kind !== 'aux') return;
  const name = auxName(record);
  if (isMemberExpiry(name)) convertMemberExpiry(context, record, name, lastKey);
  else if (name === CREATED_AUX) context.mover.createdAtMs = secondsToMs(record.value);
}

/** KeyDB: such a field belongs to the key before it. */
export function isMemberExpiryAux(record: AuxEntry): boolean {
  return isMemberExpiry(auxName(record));
}

/** What only holds of the data set that the file was a snapshot of. */
export function isStaleAux(record: AuxEntry): boolean {
  const name = auxName(record);
  return REPLICATION_AUX.has(name) || name === SLOT_SIZES_AUX;
}

/** What follows the dump would be lost without a word. */
export function settleTail(context: ConvertContext, end: EndEntry): void {
  if (end.trailing !== 'aof') return;
  const detail = `${end.trailingBytes} bytes of commands behind the dump are not read`;
  context.settleRecord({ what: 'aof-tail', detail });
}

function convertFunction(context: ConvertContext, record: FunctionEntry, isTaken: boolean): void {
  const { target, ledger } = context;
  if (!isTaken) {
    const detail = `${target.name} has no functions: library ${record.name ?? 'without a name'}`;
    context.settleRecord({ what: 'function', detail });
    return;
  }
  const keepsDescription = target.version === context.header.version;
  if (record.description !== undefined && !keepsDescription) ledger.omit('function descriptions');
  context.encoder?.record(record);
}

function convertAux(context: ConvertContext, record: AuxEntry, isTaken: boolean, lastKey: LastKey | undefined): void {
  const { ledger, isAltered, mover } = context;
  const name = auxName(record);
  if (isMemberExpiry(name)) {
    convertMemberExpiry(context, record, name, lastKey);
    return;
  }
  if (name === CREATED_AUX) mover.createdAtMs = secondsToMs(record.value);
  const isStale = isAltered && isStaleAux(record);
  if (!isTaken || isStale) {
    ledger.omit(name === SLOT_SIZES_AUX ? 'slot sizes' : 'aux fields');
    return;
  }
  const isMoved = name === CREATED_AUX && mover.rebasedAtMs !== undefined;
  const value = isMoved ? new TextEncoder().encode(String(Math.floor(mover.rebasedAtMs / 1000))) : record.value;
  context.encoder?.record(value === record.value ? record : { ...record, value });
}

/** Such fields belong to the key before them, and mean nothing to other servers. */
function convertMemberExpiry(
  context: ConvertContext,
  record: AuxEntry,
  name: string,
  lastKey: LastKey | undefined,
): void {
  const { target } = context;
  if (lastKey !== undefined && !lastKey.isWritten) return;
  if (target.types.has(TYPE.KEYDB_CRON)) {
    context.encoder?.record(record);
    return;
  }
  if (name === MEMBER_EXPIRY_TIME_AUX) return;
  context.settleLate({ what: 'member-expiry', detail: `${target.name} has no expiry of members` }, lastKey);
}

function auxName({ name }: AuxEntry): string {
  return new TextDecoder().decode(name).toLowerCase();
}

function isMemberExpiry(name: string): boolean {
  return name === MEMBER_EXPIRY_AUX || name === MEMBER_EXPIRY_TIME_AUX;
}

function secondsToMs(text: Uint8Array): number | undefined {
  const digits = new TextDecoder().decode(text);
  return /^\d{1,12}$/.test(digits) ? Number(digits) * 1000 : undefined;
}
