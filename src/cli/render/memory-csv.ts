/**
 * `memory` as CSV: a line per key, in our columns or in those of redis-rdb-tools.
 *
 * The latter's `memory` command prints `database,type,key,size_in_bytes,encoding,num_elements,len_largest_element,expiry`;
 * scripts that read it go by these names. As there, a zset is a `sortedset`, the encoding of a string is `string`, its
 * elements are its bytes, and an expiry is a time in UTC as Python's isoformat writes one, without a zone and with six
 * digits of a second that is not whole. Unlike there, names with commas, quotes and line ends are quoted (RFC 4180), and
 * sizes and encodings are those of the server that is modelled.
 */
import { formatUint53 } from '../../bytes/int64.js';
import { type Literal, literal } from '../../convert/json/literal.js';
import { CsvTable } from '../../convert/tables/csv-table.js';
import { NameText } from '../../convert/tables/name-text.js';
import type { KeyFacts } from '../../inspect/facts/key-facts.js';
import { TYPE } from '../../rdb/constants.js';
import type { RdbDriver } from '../../rdb/driver.js';
import type { RdbRecord } from '../../rdb/model.js';
import { ROW_EXPIRY } from '../../rdb/rows.js';
import type { Output } from '../output.js';
import type { MemoryRows } from './memory-rows.js';
import { EXPIRES, LineEnds, shapeOf } from './string-lines.js';

export const RDBTOOLS_COLUMNS = [
  'database',
  'type',
  'key',
  'size_in_bytes',
  'encoding',
  'num_elements',
  'len_largest_element',
  'expiry',
] as const;

const OUR_COLUMNS = [
  'db',
  'key',
  'type',
  'encoding',
  'memoryEncoding',
  'memory',
  'size',
  'elements',
  'expireAt',
] as const;

const BUFFER_BYTES = 128 * 1024;
const MAX_PLAIN_NAME = 256;
/** Its name, and more than words, numbers and commas take. */
const MAX_PLAIN_LINE = MAX_PLAIN_NAME + 256;

/** Upper halves of times up to 2^53. */
const MAX_SAFE_HI = 2 ** 21;

const COMMA = 0x2c;
const NEWLINE = 0x0a;
const QUOTE = 0x22;
const SPACE = 0x20;
const DELETE = 0x7f;

/** The furthest time that four digits of a year can say. */
const MAX_YEAR_MS = Date.UTC(10_000, 0, 1) - 1;

export class MemoryCsvRows implements MemoryRows {
  private readonly table: CsvTable;
  private readonly name = new NameText();
  private readonly words = new Words();
  /** The lines that wait: those of plain keys are put together here, several times as fast as column by column. */
  private readonly lines = new Uint8Array(BUFFER_BYTES);
  private readonly view = new DataView(this.lines.buffer);
  private to = 0;
  /** Where names came from last, as a rule the window. */
  private source: Uint8Array = this.lines;
  private sourceView: DataView = this.view;
  private ends = new LineEnds();
  /** Of the string that comes next, where its line is to be remembered; −1: it is not. */
  private shape = -1;

  constructor(private readonly output: Output) {
    this.table = csvTable(OUR_COLUMNS, output);
    this.table.finish();
  }

  get isBehind(): boolean {
    return this.output.isBehind;
  }

  /** Another file may be modelled on another server. */
  record(record: RdbRecord): void {
    if (record.kind === 'header') this.ends = new LineEnds();
  }

  /** Lines of strings like those that have been written before: what follows the name is the same. */
  strings(driver: RdbDriver, from: number, to: number): number {
    const { rows, window } = driver;
    const { bytes } = window;
    const { isKey, kind, flags, keyPos, valuePos, end, db, expireHi, expireLo } = rows;
    const { ends, lines, view } = this;
    this.shape = -1;
    for (let row = from; row < to; row++) {
      const expires = flags[row] === ROW_EXPIRY;
      if (kind[row] !== TYPE.STRING || isKey[row] === 0 || !(expires || flags[row] === 0)) return row;
      const name = keyPos[row]! + 1;
      const length = bytes[name - 1]!;
      let shape = shapeOf(length, bytes, valuePos[row]!, end[row]!);
      if (shape < 0) return row;
      if (expires) {
        if (expireHi[row]! >>> 0 >= MAX_SAFE_HI) return row;
        shape |= EXPIRES;
      }
      if (this.to > BUFFER_BYTES - MAX_PLAIN_LINE) this.flush();
      if (this.output.isBehind) return row;
      if (!ends.has(shape)) {
        this.shape = shape;
        return row;
      }
      let at = formatUint53(db[row]!, lines, this.to);
      lines[at++] = COMMA;
      at = this.copyName(bytes, name, name + length, at);
      if (at < 0) return row;
      at = ends.copy(shape, view, at);
      if (expires) at = formatUint53(expireHi[row]! * 2 ** 32 + (expireLo[row]! >>> 0), lines, at);
      lines[at++] = NEWLINE;
      this.to = at;
    }
    return to;
  }

  key(facts: KeyFacts): void {
    if (this.to > BUFFER_BYTES - MAX_PLAIN_LINE) this.flush();
    if (this.writePlain(facts)) return;
    this.flush();
    this.writeColumns(facts);
    this.table.finish();
  }

  finish(): void {
    this.flush();
  }

  private flush(): void {
    if (this.to > 0) this.output.write(this.lines, 0, this.to);
    this.to = 0;
  }

