/** Values of DuckDB as JSON, as CSV and as text for people. */
import type { DuckDBValue } from '@duckdb/node-api';
import { formatQuoted } from '../../bytes/quote.js';
import type { DuckDb } from '../sql-database.js';
import { isSafeText, jsonBytes } from './bytes-text.js';
import { formatTime, scoreText } from './quantity.js';

/** The most significant digits that every double keeps. */
const SAFE_DIGITS = 15;

export class SqlValues {
  constructor(private readonly duckdb: DuckDb) {}

  /**
   * As in NDJSON: whole numbers beyond ±2^53, infinities and decimals that no double holds are strings, instants are Unix ms,
   * bytes are text or `{"$b64"}`.
   */
  json(value: DuckDBValue): string {
    const { duckdb } = this;
    if (value === null || typeof value === 'boolean') return String(value);
    if (typeof value === 'string') return JSON.stringify(value);
    if (typeof value === 'number') return Number.isFinite(value) ? scoreText(value) : `"${scoreText(value)}"`;
    if (typeof value === 'bigint') return isSafe(value) ? String(value) : `"${value}"`;
    if (value instanceof duckdb.DuckDBDecimalValue) return decimalJson(String(value));
    const micros = this.microsOf(value);
    if (micros !== undefined) return millisJson(micros);
    if (value instanceof duckdb.DuckDBBlobValue) return JSON.stringify(jsonBytes(value.bytes));
    if (value instanceof duckdb.DuckDBListValue || value instanceof duckdb.DuckDBArrayValue)
      return `[${value.items.map((item) => this.json(item)).join(',')}]`;
    if (value instanceof duckdb.DuckDBStructValue) {
      const members = Object.entries(value.entries).map(([name, one]) => `${JSON.stringify(name)}:${this.json(one)}`);
      return `{${members.join(',')}}`;
    }
    if (value instanceof duckdb.DuckDBMapValue)
      return `[${value.entries.map(({ key, value: one }) => `[${this.json(key)},${this.json(one)}]`).join(',')}]`;
    if (value instanceof duckdb.DuckDBUnionValue) return this.json(value.value);
    return JSON.stringify(String(value));
  }

  /** Null is nothing, an empty text is `""`, bytes are hexadecimal digits, instants ISO 8601. */
  csv(value: DuckDBValue): string {
    if (value === null) return '';
    if (typeof value === 'string') return csvText(value);
    if (value instanceof this.duckdb.DuckDBBlobValue) return Buffer.from(value.bytes).toString('hex');
    return csvText(this.plain(value));
  }

  /** One line in which nothing moves a cursor. */
  text(value: DuckDBValue): string {
    if (value === null) return 'NULL';
    if (typeof value === 'string') return isSafeText(value) ? value : formatQuoted(new TextEncoder().encode(value));
    if (value instanceof this.duckdb.DuckDBBlobValue) return formatQuoted(value.bytes);
    return this.plain(value);
  }

  private plain(value: Exclude<DuckDBValue, string | null>): string {
    const { duckdb } = this;
    if (typeof value === 'number') return scoreText(value);
    if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
    const micros = this.microsOf(value);
    if (micros !== undefined) return instantText(micros);
    const isNested =
      value instanceof duckdb.DuckDBListValue ||
      value instanceof duckdb.DuckDBArrayValue ||
      value instanceof duckdb.DuckDBStructValue ||
      value instanceof duckdb.DuckDBMapValue ||
      value instanceof duckdb.DuckDBUnionValue;
    return isNested ? this.json(value) : String(value);
  }

  /** Of an instant, whatever its unit in DuckDB; parts of a microsecond are left out. */
  private microsOf(value: DuckDBValue): bigint | undefined {
    const { duckdb } = this;
    if (value instanceof duckdb.DuckDBTimestampTZValue || value instanceof duckdb.DuckDBTimestampValue)
      return value.micros;
    if (value instanceof duckdb.DuckDBTimestampMillisecondsValue) return value.millis * 1000n;
    if (value instanceof duckdb.DuckDBTimestampSecondsValue) return value.seconds * 1_000_000n;
    if (value instanceof duckdb.DuckDBTimestampNanosecondsValue) return value.nanos / 1000n;
    return undefined;
  }
}

function isSafe(value: bigint): boolean {
  return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER;
}

function decimalJson(text: string): string {
  return text.replace(/\D/g, '').length <= SAFE_DIGITS ? text : `"${text}"`;
}

/** DuckDB's infinite instants, as numbers of microseconds. */
const INFINITE = 2n ** 63n - 1n;

function millisJson(micros: bigint): string {
  if (micros === INFINITE || micros === -INFINITE) return `"${micros > 0n ? 'inf' : '-inf'}"`;
  const millis = micros / 1000n;
  if (!isSafe(millis)) return `"${millis}"`;
  const rest = micros % 1000n;
  return rest === 0n ? String(millis) : String(Number(micros) / 1000);
}

function instantText(micros: bigint): string {
  if (micros === INFINITE || micros === -INFINITE) return micros > 0n ? 'infinity' : '-infinity';
  return formatTime(micros / 1000n);
}

function csvText(text: string): string {
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
