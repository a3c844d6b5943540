/** Rows of a report for programs: a line of JSON each, or CSV with a head. */
import type { Output } from '../output.js';
import { jsonBytes, lineText } from './bytes-text.js';

export type RowValue = string | number | boolean | null | undefined | Uint8Array | readonly string[];

/** In the order of its columns. */
export type Row = Readonly<Record<string, RowValue>>;

/** Every row of CSV has the columns of the first. */
export function writeRows(format: 'ndjson' | 'csv', rows: readonly Row[], output: Output): void {
  if (format === 'ndjson') {
    for (const row of rows) output.text(`${JSON.stringify(rowJson(row))}\n`);
    return;
  }
  const columns = Object.keys(rows[0] ?? {});
  if (columns.length > 0) output.text(`${columns.join(',')}\n`);
  for (const row of rows) output.text(`${columns.map((column) => csvCell(row[column])).join(',')}\n`);
}

/** The row as JSON has it: bytes as text, or base64 where they are none. */
export function rowJson(row: Row): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value instanceof Uint8Array ? jsonBytes(value) : value]),
  );
}

function csvCell(value: RowValue): string {
  if (value === undefined || value === null) return '';
  const text = value instanceof Uint8Array ? lineText(value) : Array.isArray(value) ? value.join(' ') : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
