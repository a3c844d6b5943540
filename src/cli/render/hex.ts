/**
 * An explanation as annotated hex: offset, bytes, and what they mean, indented by depth.
 *
 *     000000c4  10                       type          HASH_LISTPACK (16)
 *     000000c5  06 75 73 65 72 3a 31     key           "user:1"
 *
 * Bytes of a decompressed string have positions of their own, written with a plus.
 */
import stringWidth from 'string-width';
import type { Explanation, Span } from '../../inspect/explain.js';
import { lineText } from './bytes-text.js';
import { formatBytes } from './quantity.js';
import type { Style } from './style.js';

const BYTES_PER_LINE = 8;
const HEX_COLUMNS = BYTES_PER_LINE * 3 - 1;
const OFFSET_COLUMNS = 8;
/** Lines of bytes per span; what is longer is cut in the middle of nowhere. */
const MAX_LINES = 4;
const LABEL_COLUMNS = 16;

export function formatExplanation({ record, spans }: Explanation, style: Style, columns: number): string {
  const { offset, size, what, db, key } = record;
  const whose = key === undefined ? '' : `, key ${lineText(key)}${db === undefined ? '' : ` in db ${db}`}`;
  const title = `${style.bold(what)}${whose}, ${formatBytes(size)} at offset ${offset}\n`;
  const lines = spans.flatMap((span, index) => spanLines(span, isContainer(spans, index), style, columns));
  return `${title}${lines.map((line) => `${line}\n`).join('')}`;
}

/** Its parts follow, and show its bytes. */
function isContainer(spans: readonly Span[], index: number): boolean {
  const next = spans[index + 1];
  return next !== undefined && next.depth > spans[index]!.depth;
}

function spanLines(span: Span, container: boolean, style: Style, columns: number): string[] {
  const rows = container ? [] : hexRows(span);
  const gutter = span.hit ? style.yellow('▶ ') : '  ';
  return [
    `${place(span, 0, style)}  ${(rows[0] ?? '').padEnd(HEX_COLUMNS)} ${gutter}${annotation(span, style, columns)}`.trimEnd(),
    ...rows.slice(1).map((row, index) => `${place(span, (index + 1) * BYTES_PER_LINE, style)}  ${row}`),
  ];
}

function annotation(span: Span, style: Style, columns: number): string {
  const indent = '  '.repeat(span.depth);
  const room = columns - OFFSET_COLUMNS - HEX_COLUMNS - indent.length - LABEL_COLUMNS - 7;
  const label = span.label.padEnd(LABEL_COLUMNS);
  const value = fit(span.value ?? formatBytes(span.size), Math.max(20, room));
  return `${indent}${span.label === 'error' ? style.red(`${label} ${value}`) : `${style.cyan(label)} ${value}`}`;
}

function place(span: Span, within: number, style: Style): string {
  const offset = span.offset + within;
  const text = span.inner
    ? `+${offset.toString(16).padStart(OFFSET_COLUMNS - 1, '0')}`
    : offset.toString(16).padStart(OFFSET_COLUMNS, '0');
  return style.dim(text);
}

function hexRows(span: Span): string[] {
  const rows: string[] = [];
  const shown = Math.min(span.bytes.length, MAX_LINES * BYTES_PER_LINE);
  for (let at = 0; at < shown; at += BYTES_PER_LINE) {
    const row = span.bytes.subarray(at, Math.min(shown, at + BYTES_PER_LINE));
    rows.push(Array.from(row, (byte) => byte.toString(16).padStart(2, '0')).join(' '));
  }
  if (span.size > shown && rows.length > 0) rows.push(`… ${formatBytes(span.size - shown)} more`);
  return rows;
}

/** Cuts what is wider than the terminal. */
function fit(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  let width = 0;
  let kept = '';
  for (const char of text) {
    width += stringWidth(char);
    if (width > columns - 1) break;
    kept += char;
  }
  return `${kept}…`;
}
