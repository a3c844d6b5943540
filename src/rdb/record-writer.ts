/** Writes the records that are not keys (rdb-format.md §6). The reading side is records.ts. */
import { assertNever, EncodeError } from '../bytes/errors.js';
import { OPCODE, TYPE } from './constants.js';
import type {
  CommandEntry,
  FunctionEntry,
  HashTemplateEntry,
  ModuleAuxEntry,
  RdbRecord,
  SlotImportEntry,
} from './model.js';
import { writeModuleId, writeModuleItems } from './types/module.js';
import { areTemplateNamesSorted } from './types/template-hash.js';
import type { ValueOutput } from './value-output.js';
import type { Target } from './versions.js';

/** The only version whose loaders take F6, the function record of the 7.0 release candidates. */
const PRE_GA_FUNCTION_VERSION = 10;
/** Valkey files with commands in them. */
const COMMAND_VERSION = 81;
/** Servers count databases in an int. */
const MAX_DB = 0x7fffffff;
const UINT_ITEM = 2;
const LINE_END = Uint8Array.of(0x0d, 0x0a);
const SHEBANG = [0x23, 0x21] as const;

/** True where files for the target may hold this record. */
export function takesRecord(target: Target, record: RdbRecord): boolean {
  const { records, dialect, version } = target;
  switch (record.kind) {
    case 'header':
    case 'select-db':
    case 'end':
      return true;
    case 'aux':
    case 'resize-db':
      return records.aux;
    case 'slot-info':
      return records.slotInfo;
    case 'slot-import':
      return dialect === 'valkey';
    case 'function':
      return records.functions;
    case 'module-aux':
      return records.modules;
    case 'hash-template':
      return dialect === 'redis' && target.types.has(TYPE.HASH_TMPL_ARRAY_REF);
    case 'command':
      return dialect === 'valkey' && version >= COMMAND_VERSION;
    default:
      return assertNever(record);
  }
}

/**
 * Writes one record and returns true, or writes nothing and returns false where the target has no such record.
 * Header and end are not records of their own here: they belong to the encoder of a file, and throw TypeError.
 */
export function writeRecord(to: ValueOutput, record: RdbRecord): boolean {
  if (!takesRecord(to.target, record)) return false;
  switch (record.kind) {
    case 'header':
    case 'end':
      throw new TypeError(`the ${record.kind} of a file is written by its encoder`);
    case 'select-db':
      if (record.db > MAX_DB) throw new EncodeError(`${record.db} is no database`);
      writeLengths(to, OPCODE.SELECTDB, record.db);
      break;
    case 'resize-db':
      writeLengths(to, OPCODE.RESIZEDB, record.keys, record.expires);
      break;
    case 'slot-info':
      writeLengths(to, OPCODE.SLOT_INFO, record.slot, record.keys, record.expires);
      break;
    case 'aux':
      to.out.byte(OPCODE.AUX);
      to.string(record.name);
      to.string(record.value);
      break;
    case 'function':
      writeFunction(to, record);
      break;
    case 'module-aux':
      writeModuleAux(to, record);
      break;
    case 'hash-template':
      writeTemplate(to, record);
      break;
    case 'slot-import':
      writeSlotImport(to, record);
      break;
    case 'command':
      writeCommand(to, record);
      break;
    default:
      assertNever(record);
  }
  return true;
}

/** The source of a library as F5 holds it: F6 kept engine and name beside it, which now head it. */
export function functionSource(record: FunctionEntry): Uint8Array {
  if (!isPreGa(record)) return record.code;
  const head = new TextEncoder().encode(`#!${record.engine} name=${record.name}\n`);
  const source = new Uint8Array(head.length + record.code.length);
  source.set(head);
  source.set(record.code, head.length);
  return source;
}

function isPreGa({ code, name, engine }: FunctionEntry): boolean {
  return name !== undefined && engine !== undefined && !(code[0] === SHEBANG[0] && code[1] === SHEBANG[1]);
}

function writeFunction(to: ValueOutput, record: FunctionEntry): void {
  if (to.target.version !== PRE_GA_FUNCTION_VERSION || !isPreGa(record)) {
    to.out.byte(OPCODE.FUNCTION2);
    to.string(functionSource(record));
    return;
  }
  to.out.byte(OPCODE.FUNCTION_PRE_GA);
  const encoder = new TextEncoder();
  to.string(encoder.encode(record.name));
  to.string(encoder.encode(record.engine));
  to.length(record.description === undefined ? 0 : 1);
  if (record.description !== undefined) to.string(record.description);
  to.string(record.code);
}

function writeModuleAux(to: ValueOutput, record: ModuleAuxEntry): void {
  to.out.byte(OPCODE.MODULE_AUX);
  writeModuleId(to, record.module, record.version);
  to.length(UINT_ITEM);
  writeCount(to, record.when);
  writeModuleItems(to, record.items);
}

function writeTemplate(to: ValueOutput, { id, fields }: HashTemplateEntry): void {
  if (fields.length === 0 || !areTemplateNamesSorted(fields))
    throw new EncodeError(`template ${id} has no fields, or has them out of order`);
  writeLengths(to, OPCODE.REDIS_HASH_TEMPLATE, id, fields.length);
  for (const field of fields) to.string(field);
}

function writeSlotImport(to: ValueOutput, { job, ranges }: SlotImportEntry): void {
  to.out.byte(OPCODE.VALKEY_SLOT_IMPORT);
  to.string(job);
  to.length(ranges.length);
  for (const { start, end } of ranges) {
    writeCount(to, start);
    writeCount(to, end);
  }
}

function writeCommand(to: ValueOutput, { args }: CommandEntry): void {
  const ascii = new TextEncoder();
  to.out.byte(OPCODE.VALKEY_UPDATE);
  to.out.copy(ascii.encode(`*${args.length}\r\n`));
  for (const arg of args) {
    to.out.copy(ascii.encode(`$${arg.length}\r\n`));
    to.out.copy(arg);
    to.out.copy(LINE_END);
  }
}

function writeLengths(to: ValueOutput, opcode: number, ...lengths: readonly number[]): void {
  to.out.byte(opcode);
  for (const length of lengths) writeCount(to, length);
}

function writeCount(to: ValueOutput, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new EncodeError(`${value} is no count, slot, id or database`);
  to.length(value);
}
