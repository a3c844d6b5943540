/**
 * The tree of prefixes as an icicle: a prefix stands on what begins with it, as wide as its part. Cells are buttons; one of
 * them can be reached with Tab, the others from there with the arrow keys. Colours say how many keys never expire.
 */
import type { ReportCount, ReportData, ReportPrefix } from '../report-data.js';
import { button, type Child, h, keyText, withSizes } from './dom.js';
import {
  formatCount,
  formatKeys,
  formatMetric,
  formatShare,
  METRIC_NAMES,
  type Metric,
  metricsOf,
  sizeMetric,
} from './format.js';
import { bar, table } from './tables.js';

/** Rows under the prefix that is opened. */
const ROWS = 4;
/** Narrower cells are drawn together. */
const LEAST_WIDTH = 0.01;
const COLOR_STEPS = 5;
/** Rows of the table; more on demand. */
const PAGE = 25;

interface Cell {
  readonly element: HTMLButtonElement;
  readonly prefix: ReportPrefix;
  readonly row: number;
  readonly parent: Cell | undefined;
}

export class Icicle {
  readonly element: HTMLElement;
  /** From the root to the prefix that is opened. */
  private path: readonly ReportPrefix[];
  private metric: Metric;
  private cells: Cell[] = [];
  private lastRow = 0;
  private listed = PAGE;
  private readonly crumbs = h('ol', { class: 'crumbs' });
  private readonly map = h('div', { class: 'icicle', role: 'group', 'aria-label': 'Prefixes, by their share' });
  private readonly detail = h('p', { class: 'readout' });
  private readonly list = h('div', { class: 'children' });

  constructor(private readonly data: ReportData) {
    this.path = [data.prefixes];
    this.metric = sizeMetric(data);
    this.map.addEventListener('keydown', (event) => this.press(event));
    this.element = h(
      'div',
      {},
      h('div', { class: 'controls' }, h('nav', { 'aria-label': 'Opened prefix' }, this.crumbs), this.metricChoice()),
      this.map,
      this.detail,
      legend(),
      this.list,
    );
    this.show();
  }

  private get opened(): ReportPrefix {
    return this.path.at(-1)!;
  }

  private metricChoice(): HTMLElement {
    const choices = metricsOf(this.data).map((metric) => {
      const input = h('input', { type: 'radio', name: 'metric', value: metric, checked: metric === this.metric });
      input.addEventListener('change', () => {
        this.metric = metric;
        this.show();
      });
      return h('label', {}, input, METRIC_NAMES[metric]);
    });
    return h('fieldset', { class: 'choice' }, h('legend', { class: 'unseen' }, 'Width of cells'), ...choices);
  }

  /** Opens the last of a path, and puts the focus on it. */
  private open(path: readonly ReportPrefix[], focused: ReportPrefix = path.at(-1)!): void {
    this.path = path;
    this.show();
    this.focus(this.cells.find(({ prefix }) => prefix === focused) ?? this.cells[0]!);
  }

  private close(): void {
    if (this.path.length > 1) this.open(this.path.slice(0, -1), this.opened);
  }

  private show(): void {
    this.cells = [];
    this.lastRow = 0;
    this.listed = PAGE;
    this.map.replaceChildren();
    this.draw(this.opened, undefined, 0, 0, 1);
    withSizes(this.map, { rows: this.lastRow + 1 });
    this.cells[0]!.element.tabIndex = 0;
    this.tell(this.opened);
    this.showCrumbs();
    this.showChildren();
  }

  private draw(prefix: ReportPrefix, parent: Cell | undefined, row: number, left: number, width: number): void {
    const cell = this.cell(prefix, parent, row, left, width);
    if (row === ROWS || prefix.children.length === 0) return;
    const { metric } = this;
    let at = left;
    for (const child of bySize(prefix.children, metric)) {
      const part = (width * child[metric]) / (prefix[metric] || 1);
      if (part < LEAST_WIDTH) break;
      this.draw(child, cell, row + 1, at, part);
      at += part;
    }
    const rest = left + width - at;
    if (rest < LEAST_WIDTH / 2) return;
    const label = h('span', { class: 'cell rest', 'aria-hidden': 'true' }, h('span', { class: 'cell-name' }, 'other'));
    label.title = 'Smaller prefixes, and keys that end here: see the table';
    this.place(label, row + 1, at, rest);
  }

  private cell(prefix: ReportPrefix, parent: Cell | undefined, row: number, left: number, width: number): Cell {
    const element = button(
      { class: `cell step-${stepOf(prefix)}`, tabindex: -1, 'aria-label': this.describe(prefix) },
      h('span', { class: 'cell-name' }, nameOf(prefix)),
      () => this.click(cell),
    );
    const cell: Cell = { element, prefix, row, parent };
    if (prefix.children.length > 0) element.classList.add('opens');
    element.addEventListener('pointerenter', () => this.tell(prefix));
    element.addEventListener('focus', () => this.tell(prefix));
    this.place(element, row, left, width);
    this.cells.push(cell);
    return cell;
  }

  private place(element: HTMLElement, row: number, left: number, width: number): void {
    this.map.append(withSizes(element, { row, left, width }));
    this.lastRow = Math.max(this.lastRow, row);
  }

  private click(cell: Cell): void {
    if (cell.parent === undefined) this.close();
    else if (cell.prefix.children.length > 0) this.open([...this.path, ...pathTo(cell)]);
    else this.focus(cell);
  }

