/**
 * What keys take in the memory of a server, as its MEMORY USAGE with SAMPLES 0 answers after it has loaded the dump
 * (memory-model.md). Values are looked at from their heads where that is enough, and walked where a server would unpack them.
 */
import { Int64 } from '../../bytes/int64.js';
import { decodeLength, skipLength } from '../../codecs/length.js';
import { parseDecimal64 } from '../../codecs/listpack.js';
import { STR_INT8, STR_LZF, skipString, stringLength } from '../../codecs/string.js';
import type { AllocatorName } from '../../memory/allocator.js';
import type { ValueMemory } from '../../memory/collection-memory.js';
import { isPacked, longestPackedValue, packedForm, packedLength, startSums } from '../../memory/file-form.js';
import { type PackedForm, ServerMemory } from '../../memory/server-memory.js';
import { TableSums } from '../../memory/table-sums.js';
import { TYPE } from '../../rdb/constants.js';
import type { RdbDriver } from '../../rdb/driver.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import { countElements, ElementCounter } from '../../rdb/measure.js';
import type { RdbRecord } from '../../rdb/model.js';
import { NO_SINK } from '../../rdb/no-sink.js';
import { SourceTarget } from '../../rdb/source-target.js';
import { CONTAINER_PLAIN } from '../../rdb/types/list.js';
import type { EncodingSettings, Target } from '../../rdb/versions.js';
import type { MutableKeyFacts } from '../facts/key-facts.js';
import type { ValueMeasure } from '../facts/value-measure.js';

export interface MemoryOptions {
  /** The server that is modelled. Default: the one that wrote each file. */
  readonly server?: Target;
  /** Default: jemalloc. */
  readonly allocator?: AllocatorName;
  /** Its configuration, where that is not the default. */
  readonly settings?: Partial<EncodingSettings>;
  /** Find the largest element of every key, for which all values are walked. Default: false. */
  readonly largestElement?: boolean;
}

const MAX_INTEGER_DIGITS = 20;
/** Bytes of a listpack around its entries. */
const LISTPACK_FRAME = 7;

export class MemoryModel implements ValueMeasure {
  /** Servers that were modelled, in order of appearance. */
  readonly servers: string[] = [];
  readonly allocator: AllocatorName;
  private readonly source = new SourceTarget();
  private readonly known = new Map<Target, ServerMemory>();
  private current: ServerMemory | undefined;
  private readonly counter = new ElementCounter();
  private readonly integer = new Int64();
  /** Of the large value that is being read, as it stands in the file. */
  private form: PackedForm | undefined;
  private formBytes = 0;

  constructor(private readonly options: MemoryOptions = {}) {
    this.allocator = options.allocator ?? 'jemalloc';
  }

  record(record: RdbRecord): void {
    if (record.kind === 'header') {
      this.source.start(record);
      this.current = undefined;
    } else if (record.kind === 'aux') this.source.aux(record);
  }

  row(driver: RdbDriver, row: number, facts: MutableKeyFacts): void {
    const model = this.model();
    if (facts.type === 'string') this.string(model, driver, row, facts);
    else this.fill(model, facts, this.value(model, driver, row, facts));
  }

  largeStart(driver: RdbDriver, row: number, facts: MutableKeyFacts): LargeRequest {
    const model = this.model();
    if (facts.type === 'string') {
      this.string(model, driver, row, facts);
      return { level: 'skip', sink: NO_SINK };
    }
    this.form = packedForm(facts.rdbType, facts.encoding);
    const { rows, window } = driver;
    if (this.form !== undefined)
      this.formBytes = packedLength(facts.rdbType, window.bytes, rows.valuePos[row]!, window.end);
    return { level: startSums(model, facts.type, facts.rdbType), sink: { ...NO_SINK, ...model.sums.sink } };
  }

  largeEnd(facts: MutableKeyFacts): void {
    if (facts.type === 'string') return;
    const model = this.model();
    const value = model.ofSums(facts.type, facts.rdbType, isPacked(facts.rdbType), facts.valueBytes);
    this.countSums(model, facts);
    const { form } = this;
    const isKept = form !== undefined && model.keepsPacked(facts.type, form, facts.elements);
    this.fill(model, facts, isKept ? model.packed(form, this.formBytes) : value);
  }

  /** What is modelled for the file that is being read: known from its first key on. */
  model(): ServerMemory {
    if (this.current !== undefined) return this.current;
    const target = this.options.server ?? this.source.resolve();
    let model = this.known.get(target);
    if (model === undefined) {
      model = new ServerMemory(target, this.allocator, this.options.settings ?? {});
      this.known.set(target, model);
      this.servers.push(target.name);
    }
    this.current = model;
    return model;
  }

  private string(model: ServerMemory, driver: RdbDriver, row: number, facts: MutableKeyFacts): void {
    const { rows, window } = driver;
    const pos = rows.valuePos[row]!;
    const { bytes, end } = window;
    const keyLength = facts.key.length;
    const expires = facts.expireAt !== undefined;
    const length = stringLength(bytes, pos, end);
    facts.elements = 1;
    facts.largestElementBytes = length;
    take(facts, model.string(keyLength, expires, length, this.isInteger(bytes, pos, end, length)));
  }

