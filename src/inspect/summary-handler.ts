/** The row handler of summarizeRdb: counters by type byte and database, nothing per key. */

import { Int64 } from '../bytes/int64.js';
import type { Compression } from '../bytes/source.js';
import { decodeLength64 } from '../codecs/length.js';
import { decodeModuleId } from '../codecs/module-id.js';
import { STR_INT8, STR_LZF } from '../codecs/string.js';
import { TYPE } from '../rdb/constants.js';
import type { RdbDriver, RowHandler } from '../rdb/driver.js';
import type { RowFilter } from '../rdb/filter.js';
import type { LargeRequest } from '../rdb/large-value.js';
import type { AuxEntry, EndEntry, HeaderEntry, RdbRecord, RdbWarning } from '../rdb/model.js';
import { NO_SINK } from '../rdb/no-sink.js';
import { ROW_EXPIRY, type RowTable } from '../rdb/rows.js';
import { stringEncoding } from '../rdb/types/string.js';
import type { TypeCodec } from '../rdb/types/type-codec.js';
import type { AuxFact, DbCount, FunctionFact, ModuleCount, RdbSummary, TypeCount } from './summary.js';

/** Distinct aux names that are kept: nobody writes so many. */
const MAX_AUX_NAMES = 1000;
/** Counters follow those of the type bytes: strings as integers, and compressed. */
const INT_STRING = 256;
const LZF_STRING = 257;
const COUNTERS = 258;

export class SummaryHandler implements RowHandler {
  driver!: RdbDriver;
  private header!: HeaderEntry;
  private ending: EndEntry | undefined;
  private readonly keyCounts = new Float64Array(COUNTERS);
  private readonly byteCounts = new Float64Array(COUNTERS);
  private readonly codecs: (TypeCodec | undefined)[] = new Array(256).fill(undefined);
  private readonly dbs = new Map<number, { keys: number; expires: number }>();
  private db = { keys: 0, expires: 0 };
  private dbNumber = -1;
  private readonly aux = new Map<string, AuxFact>();
  private readonly functions: FunctionFact[] = [];
  private readonly modules = new Map<string, { name: string; version: number; keys: number; auxRecords: number }>();
  private readonly moduleId = new Int64();
  private scripts = 0;
  private slots = 0;
  private keysWithMeta = 0;
  private largeCounter = -1;
  private readonly warnings: RdbWarning[] = [];

  constructor(private readonly filter: RowFilter | undefined) {}

  record(record: RdbRecord): void {
    switch (record.kind) {
      case 'header':
        this.header = record;
        break;
      case 'aux':
        this.countAux(record);
        break;
      case 'select-db':
        this.selectDb(record.db);
        break;
      case 'slot-info':
        this.slots++;
        break;
      case 'function':
        this.functions.push({ name: record.name, engine: record.engine, bytes: record.code.length });
        break;
      case 'module-aux':
        this.moduleOf(record.module, record.version).auxRecords++;
        break;
      case 'end':
        this.ending = record;
        break;
      default:
    }
  }

  key(rows: RowTable, row: number, bytes: Uint8Array): void {
    if (this.filter !== undefined && !this.filter.accepts(this.driver, row)) return;
    const counter = this.countKey(rows, row, bytes);
    this.byteCounts[counter]! += rows.end[row]! - rows.valuePos[row]!;
  }

  largeStart(rows: RowTable, row: number, bytes: Uint8Array): LargeRequest {
    const wanted = this.filter === undefined || this.filter.acceptsLarge(this.driver, row);
    this.largeCounter = wanted ? this.countKey(rows, row, bytes) : -1;
    return { level: 'skip', sink: NO_SINK };
  }

  largeEnd(valueBytes: number): void {
    if (this.largeCounter >= 0) this.byteCounts[this.largeCounter]! += valueBytes;
  }

  warning(warning: RdbWarning): void {
    this.warnings.push(warning);
  }

