/** What a conversion lost, changed and left out, for people. Everything that comes out of the file is escaped. */
import type { Compatibility, ConvertSummary } from '../../convert/convert.js';
import { type ChangeCount, type KeyPlace, LOSSES, type LossCount } from '../../convert/loss.js';
import { TYPES } from '../formats-table.js';
import { lineText } from './bytes-text.js';
import { formatCount, plural } from './quantity.js';
import type { Style } from './style.js';
import { type Column, formatTable } from './table.js';

/** Longer keys are cut in tables. */
const MAX_KEY_TEXT = 60;
/** From here on server settings have to be changed. */
const DEFAULT_DATABASES = 16;

const OPCODE_NAMES: ReadonlyMap<number, string> = new Map([
  [0xf2, 'HASH_TEMPLATE'],
  [0xf4, 'SLOT_INFO'],
  [0xf8, 'IDLE'],
  [0xf9, 'FREQ'],
  [0xfa, 'AUX'],
  [0xfb, 'RESIZEDB'],
  [0xfc, 'EXPIRETIME_MS'],
]);

const LOSS_COLUMNS: readonly Column[] = [
  { title: 'lost' },
  { title: 'count', align: 'right' },
  { title: 'dropped', align: 'right' },
  { title: 'first' },
];

const BLOCK_COLUMNS: readonly Column[] = [
  { title: 'does not load' },
  { title: 'count', align: 'right' },
  { title: 'a conversion' },
  { title: 'examples' },
];

/** A table of what was lost; empty where nothing was. */
export function formatLosses(lost: readonly LossCount[], style: Style): string {
  if (lost.length === 0) return '';
  const rows = lost.map(({ what, count, dropped, detail, examples: [first] }) => [
    LOSSES[what].text,
    formatCount(count),
    formatCount(dropped),
    first === undefined ? safe(detail) : `${placeText(first)}: ${safe(detail)}`,
  ]);
  return formatTable(LOSS_COLUMNS, rows, style.bold);
}

/** What was done, in one line. */
export function formatConversion(name: string, summary: ConvertSummary): string {
  const { keysWritten, keysRead, keysRewritten, target, omitted } = summary;
  return `${name}: ${formatCount(keysWritten)} of ${plural(keysRead, 'key')} for ${target}, ${formatCount(keysRewritten)} of them in another form${omittedText(omitted)}`;
}

/** `; left out: 3 filtered keys`, or nothing. */
export function omittedText(omitted: ConvertSummary['omitted']): string {
  const left = Object.entries(omitted).map(([what, count]) => plural(count, singular(what), what));
  return left.length === 0 ? '' : `; left out: ${left.join(', ')}`;
}

export function formatCompatibility(name: string, compat: Compatibility, takesHeader: boolean, style: Style): string {
  const { source, target } = compat;
  const rows = [
    ...(takesHeader ? [] : [[`version ${source.version} (${source.magic})`, '', 'writes another header', '']]),
    ...compat.lost.map((loss) => [
      LOSSES[loss.what].text,
      formatCount(loss.count),
      fateOf(loss),
      places(loss.examples),
    ]),
    ...compat.changes.map((change) => [
      changeText(change, source.magic),
      formatCount(change.count),
      change.kind === 'type' ? 'writes another form' : 'leaves them out, nothing is missed',
      places(change.examples),
    ]),
  ];
  const table = rows.length === 0 ? '' : formatTable(BLOCK_COLUMNS, rows, style.bold);
  return `${style.bold(safe(name))} for ${target}\n${table}${needsText(compat)}${verdict(compat, style)}\n`;
}

function verdict({ loads, convertible, target }: Compatibility, style: Style): string {
  if (loads) return style.green(`${target} loads it as it is`);
  const convert = `rdb-inspect convert --target ${target}`;
  switch (convertible) {
    case 'lossless':
      return style.yellow(`${target} does not load it as it is; after ${convert} it does, without loss`);
    case 'loss':
      return style.yellow(`${target} does not load it as it is; ${convert} --on-unsupported convert loses parts`);
    case 'drops keys':
      return style.red(`${target} does not load it, and has no place for some of it`);
  }
}

/** What the server must have beside its version, on a line of its own; empty where that is nothing. */
export function needsText({ needs }: Pick<ConvertSummary, 'needs'>): string {
  const modules = needs.modules.length === 0 ? [] : [`the modules ${needs.modules.map(safe).join(', ')}`];
  const databases = needs.databases <= DEFAULT_DATABASES ? [] : [`databases ${needs.databases} in its configuration`];
  const all = [...modules, ...databases];
  return all.length === 0 ? '' : `  the server needs ${all.join(' and ')}\n`;
}

function fateOf({ scope }: LossCount): string {
  if (scope === 'part') return 'keeps the key without them';
  return scope === 'key' ? 'cannot keep the key' : 'leaves them out';
}

function changeText({ kind, code }: ChangeCount, magic: 'REDIS' | 'VALKEY'): string {
  if (kind === 'opcode') return `${OPCODE_NAMES.get(code) ?? 'opcode'} records (0x${code.toString(16)})`;
  const dialect = magic === 'REDIS' ? 'redis' : 'valkey';
  const fact = TYPES.find((type) => type.id === code && (type.dialect === undefined || type.dialect === dialect));
  return `type ${code}${fact === undefined ? '' : ` ${fact.name}`}`;
}

function places(examples: readonly KeyPlace[]): string {
  return examples.map(placeText).join(', ');
}

function placeText({ db, key }: KeyPlace): string {
  const text = lineText(key);
  const cut = text.length <= MAX_KEY_TEXT ? text : `${text.slice(0, MAX_KEY_TEXT)}…`;
  return db === 0 ? cut : `${cut} (db ${db})`;
}

/** Of the kinds of omitted things. */
function singular(kind: string): string {
  return kind.replace(/ies$/, 'y').replace(/s$/, '');
}

function safe(text: string): string {
  return lineText(new TextEncoder().encode(text));
}