  private press(event: KeyboardEvent): void {
    const cell = this.cells.find(({ element }) => element === event.target);
    if (cell === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === 'Escape' || event.key === 'Backspace' || (event.key === 'ArrowUp' && cell.parent === undefined))
      this.close();
    else {
      const next = this.neighbour(cell, event.key);
      if (next === undefined) return;
      this.focus(next);
    }
    event.preventDefault();
  }

  private neighbour(cell: Cell, key: string): Cell | undefined {
    const row = this.cells.filter((one) => one.row === cell.row);
    const at = row.indexOf(cell);
    switch (key) {
      case 'ArrowLeft':
        return row[at - 1] ?? cell;
      case 'ArrowRight':
        return row[at + 1] ?? cell;
      case 'ArrowUp':
        return cell.parent;
      case 'ArrowDown':
        return this.cells.find(({ parent }) => parent === cell) ?? cell;
      case 'Home':
        return row[0];
      case 'End':
        return row.at(-1);
      default:
        return undefined;
    }
  }

  private focus(cell: Cell): void {
    for (const { element } of this.cells) element.tabIndex = -1;
    cell.element.tabIndex = 0;
    cell.element.focus();
  }

  private tell(prefix: ReportPrefix): void {
    this.detail.replaceChildren(keyText(nameOf(prefix)), ` ${this.numbers(prefix)}`);
  }

  private describe(prefix: ReportPrefix): string {
    return `${nameOf(prefix)}, ${this.numbers(prefix)}`;
  }

  private numbers(prefix: ReportPrefix): string {
    const size = formatMetric(prefix, sizeMetric(this.data));
    const share = formatShare(prefix[this.metric], this.data.prefixes[this.metric]);
    const forever = formatShare(prefix.withoutTtl, prefix.keys);
    const layout = prefix.layout === undefined ? '' : `; ${prefix.layout}`;
    return `${formatKeys(prefix.keys)}, ${size}, ${share} of all, ${forever} without TTL${layout}`;
  }

  private showCrumbs(): void {
    const { path } = this;
    const steps = path.map((prefix, index) =>
      index === path.length - 1
        ? h('li', { 'aria-current': 'location' }, keyText(nameOf(prefix)))
        : h(
            'li',
            {},
            button({ class: 'link' }, keyText(nameOf(prefix)), () => this.open(path.slice(0, index + 1))),
          ),
    );
    this.crumbs.replaceChildren(...steps);
  }

  private showChildren(): void {
    const { opened, metric, data, listed } = this;
    const children = bySize(opened.children, metric);
    const shown = children.slice(0, listed);
    const size = sizeMetric(data);
    const numbers = (count: ReportCount & { readonly withoutTtl: number }): Child[] => [
      formatCount(count.keys),
      formatMetric(count, size),
      formatShare(count[metric], opened[metric]),
      bar(count[metric], opened[metric]),
      formatShare(count.withoutTtl, count.keys),
    ];
    const rows = shown.map((child) => [this.openerOf(child), ...numbers(child), child.layout ?? '']);
    const rest = restOf(opened, shown);
    if (rest.keys > 0) rows.push(['other', ...numbers(rest), '']);
    const titles = ['Prefix', 'Keys', METRIC_NAMES[size], 'Share', '', 'Without TTL', 'Software'];
    const width = rows.some((row) => row[6] !== '') ? titles.length : titles.length - 1;
    const columns = titles.slice(0, width).map((title, index) => ({ title, isNumber: [1, 2, 3, 5].includes(index) }));
    const caption = `Prefixes in ${nameOf(opened)}`;
    const list = table(
      caption,
      columns,
      rows.map((row) => row.slice(0, width)),
    );
    const more = button({ class: 'more' }, `Show ${formatCount(children.length - listed)} more prefixes`, () => {
      this.listed = Infinity;
      this.showChildren();
      this.list.querySelectorAll('tbody')[0]!.rows[listed]!.querySelector('button')?.focus();
    });
    this.list.replaceChildren(...(rows.length > 0 ? [list] : []), ...(children.length > listed ? [more] : []));
  }

  /** Its name, as a button where there is something in it. */
  private openerOf(prefix: ReportPrefix): HTMLElement {
    const name = keyText(nameOf(prefix));
    if (prefix.children.length === 0) return name;
    return button({ class: 'link' }, name, () => this.open([...this.path, prefix]));
  }
}

function legend(): HTMLElement {
  const steps = Array.from({ length: COLOR_STEPS }, (_, step) => h('span', { class: `swatch step-${step}` }));
  return h('p', { class: 'legend', 'aria-hidden': 'true' }, 'Without TTL: none ', ...steps, ' all');
}

function nameOf({ name }: ReportPrefix): string {
  return name === '' ? 'all keys' : name;
}

function stepOf({ withoutTtl, keys }: ReportPrefix): number {
  return Math.min(COLOR_STEPS - 1, Math.floor((COLOR_STEPS * withoutTtl) / (keys || 1)));
}

function bySize(children: readonly ReportPrefix[], metric: Metric): ReportPrefix[] {
  return [...children].sort((a, b) => b[metric] - a[metric]);
}

/** The prefixes from below the one that is opened to this one. */
function pathTo(cell: Cell): ReportPrefix[] {
  return cell.parent === undefined ? [] : [...pathTo(cell.parent), cell.prefix];
}

function restOf(prefix: ReportPrefix, listed: readonly ReportPrefix[]): ReportCount & { readonly withoutTtl: number } {
  const rest = { keys: prefix.keys, memory: prefix.memory, bytes: prefix.bytes, withoutTtl: prefix.withoutTtl };
  for (const child of listed)
    for (const field of ['keys', 'memory', 'bytes', 'withoutTtl'] as const) rest[field] -= child[field];
  return rest;
}
