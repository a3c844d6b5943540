/** `-f` of commands that print reports. */
import { Option } from 'commander';
import type { ReportFormat } from './report-format.js';

export function reportFormatOption(choices: readonly ReportFormat[] = ['table', 'ndjson', 'json', 'csv']): Option {
  return new Option('-f, --format <form>', 'default: a table on a terminal, ndjson otherwise').choices(choices);
}
