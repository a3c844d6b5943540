/** The largest keys: filtered by text and type, sorted by any column. */
import type { ReportData, ReportKey } from '../report-data.js';
import { button, type Child, h, keyText, scrollable } from './dom.js';
import { formatBytes, formatCount, formatKeys, formatTime } from './format.js';

interface KeyColumn {
  readonly title: string;
  readonly isNumber: boolean;
  /** What is compared; undefined goes last in either direction. */
  value(key: ReportKey): string | number | undefined;
  cell(key: ReportKey): Child;
}

/** Rows that are drawn at once; more on demand. */
const PAGE = 50;

export class TopKeys {
  readonly element: HTMLElement;
  private readonly columns: readonly KeyColumn[];
  private readonly text = h('input', { type: 'search', id: 'key-filter', autocomplete: 'off', spellcheck: 'false' });
  private readonly type: HTMLSelectElement;
  private readonly status = h('p', { role: 'status', class: 'status' });
  private readonly body = h('tbody');
  private readonly headings: HTMLTableCellElement[];
  private readonly more = button({ class: 'more' }, 'Show more', () => this.showMore());
  private sorted: number;
  private isDescending = true;
  private limit = PAGE;

  constructor(private readonly data: ReportData) {
    this.columns = keyColumns(data);
    this.sorted = this.columns.findIndex(({ isNumber }) => isNumber);
    const types = [...new Set(data.topKeys.map(({ type }) => type))].sort();
    this.type = h(
      'select',
      { id: 'key-type' },
      h('option', { value: '' }, 'all types'),
      ...types.map((type) => h('option', { value: type }, type)),
    );
    this.headings = this.columns.map((column, index) =>
      h(
        'th',
        { scope: 'col', class: column.isNumber && 'number' },
        button({ class: 'sort' }, column.title, () => this.sortBy(index)),
      ),
    );
    for (const control of [this.text, this.type]) control.addEventListener('input', () => this.filter());
    this.element = this.assemble();
    this.show();
  }

  private assemble(): HTMLElement {
    return h(
      'div',
      {},
      h(
        'div',
        { class: 'controls' },
        h('span', { class: 'control' }, h('label', { for: 'key-filter' }, 'Key contains'), this.text),
        h('span', { class: 'control' }, h('label', { for: 'key-type' }, 'Type'), this.type),
        this.status,
      ),
      scrollable(
        'Largest keys',
        h(
          'table',
          { class: 'top-keys' },
          h('caption', { class: 'unseen' }, 'Largest keys; the headings sort'),
          h('thead', {}, h('tr', {}, ...this.headings)),
          this.body,
        ),
      ),
      this.more,
    );
  }

  private filter(): void {
    this.limit = PAGE;
    this.show();
  }

  private showMore(): void {
    const next = this.limit;
    this.limit += PAGE;
    this.show();
    const row = this.body.rows[next];
    row?.setAttribute('tabindex', '-1');
    row?.focus();
  }

  private sortBy(index: number): void {
    if (index === this.sorted) this.isDescending = !this.isDescending;
    else {
      this.sorted = index;
      this.isDescending = this.columns[index]!.isNumber;
    }
    this.show();
  }

  private show(): void {
    const { columns, limit, headings } = this;
    const keys = this.chosen();
    const rows = keys
      .slice(0, limit)
      .map((key) =>
        h(
          'tr',
          {},
          ...columns.map((column, index) =>
            index === 0
              ? h('th', { scope: 'row' }, column.cell(key))
              : h('td', { class: column.isNumber && 'number' }, column.cell(key)),
          ),
        ),
      );
    this.body.replaceChildren(...rows);
    this.more.hidden = keys.length <= limit;
    this.status.textContent = `${formatCount(keys.length)} of ${formatKeys(this.data.topKeys.length)}`;
    for (const [index, heading] of headings.entries()) {
      const direction = this.isDescending ? 'descending' : 'ascending';
      heading.setAttribute('aria-sort', index === this.sorted ? direction : 'none');
    }
  }

  private chosen(): ReportKey[] {
    const text = this.text.value.toLowerCase();
    const type = this.type.value;
    const { value } = this.columns[this.sorted]!;
    const sign = this.isDescending ? -1 : 1;
    return this.data.topKeys
      .filter((key) => (type === '' || key.type === type) && key.key.toLowerCase().includes(text))
      .sort((a, b) => compare(value(a), value(b), sign));
  }
}

function keyColumns({ memoryModel, dbs }: ReportData): KeyColumn[] {
  const columns: KeyColumn[] = [
    { title: 'Key', isNumber: false, value: ({ key }) => key, cell: ({ key }) => keyText(key) },
    { title: 'Type', isNumber: false, value: ({ type }) => type, cell: ({ type }) => type },
    { title: 'Encoding', isNumber: false, value: ({ encoding }) => encoding, cell: ({ encoding }) => encoding },
    { title: 'Memory', isNumber: true, value: ({ memory }) => memory, cell: ({ memory }) => formatBytes(memory) },
    { title: 'In file', isNumber: true, value: ({ bytes }) => bytes, cell: ({ bytes }) => formatBytes(bytes) },
    {
      title: 'Elements',
      isNumber: true,
      value: ({ elements }) => elements,
      cell: ({ elements }) => formatCount(elements),
    },
    { title: 'DB', isNumber: true, value: ({ db }) => db, cell: ({ db }) => String(db) },
    {
      title: 'Expires',
      isNumber: true,
      value: ({ expireAtMs }) => expireAtMs,
      cell: ({ expireAtMs }) => (expireAtMs === undefined ? 'never' : formatTime(expireAtMs)),
    },
  ];
  const isShown = ({ title }: KeyColumn): boolean =>
    title === 'Memory' ? memoryModel !== undefined : title === 'DB' ? dbs.length > 1 : true;
  return columns.filter(isShown);
}

function compare(a: string | number | undefined, b: string | number | undefined, sign: number): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return a < b ? -sign : sign;
}
