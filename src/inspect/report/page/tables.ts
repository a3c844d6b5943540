/** Tables, with bars in them where they say something. */
import { type Child, h, scrollable, withSizes } from './dom.js';

export interface Column {
  readonly title: string;
  readonly isNumber?: boolean;
}

export type Row = readonly Child[];

/** The first cell of each row is its heading. */
export function table(caption: string, columns: readonly Column[], rows: readonly Row[]): HTMLElement {
  const alignment = (index: number): string | undefined => (columns[index]!.isNumber ? 'number' : undefined);
  const head = columns.map(({ title }, index) => h('th', { scope: 'col', class: alignment(index) }, title));
  const body = rows.map((row) =>
    h(
      'tr',
      {},
      ...row.map((cell, index) =>
        index === 0 ? h('th', { scope: 'row' }, cell) : h('td', { class: alignment(index) }, cell),
      ),
    ),
  );
  return scrollable(
    caption,
    h(
      'table',
      {},
      h('caption', { class: 'unseen' }, caption),
      h('thead', {}, h('tr', {}, ...head)),
      h('tbody', {}, ...body),
    ),
  );
}

/** A bar for a part of a whole, behind which its number stands in a cell of its own. */
export function bar(part: number, whole: number, kind = ''): HTMLElement {
  return withSizes(h('span', { class: `bar ${kind}`, 'aria-hidden': 'true' }), {
    share: whole === 0 ? 0 : part / whole,
  });
}

/** The numbers behind a picture. */
export function numbersOf(caption: string, columns: readonly Column[], rows: readonly Row[]): HTMLElement {
  return h('details', {}, h('summary', {}, `${caption} as a table`), table(caption, columns, rows));
}
