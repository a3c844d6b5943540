/** What the records that are not keys say: a whole row in, a model object out (rdb-format.md §6). */
import { FormatError } from '../bytes/errors.js';
import { Int64, readInt32Le } from '../bytes/int64.js';
import { Slice } from '../bytes/slice.js';
import { splitArguments } from '../bytes/split-arguments.js';
import { decodeLength, decodeLength64, skipLength } from '../codecs/length.js';
import { decodeMetaClass, decodeModuleId } from '../codecs/module-id.js';
import { decodeCommand } from '../codecs/resp.js';
import { readString } from '../codecs/string.js';
import { OPCODE } from './constants.js';
import type { ValueCursor } from './cursor.js';
import type { FunctionEntry, KeyMeta, ModuleAuxEntry, ModuleItem, RdbRecord, SlotImportEntry } from './model.js';
import { type ModuleSink, readModuleItems, skipModuleItems } from './types/module.js';
import { areTemplateNamesSorted } from './types/template-hash.js';

/** The record with this opcode whose payload is all of `cursor.bytes[pos, end)`. `db` is the database in force. */
export function decodeRecord(opcode: number, cursor: ValueCursor, pos: number, end: number, db: number): RdbRecord {
  const reader = new PayloadReader(cursor, pos, end);
  switch (opcode) {
    case OPCODE.SELECTDB:
      return { kind: 'select-db', db };
    case OPCODE.RESIZEDB:
      return { kind: 'resize-db', db, keys: reader.length(), expires: reader.length() };
    case OPCODE.AUX:
      return { kind: 'aux', name: reader.string(), value: reader.string() };
    case OPCODE.SLOT_INFO:
      return { kind: 'slot-info', slot: reader.length(), keys: reader.length(), expires: reader.length() };
    case OPCODE.FUNCTION2:
      return describeFunction(reader.string());
    case OPCODE.FUNCTION_PRE_GA:
      return decodePreGaFunction(reader);
    case OPCODE.MODULE_AUX:
      return decodeModuleAux(reader);
    case OPCODE.VALKEY_SLOT_IMPORT:
      return decodeSlotImport(reader);
    default:
      return cursor.context.dialect === 'valkey'
        ? { kind: 'command', db, args: decodeCommand(cursor.bytes, pos, end) }
        : decodeTemplate(reader, cursor, pos);
  }
}

/** Key metadata whose payload starts at `pos`; the skim has found it whole. */
export function decodeKeyMeta(cursor: ValueCursor, pos: number, end: number): KeyMeta[] {
  const reader = new PayloadReader(cursor, pos, end);
  const classes: KeyMeta[] = [];
  for (let left = reader.length(); left > 0; left--) {
    classes.push({ ...decodeMetaClass(reader.uint32()), items: reader.moduleItems() });
  }
  return classes;
}

/** A sink that keeps module items as data. */
export function collectModuleItems(items: ModuleItem[]): ModuleSink {
  return {
    moduleInteger: (kind, value) => items.push({ kind, value: kind === 'sint' ? value.signed() : value.unsigned() }),
    moduleNumber: (kind, value) => items.push({ kind, value }),
    moduleString: (value) => items.push({ kind: 'string', value: value.copy() }),
  };
}

/** The facts in a library's first line, `#!<engine> name=<library>`. */
export function describeFunction(code: Uint8Array): FunctionEntry {
  const newline = code.indexOf(0x0a);
  const words = splitArguments(code.subarray(0, newline < 0 ? code.length : newline)) ?? [];
  const [shebang, ...facts] = words.map((word) => new TextDecoder().decode(word));
  const name = facts.find((fact) => /^name=/i.test(fact))?.slice('name='.length);
  return { kind: 'function', code, name, engine: shebang?.startsWith('#!') ? shebang.slice(2) : undefined };
}

function decodePreGaFunction(reader: PayloadReader): FunctionEntry {
  const name = reader.text();
  const engine = reader.text();
  const description = reader.length() !== 0 ? reader.string() : undefined;
  return { kind: 'function', name, engine, ...(description && { description }), code: reader.string() };
}

function decodeModuleAux(reader: PayloadReader): ModuleAuxEntry {
  const id = reader.length64();
  const { name, version } = decodeModuleId(id.hi, id.lo);
  const marker = reader.length();
  if (marker !== 2)
    throw new FormatError('BAD_OPCODE', `module aux data with item ${marker} where UINT must stand`, reader.pos - 1);
  const when = reader.length();
  return { kind: 'module-aux', module: name, version, when, items: reader.moduleItems() };
}

function decodeSlotImport(reader: PayloadReader): SlotImportEntry {
  const job = reader.string();
  const ranges: { start: number; end: number }[] = [];
  for (let left = reader.length(); left > 0; left--) ranges.push({ start: reader.length(), end: reader.length() });
  return { kind: 'slot-import', job, ranges };
}

function decodeTemplate(reader: PayloadReader, cursor: ValueCursor, pos: number): RdbRecord {
  const id = reader.length();
  const fields: Uint8Array[] = [];
  for (let left = reader.length(); left > 0; left--) fields.push(reader.string());
  if (fields.length === 0 || !areTemplateNamesSorted(fields)) {
    throw new FormatError('BAD_TEMPLATE', 'template fields that are missing or out of order', pos);
  }
  cursor.context.templates.set(id, fields);
  return { kind: 'hash-template', id, fields };
}

/** Walks a payload that is known to be whole. */
class PayloadReader {
  private readonly slice = new Slice();
  private readonly bytes: Uint8Array;

  constructor(
    private readonly cursor: ValueCursor,
    public pos: number,
    private readonly end: number,
  ) {
    this.bytes = cursor.bytes;
  }

  length(): number {
    const value = decodeLength(this.bytes, this.pos);
    this.pos = skipLength(this.bytes, this.pos, this.end);
    return value;
  }

  length64(): Int64 {
    const value = new Int64();
    decodeLength64(this.bytes, this.pos, value);
    this.pos = skipLength(this.bytes, this.pos, this.end);
    return value;
  }

  uint32(): number {
    this.pos += 4;
    return readInt32Le(this.bytes, this.pos - 4) >>> 0;
  }

  string(): Uint8Array {
    this.pos = readString(this.bytes, this.pos, this.end, this.slice, this.cursor.context.limits.maxBlobBytes);
    return this.slice.copy();
  }

  text(): string {
    return new TextDecoder().decode(this.string());
  }

  moduleItems(): ModuleItem[] {
    const items: ModuleItem[] = [];
    const end = skipModuleItems(this.bytes, this.pos, this.end);
    this.cursor.start(this.bytes, this.pos, end, 'element');
    readModuleItems(this.cursor, collectModuleItems(items)).next();
    this.pos = end;
    return items;
  }
}
