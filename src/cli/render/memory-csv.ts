/**
 * `memory` as CSV: a line per key, in our columns or in those of redis-rdb-tools.
 *
 * The latter's `memory` command prints `database,type,key,size_in_bytes,encoding,num_elements,len_largest_element,expiry`;
 * scripts that read it go by these names. As there, a zset is a `sortedset`, the encoding of a string is `string`, its
 * elements are its bytes, and an expiry is a time in UTC as Python's isoformat writes one, without a zone and with six
 * digits of a second that is not whole. Unlike there, names with commas, quotes and line ends are quoted (RFC 4180), and
 * sizes and encodings are those of the server that is modelled.
 */
import { CsvTable } from '../../convert/tables/csv-table.js';
import { NameText } from '../../convert/tables/name-text.js';
import type { KeyFacts } from '../../inspect/facts/key-facts.js';
import type { Output } from '../output.js';
import type { MemoryRows } from './memory-rows.js';

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

/** The furthest time that four digits of a year can say. */
const MAX_YEAR_MS = Date.UTC(10_000, 0, 1) - 1;

export class MemoryCsvRows implements MemoryRows {
  private readonly table: CsvTable;
  private readonly name = new NameText();
  private readonly words = new Words();

  constructor(private readonly output: Output) {
    this.table = csvTable(OUR_COLUMNS, output);
  }

  get isBehind(): boolean {
    return this.output.isBehind;
  }

  record(): void {}

  key(facts: KeyFacts): void {
    const { table, name } = this;
    const { key, expireAt } = facts;
    name.set(key);
    table.int(facts.db);
    table.key(name);
    this.words.write(table, facts.type);
    this.words.write(table, facts.encoding);
    this.words.write(table, facts.memoryEncoding);
    table.int(facts.memoryBytes);
    table.int(facts.valueBytes);
    table.int(facts.elements);
    if (expireAt === undefined) table.null();
    else if (expireAt.isSafe()) table.int(expireAt.toNumber());
    else table.word(String(expireAt.signed()));
    table.endRow();
  }

  finish(): void {
    this.table.finish();
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
    this.words.write(table, type === 'zset' ? 'sortedset' : type);
    table.text(key.bytes, key.start, key.end);
    table.int(facts.memoryBytes);
    this.words.write(table, isString ? 'string' : facts.memoryEncoding);
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

/** Names of types and encodings, of which there are a few dozen: each becomes bytes once. */
class Words {
  private readonly texts: string[] = [];
  private readonly bytes: Uint8Array[] = [];

  write(table: CsvTable, text: string): void {
    let at = 0;
    while (at < this.texts.length && this.texts[at] !== text) at++;
    if (at === this.texts.length) {
      this.texts.push(text);
      this.bytes.push(new TextEncoder().encode(text));
    }
    const bytes = this.bytes[at]!;
    table.text(bytes, 0, bytes.length);
  }
}

function csvTable(names: readonly string[], output: Output): CsvTable {
  const columns = names.map((name) => ({ name, type: 'text', nullable: true, doc: '' }) as const);
  return new CsvTable({ name: 'keys', doc: '', columns }, (bytes, start, end) => output.write(bytes, start, end));
}
