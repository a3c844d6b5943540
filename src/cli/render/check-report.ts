/** `check@1` (cli.md §2), and the same for people. */
import type { FormatError } from '../../bytes/errors.js';
import type { CheckReport } from '../../inspect/check.js';
import { writersOf } from '../formats-table.js';
import { describeError } from '../report-error.js';
import { lineText } from './bytes-text.js';
import { formatBytes, formatCount, plural } from './quantity.js';
import type { Style } from './style.js';

export function checkJson(source: string, report: CheckReport): object {
  const { ok, deep, version, keys, checksum, bytes, warnings, errors, errorCount } = report;
  return {
    schema: 'rdb-inspect/check@1',
    source,
    ok,
    format: report.magic === undefined ? null : 'rdb',
    version: version ?? null,
    keys,
    checksum: checksum ?? null,
    bytes,
    warnings,
    ...(errors.length > 0 && { error: describeError(errors[0]!) }),
    ...(errorCount > 1 && { errors: errors.map(describeError), errorCount }),
    deep,
    ...(report.magic && { magic: report.magic }),
    ...(report.compression && { compression: report.compression }),
    ...(report.aofTailBytes > 0 && { aofTailBytes: report.aofTailBytes }),
  };
}

/** A few lines, the last of which is the verdict. */
export function formatCheck(name: string, report: CheckReport, style: Style): string {
  const file = lineText(new TextEncoder().encode(name));
  const lines = [
    ...introduction(file, report, style),
    ...report.warnings.map(
      ({ offset, message, code }) => `${at(offset)} ${style.yellow('warning')}: ${message} (${code})`,
    ),
    ...report.errors.map((error) => `${at(error.offset)} ${style.red('error')}: ${sentence(error)}`),
    ...(report.errorCount > report.errors.length
      ? [`… and ${plural(report.errorCount - report.errors.length, 'more error')}`]
      : []),
    ...remarks(report),
    verdict(file, report, style),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function introduction(file: string, report: CheckReport, style: Style): string[] {
  const { magic, version, producer, compression, deep } = report;
  if (magic === undefined || version === undefined) return [];
  const writers = producer ?? writersOf(magic === 'REDIS' ? 'redis' : 'valkey', version);
  const by =
    writers === undefined
      ? ''
      : `, ${producer === undefined ? 'as written by' : 'written by'} ${lineText(new TextEncoder().encode(writers))}`;
  const inside = compression === undefined ? '' : `, inside ${compression}`;
  return [
    `${at(0)} ${style.bold(file)}: RDB version ${version} (${magic})${by}${inside}${deep ? ', checked in depth' : ''}`,
  ];
}

function remarks(report: CheckReport): string[] {
  const { checksum, deep, aofTailBytes, bytes } = report;
  const lines: string[] = [];
  if (aofTailBytes > 0)
    lines.push(`${at(bytes)} followed by an AOF tail of ${plural(aofTailBytes, 'byte')}, which is not read`);
  const without =
    checksum === 'absent'
      ? 'this version has no checksum'
      : checksum === 'disabled'
        ? 'the writer left the checksum out'
        : undefined;
  if (without !== undefined)
    lines.push(`${at(bytes)} ${without}${deep ? '' : ': --deep finds more of what may be wrong'}`);
  return lines;
}

function verdict(file: string, report: CheckReport, style: Style): string {
  const { ok, keys, bytes, checksum, complete, errorCount } = report;
  const read = plural(keys, 'key');
  if (ok) {
    const sum = checksum === 'ok' ? ', checksum ok' : checksum === 'unchecked' ? ', checksum not compared' : '';
    return `${at(bytes)} ${style.green('RDB looks OK')}: ${file}, ${read}, ${formatBytes(bytes)}${sum}`;
  }
  const isRead = complete || checksum === 'mismatch';
  const how = isRead ? `${plural(errorCount, 'error')} in ${read}` : `${read} read before the error`;
  return `${at(report.errors[0]!.offset)} ${style.red('RDB is not OK')}: ${file}, ${how}`;
}

function sentence(error: FormatError): string {
  const inner =
    error.innerOffset === undefined ? '' : `, ${formatCount(error.innerOffset)} bytes into the compressed string`;
  const trail = error.trail.length === 0 ? '' : `, ${error.trail.join(', ')}`;
  return `${error.message} (${error.code}${inner}${trail})`;
}

function at(offset: number): string {
  return `[offset ${offset}]`;
}
