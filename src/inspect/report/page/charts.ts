/** What all keys add up to by type, size and life. */
import type { ReportCount, ReportData } from '../report-data.js';
import { h, withSizes } from './dom.js';
import { formatBytes, formatCount, formatKeys, formatMetric, formatShare, METRIC_NAMES, sizeMetric } from './format.js';
import { bar, numbersOf, table } from './tables.js';

export function typeChart(data: ReportData): HTMLElement[] {
  const { types, totals } = data;
  const metric = sizeMetric(data);
  const byType = [...new Set(types.map(({ type }) => type))].map((type) => ({
    type,
    ...sum(types.filter((kind) => kind.type === type)),
  }));
  const shares = byType.map((count) => `${count.type} ${formatShare(count[metric], totals[metric])}`);
  const picture = h('div', {
    class: 'stack',
    role: 'img',
    'aria-label': `${METRIC_NAMES[metric]}: ${shares.join(', ')}`,
  });
  for (const count of byType) {
    const part = withSizes(h('span', { class: `type-${count.type}` }), {
      share: count[metric] / (totals[metric] || 1),
    });
    part.title = `${count.type}: ${formatMetric(count, metric)}`;
    if (count[metric] > 0) picture.append(part);
  }
  const rows = types.map((kind) => [
    h('span', { class: 'kind' }, h('span', { class: `swatch type-${kind.type}`, 'aria-hidden': 'true' }), kind.type),
    kind.encoding,
    formatCount(kind.keys),
    formatMetric(kind, metric),
    formatShare(kind[metric], totals[metric]),
    bar(kind[metric], totals[metric], `type-${kind.type}`),
    formatBytes(kind[metric] / (kind.keys || 1)),
    formatCount(kind.elements),
  ]);
  const columns = [
    { title: 'Type' },
    { title: 'Encoding' },
    { title: 'Keys', isNumber: true },
    { title: METRIC_NAMES[metric], isNumber: true },
    { title: 'Share', isNumber: true },
    { title: '' },
    { title: 'Mean', isNumber: true },
    { title: 'Elements', isNumber: true },
  ];
  return [picture, table('Types and encodings', columns, rows)];
}

/** Two rows of columns over one scale: where the keys are, and where their size is. */
export function sizeChart(data: ReportData): HTMLElement[] {
  const { sizes, totals } = data;
  const metric = sizeMetric(data);
  const readout = h('p', { class: 'readout', 'aria-hidden': 'true' }, 'Point at a column for its numbers.');
  const plots = (['keys', metric] as const).map((of) => {
    const most = Math.max(0, ...sizes.map((bin) => bin[of]));
    const columns = sizes.map((bin) => {
      const column = h('span', { class: 'column' }, withSizes(h('span'), { share: bin[of] / (most || 1) }));
      column.addEventListener('pointerenter', () => {
        readout.textContent = `${sizeRange(bin.fromBytes)}: ${formatKeys(bin.keys)}, ${formatMetric(bin, metric)}`;
      });
      return column;
    });
    const peak = sizes.find((bin) => bin[of] === most);
    const label = peak === undefined ? 'no keys' : `most in ${sizeRange(peak.fromBytes)}: ${formatMetric(peak, of)}`;
    return h(
      'div',
      { class: 'plot', role: 'img', 'aria-label': `${METRIC_NAMES[of]} by size of key, ${label}` },
      h('span', { class: 'plot-name' }, METRIC_NAMES[of]),
      h('div', { class: 'columns' }, ...columns),
    );
  });
  const rows = sizes.map((bin) => [
    sizeRange(bin.fromBytes),
    formatCount(bin.keys),
    formatShare(bin.keys, totals.keys),
    formatMetric(bin, metric),
    formatShare(bin[metric], totals[metric]),
  ]);
  const columns = ['Size of key', 'Keys', 'Share', METRIC_NAMES[metric], 'Share'].map((title, index) => ({
    title,
    isNumber: index > 0,
  }));
  return [...plots, sizeAxis(sizes.map(({ fromBytes }) => fromBytes)), readout, numbersOf('Sizes', columns, rows)];
}

export function ttlChart(data: ReportData): HTMLElement[] {
  const { ttl, totals } = data;
  const metric = sizeMetric(data);
  const most = Math.max(0, ...ttl.map(({ keys }) => keys));
  const rows = ttl.map((bin) => [
    h('span', bin.isWarning ? { class: 'warned' } : {}, bin.label),
    formatCount(bin.keys),
    formatShare(bin.keys, totals.keys),
    bar(bin.keys, most, bin.isWarning ? 'warned' : ''),
    formatMetric(bin, metric),
  ]);
  const columns = [
    { title: 'Life left' },
    { title: 'Keys', isNumber: true },
    { title: 'Share', isNumber: true },
    { title: '' },
    { title: METRIC_NAMES[metric], isNumber: true },
  ];
  return [table('Keys by the life that they have left', columns, rows)];
}

/** Databases, or software. */
export function countTable(
  caption: string,
  title: string,
  counts: readonly (ReportCount & { readonly name: string; readonly expires?: number })[],
  data: ReportData,
): HTMLElement {
  const { totals } = data;
  const metric = sizeMetric(data);
  const hasExpires = counts.some(({ expires }) => expires !== undefined);
  const rows = counts.map((count) => [
    count.name,
    formatCount(count.keys),
    ...(hasExpires ? [formatCount(count.expires ?? 0)] : []),
    formatMetric(count, metric),
    formatShare(count[metric], totals[metric]),
    bar(count[metric], totals[metric]),
  ]);
  const titles = [title, 'Keys', ...(hasExpires ? ['With TTL'] : []), METRIC_NAMES[metric], 'Share', ''];
  return table(
    caption,
    titles.map((name, index) => ({ title: name, isNumber: index > 0 && name !== '' })),
    rows,
  );
}

/** Where columns begin, as far as there is room for it. */
function sizeAxis(begins: readonly number[]): HTMLElement {
  const every = Math.max(1, Math.ceil(begins.length / 6));
  const ticks = begins.map((bytes, index) =>
    h('div', {}, index % every === 0 && h('span', { class: index === 0 ? 'tick first' : 'tick' }, formatBytes(bytes))),
  );
  return h('div', { class: 'axis', 'aria-hidden': 'true' }, ...ticks);
}

/** `64 B to 128 B`. */
function sizeRange(fromBytes: number): string {
  return fromBytes === 0 ? '0 B' : `${formatBytes(fromBytes)} to ${formatBytes(2 * fromBytes)}`;
}

function sum(counts: readonly ReportCount[]): ReportCount {
  const of = (metric: keyof ReportCount): number => counts.reduce((total, count) => total + count[metric], 0);
  return { keys: of('keys'), memory: of('memory'), bytes: of('bytes') };
}