  full(): boolean {
    return this.filter?.exhausted ?? false;
  }

  summary(compression: Compression | undefined, stopped: boolean): RdbSummary {
    const { header, ending, scripts, slots, keysWithMeta, functions, warnings } = this;
    const dbs = [...this.dbs].map(([db, count]): DbCount => ({ db, ...count })).sort((a, b) => a.db - b.db);
    const { window } = this.driver;
    const drained = ending !== undefined && window.totalBytes === undefined ? ending.trailingBytes : 0;
    return {
      magic: header.magic,
      version: header.version,
      compression,
      bytes: window.offset - drained,
      keys: dbs.reduce((sum, { keys }) => sum + keys, 0),
      expires: dbs.reduce((sum, { expires }) => sum + expires, 0),
      aux: [...this.aux.values()],
      dbs,
      types: this.typeCounts(),
      functions,
      modules: [...this.modules.values()] satisfies ModuleCount[],
      scripts,
      slots,
      keysWithMeta,
      stopped,
      end: ending,
      warnings,
    };
  }

  /** Counts one key; returns its counter. */
  private countKey(rows: RowTable, row: number, bytes: Uint8Array): number {
    const kind = rows.kind[row]!;
    const valuePos = rows.valuePos[row]!;
    let counter = kind;
    if (kind === TYPE.STRING) {
      const lead = bytes[valuePos]!;
      if (lead >= STR_INT8) counter = lead === STR_LZF ? LZF_STRING : INT_STRING;
    } else if (kind === TYPE.MODULE_2) {
      this.countModule(bytes, valuePos);
    }
    this.keyCounts[counter]!++;
    this.codecs[kind] = rows.codecOf(row);
    const db = rows.db[row]!;
    if (db !== this.dbNumber) this.selectDb(db);
    this.db.keys++;
    if (rows.flags[row]! & ROW_EXPIRY) this.db.expires++;
    if (rows.metaPos[row]! >= 0) this.keysWithMeta++;
    return counter;
  }

  private selectDb(db: number): void {
    this.dbNumber = db;
    const known = this.dbs.get(db);
    this.db = known ?? { keys: 0, expires: 0 };
    if (known === undefined) this.dbs.set(db, this.db);
  }

  private countModule(bytes: Uint8Array, pos: number): void {
    decodeLength64(bytes, pos, this.moduleId);
    const { name, version } = decodeModuleId(this.moduleId.hi, this.moduleId.lo);
    this.moduleOf(name, version).keys++;
  }

  private moduleOf(name: string, version: number): { keys: number; auxRecords: number } {
    const id = `${name} ${version}`;
    const found = this.modules.get(id) ?? { name, version, keys: 0, auxRecords: 0 };
    this.modules.set(id, found);
    return found;
  }

  private countAux({ name, value }: AuxEntry): void {
    // Latin-1 keeps apart what UTF-8 with replacement characters would not.
    const text = String.fromCharCode(...name.subarray(0, 256)).toLowerCase();
    if (text === 'lua') this.scripts++;
    else if (text === 'slot-info') this.slots++;
    else if (this.aux.has(text) || this.aux.size < MAX_AUX_NAMES) this.aux.set(text, { name, value });
  }

  private typeCounts(): TypeCount[] {
    const counts: TypeCount[] = [];
    for (let counter = 0; counter < COUNTERS; counter++) {
      const keys = this.keyCounts[counter]!;
      if (keys === 0) continue;
      const rdbType = counter < 256 ? counter : TYPE.STRING;
      const codec = this.codecs[rdbType]!;
      const encoding =
        counter === INT_STRING
          ? stringEncoding(STR_INT8)
          : counter === LZF_STRING
            ? stringEncoding(STR_LZF)
            : codec.encoding;
      counts.push({ type: codec.type, encoding, rdbType, keys, bytes: this.byteCounts[counter]! });
    }
    return counts.sort((a, b) => a.rdbType - b.rdbType);
  }
}
