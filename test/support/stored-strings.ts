/** Every string of a dump's keys as it is stored: plain ones and compressed ones, packed structures among them. */
import { SLICE_LZF, SLICE_PLAIN, Slice } from '../../src/bytes/slice.js';
import { Window } from '../../src/bytes/window.js';
import { lzfBounds } from '../../src/codecs/string.js';
import { RdbDriver, type RowHandler } from '../../src/rdb/driver.js';
import { NO_SINK } from '../../src/rdb/no-sink.js';
import type { RowTable } from '../../src/rdb/rows.js';
import type { ValueSink } from '../../src/rdb/types/type-codec.js';

export interface StoredString {
  /** Of its key. */
  readonly key: string;
  /** Expanded. */
  readonly bytes: Uint8Array;
  /** Its LZF stream; undefined where it is stored as it is. */
  readonly compressed: Uint8Array | undefined;
}

export function storedStrings(file: Uint8Array): StoredString[] {
  const found: StoredString[] = [];
  const name = new Slice();
  let key = '';
  const note = (slice: Slice): void => {
    if (slice.form !== SLICE_LZF && slice.form !== SLICE_PLAIN) return;
    let compressed: Uint8Array | undefined;
    if (slice.form === SLICE_LZF) {
      const { start, end } = lzfBounds(file, slice.origin);
      compressed = file.slice(start, end);
    }
    found.push({ key, bytes: slice.copy(), compressed });
  };
  const handler: RowHandler = {
    record: () => undefined,
    key: (_rows: RowTable, row: number) => {
      driver.readKey(row, name);
      key = new TextDecoder('latin1').decode(name.copy());
      note(name);
      driver.readValue(row, 'blob', sinkFor(note));
    },
    largeStart: () => {
      throw new TypeError('no fixture holds a large value');
    },
    largeEnd: () => undefined,
    warning: () => undefined,
    full: () => false,
  };
  const driver = new RdbDriver(Window.over(file), handler);
  driver.advance();
  return found;
}

function sinkFor(note: (slice: Slice) => void): ValueSink {
  return {
    ...NO_SINK,
    string: note,
    listItem: note,
    setMember: note,
    zsetMember: note,
    hashField: (field, value) => {
      note(field);
      note(value);
    },
    moduleString: note,
    arrayElement: (_index, value) => note(value),
    pathStart: note,
    blob: note,
  };
}