  /** The line of a key whose name is short and needs no quotes; false, with nothing written, for any other. */
  private writePlain(facts: KeyFacts): boolean {
    const { lines } = this;
    const { bytes, start, end } = facts.key;
    const { expireAt } = facts;
    if (end - start > MAX_PLAIN_NAME || end === start) return false;
    if (expireAt !== undefined && !(expireAt.hi >= 0 && expireAt.isSafe())) return false;
    let to = formatUint53(facts.db, lines, this.to);
    lines[to++] = COMMA;
    to = this.copyName(bytes, start, end, to);
    if (to < 0) return false;
    const nameEnd = to;
    lines[to++] = COMMA;
    const { words, size } = this.words.three(facts.type, facts.encoding, facts.memoryEncoding).literal;
    for (let index = 0; index < words.length; index++) this.view.setInt32(to + 4 * index, words[index]!, true);
    to += size;
    lines[to++] = COMMA;
    to = formatUint53(facts.memoryBytes, lines, to);
    lines[to++] = COMMA;
    to = formatUint53(facts.valueBytes, lines, to);
    lines[to++] = COMMA;
    to = formatUint53(facts.elements, lines, to);
    lines[to++] = COMMA;
    const numbersEnd = to;
    if (expireAt !== undefined) to = formatUint53(expireAt.toNumber(), lines, to);
    lines[to++] = NEWLINE;
    this.to = to;
    if (this.shape >= 0) this.ends.keep(this.shape, lines, nameEnd, numbersEnd);
    return true;
  }

  /** Copies a name that needs no quotes, and returns the position behind it; −1 for any other. */
  private copyName(bytes: Uint8Array, start: number, end: number, to: number): number {
    const { lines, view } = this;
    if (bytes !== this.source) {
      this.source = bytes;
      this.sourceView = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    const { sourceView } = this;
    const shift = to - start;
    let pos = start;
    // Four at a time, where all four are between comma and delete, as letters, digits and separators are.
    for (; pos + 4 <= end; pos += 4) {
      const word = sourceView.getInt32(pos, true);
      const above = ((word | 0x80808080) - 0x2d2d2d2d) ^ 0x80808080;
      if (((word | (word + 0x01010101) | above) & 0x80808080) !== 0) break;
      view.setInt32(pos + shift, word, true);
    }
    for (; pos < end; pos++) {
      const byte = bytes[pos]!;
      if (byte <= COMMA ? byte === COMMA || byte === QUOTE || byte < SPACE : byte >= DELETE) return -1;
      lines[pos + shift] = byte;
    }
    return pos + shift;
  }

  private writeColumns(facts: KeyFacts): void {
    const { table, name } = this;
    const { key, expireAt } = facts;
    name.set(key);
    table.int(facts.db);
    table.key(name);
    table.ready(this.words.three(facts.type, facts.encoding, facts.memoryEncoding).cells);
    table.int(facts.memoryBytes);
    table.int(facts.valueBytes);
    table.int(facts.elements);
    if (expireAt === undefined) table.null();
    else if (expireAt.isSafe()) table.int(expireAt.toNumber());
    else table.word(String(expireAt.signed()));
    table.endRow();
  }
}

/** In the columns of redis-rdb-tools. Names are their bytes, whatever these are. */
export class RdbtoolsCsvRows implements MemoryRows {
  private readonly table: CsvTable;
  private readonly words = new Words();

  constructor(private readonly output: Output) {
    this.table = csvTable(RDBTOOLS_COLUMNS, output);
  }

  get isBehind(): boolean {
    return this.output.isBehind;
  }

  record(): void {}

  key(facts: KeyFacts): void {
    const { table } = this;
    const { key, type, expireAt } = facts;
    const isString = type === 'string';
    table.int(facts.db);
    table.ready(this.words.one(type === 'zset' ? 'sortedset' : type));
    table.text(key.bytes, key.start, key.end);
    table.int(facts.memoryBytes);
    table.ready(this.words.one(isString ? 'string' : facts.memoryEncoding));
    table.int(isString ? facts.largestElementBytes : facts.elements);
    table.int(facts.largestElementBytes);
    if (expireAt === undefined || expireAt.isAllOnes()) table.null();
    else table.word(isoformat(expireAt.toNumber()));
    table.endRow();
  }

  finish(): void {
    this.table.finish();
  }
}

/** `2033-05-18T03:33:20`, `2033-05-18T03:33:20.500000`; what lies beyond the year 9999 becomes its end. */
export function isoformat(ms: number): string {
  const text = new Date(Math.min(Math.max(ms, 0), MAX_YEAR_MS)).toISOString().slice(0, -1);
  return text.endsWith('.000') ? text.slice(0, -4) : `${text}000`;
}

/** Columns that are ready, once more as a piece to be copied in words. */
interface Cells {
  readonly words: readonly [string, string, string];
  readonly cells: Uint8Array;
  readonly literal: Literal;
}

/** Names of types and encodings, which need no quotes, as columns: there are a few dozen, and each becomes bytes once. */
class Words {
  private readonly known: Cells[] = [];

  one(word: string): Uint8Array {
    return this.three(word, '', '').cells;
  }

  /** Empty ones are left out. */
  three(first: string, second: string, third: string): Cells {
    // No hash and no joined string: what is looked for is the same constants as before.
    for (const known of this.known) {
      const { words } = known;
      if (words[0] === first && words[1] === second && words[2] === third) return known;
    }
    const words = [first, second, third] as const;
    const text = words.filter((word) => word !== '').join(',');
    const made = { words, cells: new TextEncoder().encode(text), literal: literal(text) };
    this.known.push(made);
    return made;
  }
}

function csvTable(names: readonly string[], output: Output): CsvTable {
  const columns = names.map((name) => ({ name, type: 'text', nullable: true, doc: '' }) as const);
  return new CsvTable({ name: 'keys', doc: '', columns }, (bytes, start, end) => output.write(bytes, start, end));
}
