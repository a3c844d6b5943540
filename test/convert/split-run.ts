/** Splits dumps in memory, and reads dumps as lists of their keys. */
import { Window } from '../../src/bytes/window.js';
import { SplitHandler, type SplitOptions, type SplitPart } from '../../src/convert/split.js';
import { RdbDriver } from '../../src/rdb/driver.js';
import { compileFilter, type KeyFilter } from '../../src/rdb/filter.js';
import type { RdbEntry } from '../../src/rdb/model.js';
import { readRdbSync } from '../../src/rdb/read.js';

export interface SplitRun {
  readonly parts: SplitPart[];
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export interface SplitRunOptions extends Pick<SplitOptions, 'onUnsupported' | 'onLoss'> {
  readonly filter?: KeyFilter;
  readonly largeValueBytes?: number;
}

export function runSplit(bytes: Uint8Array, by: SplitOptions['by'], options: SplitRunOptions = {}): SplitRun {
  const chunks = new Map<string, Buffer[]>();
  const { filter, largeValueBytes, onUnsupported, onLoss } = options;
  const handler = new SplitHandler({
    by,
    open: (name) => {
      if (chunks.has(name)) throw new TypeError(`${name} is opened twice`);
      const list: Buffer[] = [];
      chunks.set(name, list);
      return (chunk, start, end) => void list.push(Buffer.from(chunk.slice(start, end)));
    },
    ...(filter && { filter: compileFilter(filter, 0) }),
    onUnsupported,
    onLoss,
  });
  const limits = largeValueBytes === undefined ? {} : { limits: { largeValueBytes } };
  const driver = new RdbDriver(Window.over(bytes), handler, { checksum: false, ...limits });
  handler.driver = driver;
  driver.advance();
  const parts = handler.finish();
  const files = new Map([...chunks].map(([name, list]) => [name, new Uint8Array(Buffer.concat(list))]));
  return { parts, files };
}

export interface FileContent {
  /** `db key` of every key in file order, the key one character per byte. */
  readonly keys: readonly string[];
  /** Every key with all that is said about it, except where it stands; sorted. */
  readonly entries: readonly string[];
  /** Records that are no keys, without header, end and hints. */
  readonly records: readonly string[];
}

const LEFT_OUT: ReadonlySet<string> = new Set(['header', 'end', 'select-db', 'resize-db', 'slot-info']);

export function contentOf(bytes: Uint8Array): FileContent {
  const content = { keys: [] as string[], entries: [] as string[], records: [] as string[] };
  for (const entry of readRdbSync(bytes)) {
    if (entry.kind === 'key') {
      content.keys.push(`${entry.db} ${Buffer.from(entry.key).toString('latin1')}`);
      content.entries.push(JSON.stringify({ ...entry, offset: 0 }, plain));
    } else if (!LEFT_OUT.has(entry.kind) && !isStale(entry)) {
      content.records.push(JSON.stringify(entry, plain));
    }
  }
  content.entries.sort();
  return content;
}

/** What Valkey 8 and later write in place of slot-info records, and the place in the stream of a master. */
function isStale(entry: RdbEntry): boolean {
  return entry.kind === 'aux' && /^(slot-info|repl-.*)$/.test(Buffer.from(entry.name).toString());
}

export function keysOf(bytes: Uint8Array): readonly string[] {
  return contentOf(bytes).keys;
}

export function entriesOf(bytes: Uint8Array): readonly string[] {
  return contentOf(bytes).entries;
}

function plain(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;
}