  /** Servers keep strings that are whole numbers of 64 bits as numbers, however they stood in the file. */
  private isInteger(bytes: Uint8Array, pos: number, end: number, length: number): boolean {
    const lead = bytes[pos]!;
    if (lead >= STR_INT8) return lead !== STR_LZF;
    if (length > MAX_INTEGER_DIGITS) return false;
    const start = skipLength(bytes, pos, end);
    return parseDecimal64(bytes, start, start + length, this.integer);
  }

  private value(model: ServerMemory, driver: RdbDriver, row: number, facts: MutableKeyFacts): ValueMemory {
    const { rdbType, type } = facts;
    const table = TableSums.reads(rdbType) ? this.table(model, driver, row, facts) : undefined;
    if (table !== undefined) return table;
    if (this.options.largestElement !== true) {
      const value = this.valueByHead(model, driver, row, facts);
      if (value !== undefined) return value;
    }
    driver.readValue(row, startSums(model, facts.type, facts.rdbType), model.sums.sink);
    const value = model.ofSums(type, rdbType, isPacked(rdbType), facts.valueBytes);
    this.countSums(model, facts);
    if (this.options.largestElement !== true) return value;
    const { largestElementBytes } = facts;
    const kept = this.valueByHead(model, driver, row, facts);
    facts.largestElementBytes = largestElementBytes;
    return kept ?? value;
  }

  /** What is unpacked in the file, and stays so; undefined where the server packs it. */
  private table(model: ServerMemory, driver: RdbDriver, row: number, facts: MutableKeyFacts): ValueMemory | undefined {
    const { table, settings } = model;
    const { rdbType, type } = facts;
    const { bytes } = driver.window;
    const pos = driver.rows.valuePos[row]!;
    const end = driver.rows.end[row]!;
    table.read(rdbType, bytes, pos, end, longestPackedValue(settings, type));
    facts.elements = table.count;
    facts.largestElementBytes = table.largest;
    const isSmallSet = type === 'set' && table.count <= settings.setMaxIntsetEntries;
    return model.ofTable(type, isSmallSet ? table.leadingIntegers(bytes, pos, end) : 0);
  }

  /** What the head of a value tells, and that of its nodes; undefined where the server unpacks or packs it. */
  private valueByHead(
    model: ServerMemory,
    driver: RdbDriver,
    row: number,
    facts: MutableKeyFacts,
  ): ValueMemory | undefined {
    const { bytes } = driver.window;
    const { rdbType, type } = facts;
    const pos = driver.rows.valuePos[row]!;
    const end = driver.rows.end[row]!;
    if (rdbType === TYPE.LIST_QUICKLIST_2) {
      facts.elements = countElements(driver, row, this.counter);
      return this.quicklist(model, bytes, pos, end, facts.elements);
    }
    const form = packedForm(facts.rdbType, facts.encoding);
    if (form === undefined) return undefined;
    facts.elements = countElements(driver, row, this.counter);
    if (form === 'ziplist' && model.keepsPacked(type, 'listpack', facts.elements))
      return this.repacked(model, driver, row);
    if (!model.keepsPacked(type, form, facts.elements)) return undefined;
    return model.packed(form, packedLength(rdbType, bytes, pos, end));
  }

  /** A ziplist that the server makes a listpack of, entry by entry. */
  private repacked(model: ServerMemory, driver: RdbDriver, row: number): ValueMemory {
    const { sums } = model;
    sums.start(Infinity);
    sums.isOneZiplist = true;
    driver.readValue(row, 'blob', sums.sink);
    return model.packed('listpack', LISTPACK_FRAME + sums.listpackBytes);
  }

  /** Nodes by their heads. */
  private quicklist(model: ServerMemory, bytes: Uint8Array, pos: number, end: number, items: number): ValueMemory {
    const { list } = model.sums;
    list.start();
    let next = skipLength(bytes, pos, end);
    for (let left = decodeLength(bytes, pos); left > 0; left--) {
      const isPlain = bytes[next] === CONTAINER_PLAIN;
      next = skipLength(bytes, next, end);
      list.node(stringLength(bytes, next, end), isPlain);
      next = skipString(bytes, next, end);
    }
    list.items = items;
    return list.finish();
  }

  private countSums({ sums }: ServerMemory, facts: MutableKeyFacts): void {
    const { type } = facts;
    facts.elements = type === 'module' ? 1 : type === 'stream' ? (sums.state?.length ?? 0) : sums.count;
    facts.largestElementBytes = sums.largest;
  }

  private fill(model: ServerMemory, facts: MutableKeyFacts, value: ValueMemory): void {
    take(facts, model.withKey(facts.key.length, facts.expireAt !== undefined, value));
  }
}

function take(facts: MutableKeyFacts, { encoding, bytes, extra }: ValueMemory): void {
  facts.memoryEncoding = encoding;
  facts.memoryBytes = bytes;
  facts.memoryExtraBytes = extra;
}
