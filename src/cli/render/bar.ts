/** Bars of block characters. */

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** A share of 1 as a bar of at most `width` columns, without padding: `███▌`. Something above nothing is never empty. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  if (eighths === 0) return share > 0 ? EIGHTHS[1] : '';
  return '█'.repeat(eighths >> 3) + EIGHTHS[eighths & 7]!;
}

/** `12.3 %`, `0 %`, `<0.1 %`. */
export function formatShare(share: number): string {
  if (share === 0) return '0 %';
  if (share < 0.0005) return '<0.1 %';
  return `${(share * 100).toFixed(1)} %`;
}
