import type { Ratio } from './compare.js';
import { formatRatio } from './table.js';

const WIDTH = 860;
const LABEL_WIDTH = 330;
const VALUE_WIDTH = 70;
const ROW_HEIGHT = 22;
const BAR_HEIGHT = 12;
const GROUP_HEIGHT = 34;
const HEAD_HEIGHT = 78;
const FOOT_HEIGHT = 30;
const PLOT_LEFT = LABEL_WIDTH;
const PLOT_RIGHT = WIDTH - VALUE_WIDTH;
/** What an axis may begin and end with, and where it has lines. */
const TICKS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];

const STYLE = `
  :root { --back: #fff; --text: #1c2430; --soft: #667085; --line: #e2e6ec; --one: #98a2b3; --bar: #2f6fdb; --mark: #d4480b; }
  @media (prefers-color-scheme: dark) {
    :root { --back: #0f141b; --text: #e6eaf0; --soft: #98a2b3; --line: #262d38; --one: #5d6778; --bar: #6aa3ff; --mark: #ff9a5c; }
  }
  .back { fill: var(--back); }
  text { fill: var(--text); font: 12px system-ui, -apple-system, 'Segoe UI', sans-serif; }
  .title { font-size: 16px; font-weight: 600; }
  .set { font-size: 13px; font-weight: 600; }
  .soft { fill: var(--soft); }
  .missed { fill: var(--mark); font-weight: 600; }
  .tick { stroke: var(--line); }
  .one { stroke: var(--one); }
  .bar { fill: var(--bar); }
  .standin { fill: var(--bar); fill-opacity: 0.3; stroke: var(--bar); stroke-dasharray: 3 2; }
  .spread { stroke: var(--text); stroke-opacity: 0.7; }
  .target { stroke: var(--mark); stroke-width: 3; }
`;

/** Places ratios on a logarithmic axis. */
interface Scale {
  x: (ratio: number) => number;
  ticks: readonly number[];
}

/**
 * A bar for each ratio, from 1 to the right (faster than the peer) or to the left, on a logarithmic axis; grouped by data set;
 * a mark where the target is, a thin line from the least to the greatest ratio of a round, dashed bars for stand-ins.
 */
export function plotRatios(ratios: readonly Ratio[], caption: string): string {
  if (ratios.length === 0) throw new Error('there are no ratios to plot');
  const sets = [...new Set(ratios.map(({ set }) => set))];
  const height = HEAD_HEIGHT + sets.length * GROUP_HEIGHT + ratios.length * ROW_HEIGHT + FOOT_HEIGHT;
  const bottom = height - FOOT_HEIGHT;
  const scale = scaleFor(ratios);
  let y = HEAD_HEIGHT;
  const groups = sets.flatMap((set) => {
    const title = `<text class="set" x="16" y="${y + GROUP_HEIGHT - 10}">${escapeXml(set)}</text>`;
    y += GROUP_HEIGHT;
    const rows = ratios.filter((ratio) => ratio.set === set);
    const drawn = rows.map((ratio, r) => drawRow(ratio, y + r * ROW_HEIGHT, scale));
    y += rows.length * ROW_HEIGHT;
    return [title, ...drawn];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title desc">`,
    '<title id="title">rdb-inspect against its peers</title>',
    `<desc id="desc">${escapeXml(describe(ratios))}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="back" width="${WIDTH}" height="${height}"/>`,
    '<text class="title" x="16" y="28">How many times as fast as its peers rdb-inspect is</text>',
    `<text class="soft" x="16" y="48">${escapeXml(caption)}</text>`,
    ...legend(),
    ...axis(scale, bottom),
    ...groups,
    '</svg>',
    '',
  ].join('\n');
}

function scaleFor(ratios: readonly Ratio[]): Scale {
  const values = ratios.flatMap(({ ratio, minRatio, maxRatio, target }) => [ratio, minRatio, maxRatio, target ?? 1]);
  const least = Math.min(1, ...values);
  const greatest = Math.max(1, ...values);
  const from = TICKS.findLast((tick) => tick <= least) ?? TICKS[0] ?? least;
  const to = TICKS.find((tick) => tick >= greatest && tick > from) ?? greatest;
  const perLog = (PLOT_RIGHT - PLOT_LEFT) / Math.log(to / from);
  return {
    x: (ratio) => PLOT_LEFT + Math.log(Math.max(ratio, from) / from) * perLog,
    ticks: TICKS.filter((tick) => tick >= from && tick <= to),
  };
}

function axis({ x, ticks }: Scale, bottom: number): string[] {
  return ticks.flatMap((tick) => {
    const at = round(x(tick));
    const kind = tick === 1 ? 'one' : 'tick';
    return [
      `<line class="${kind}" x1="${at}" x2="${at}" y1="${HEAD_HEIGHT}" y2="${bottom}"/>`,
      `<text class="soft" x="${at}" y="${bottom + 18}" text-anchor="middle">${tick}x</text>`,
    ];
  });
}

function drawRow(ratio: Ratio, top: number, { x }: Scale): string {
  const middle = top + ROW_HEIGHT / 2;
  const barTop = middle - BAR_HEIGHT / 2;
  const [left, right] = [Math.min(x(1), x(ratio.ratio)), Math.max(x(1), x(ratio.ratio))];
  const kind = ratio.standIn === undefined ? 'bar' : 'standin';
  const label = `${escapeXml(ratio.job)} <tspan class="soft">/ ${escapeXml(ratio.peer)}</tspan>`;
  const parts = [
    `<text x="${LABEL_WIDTH - 10}" y="${middle + 4}" text-anchor="end">${label}</text>`,
    `<rect class="${kind}" x="${round(left)}" y="${barTop}" width="${round(right - left)}" height="${BAR_HEIGHT}"/>`,
    `<line class="spread" x1="${round(x(ratio.minRatio))}" x2="${round(x(ratio.maxRatio))}" y1="${middle}" y2="${middle}"/>`,
  ];
  if (ratio.target !== undefined) {
    const at = round(x(ratio.target));
    parts.push(`<line class="target" x1="${at}" x2="${at}" y1="${barTop - 3}" y2="${barTop + BAR_HEIGHT + 3}"/>`);
  }
  const missed = ratio.verdict === 'missed' ? ' class="missed"' : '';
  parts.push(`<text${missed} x="${WIDTH - 12}" y="${middle + 4}" text-anchor="end">${formatRatio(ratio.ratio)}</text>`);
  return `<g>${parts.join('')}</g>`;
}

function legend(): string[] {
  const y = 66;
  return [
    `<rect class="bar" x="16" y="${y - 9}" width="22" height="10"/><text class="soft" x="44" y="${y}">measured</text>`,
    `<rect class="standin" x="116" y="${y - 9}" width="22" height="10"/>`,
    `<text class="soft" x="144" y="${y}">peer not at hand: a stand-in of the same run</text>`,
    `<line class="target" x1="440" x2="440" y1="${y - 11}" y2="${y + 3}"/><text class="soft" x="450" y="${y}">target</text>`,
    `<line class="spread" x1="504" x2="526" y1="${y - 4}" y2="${y - 4}"/>`,
    `<text class="soft" x="532" y="${y}">least to greatest of a round</text>`,
  ];
}

function describe(ratios: readonly Ratio[]): string {
  return ratios
    .map(({ set, job, peer, ratio, verdict }) => {
      const judged = verdict === undefined ? '' : `, target ${verdict}`;
      return `${job} on ${set}: ${formatRatio(ratio)} of ${peer}${judged}.`;
    })
    .join(' ');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
