/** A column: heading, and on which side its cells stand. */
export interface Column {
  title: string;
  align: 'left' | 'right';
}

export type TableStyle = 'text' | 'markdown';

/** Lays out rows under headings, in columns as wide as their widest cell; ends with a newline. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  style: TableStyle,
): string {
  const widths = columns.map(({ title }, c) => Math.max(title.length, ...rows.map((row) => (row[c] ?? '').length)));
  const titles = columns.map(({ title }) => title);
  const line = (cells: readonly string[]): string => {
    const padded = columns.map(({ align }, c) => pad(cells[c] ?? '', widths[c] ?? 0, align));
    return style === 'markdown' ? `| ${padded.join(' | ')} |` : padded.join('  ').trimEnd();
  };
  return `${[line(titles), rule(columns, widths, style), ...rows.map(line)].join('\n')}\n`;
}

/** Megabytes of 10^6 bytes, rounded to whole ones. */
export function formatMegabytes(bytes: number | undefined): string {
  return bytes === undefined ? '–' : (bytes / 1e6).toFixed(0);
}

/** Seconds with two decimals, three below one second. */
export function formatSeconds(ms: number | undefined): string {
  if (ms === undefined || Number.isNaN(ms)) return '–';
  return (ms / 1000).toFixed(ms < 1000 ? 3 : 2);
}

/** `1.52x`. */
export function formatRatio(ratio: number | undefined): string {
  return ratio === undefined ? '' : `${ratio.toFixed(2)}x`;
}

function rule(columns: readonly Column[], widths: readonly number[], style: TableStyle): string {
  if (style === 'text') return widths.map((width) => '-'.repeat(width)).join('  ');
  const marks = columns.map(({ align }, c) => '-'.repeat((widths[c] ?? 0) + 1) + (align === 'right' ? ':' : '-'));
  return `|${marks.join('|')}|`;
}

function pad(text: string, width: number, align: Column['align']): string {
  return align === 'right' ? text.padStart(width) : text.padEnd(width);
}
