/** In which form a report is printed. */
import { isatty } from 'node:tty';

/** `ndjson`: a line for each row; `json`: the whole report as one object with its schema. */
export type ReportFormat = 'table' | 'ndjson' | 'json' | 'csv';

export interface ReportFormatOptions {
  readonly format?: ReportFormat;
  readonly json?: boolean;
  readonly output?: string;
}

/** What `-f` says, else `--json`; a table on a terminal, lines of JSON in a pipe or a file. */
export function reportFormat({ format, json, output }: ReportFormatOptions): ReportFormat {
  if (format !== undefined) return format;
  if (json) return 'json';
  return output === undefined && isatty(1) ? 'table' : 'ndjson';
}

/** Columns of the terminal: what it says itself, else `COLUMNS`, else 80. */
export function terminalWidth(): number {
  const width = process.stdout.columns ?? Number(process.env.COLUMNS);
  return Number.isInteger(width) && width >= 20 ? width : 80;
}
