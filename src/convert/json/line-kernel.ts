/**
 * Lines by the compiled kernel (kernels/assembly/json.as.ts): for rows in which there is nothing special it writes exactly
 * what the TypeScript beside this file does, into the same output, several times as fast.
 */
import { STR_INT8, STR_LZF } from '../../codecs/string.js';
import * as slots from '../../kernels/literal-slots.js';
import {
  JSON_AT,
  JSON_FACTS,
  JSON_FACTS_SIZE,
  JSON_KIND_COUNT,
  JSON_KIND_INT,
  JSON_KIND_LZF,
  JSON_KINDS,
  JSON_LITERALS,
  JSON_LITERALS_SIZE,
  JSON_MAX_BLOB,
  JSON_SEPARATOR,
  OUT,
  WINDOW,
} from '../../kernels/memory-map.js';
import type { Workspace } from '../../kernels/workspace.js';
import { TYPE } from '../../rdb/constants.js';
import type { RdbDriver } from '../../rdb/driver.js';
import { UNCONFIRMED_TYPES } from '../../rdb/types/index.js';
import type { TypeCodec } from '../../rdb/types/type-codec.js';
import type { JsonWriter } from './json-writer.js';

/** Types that it knows; of all others it leaves the rows alone. */
const TYPES: readonly number[] = [
  TYPE.STRING,
  TYPE.LIST,
  TYPE.SET,
  TYPE.HASH,
  TYPE.ZSET_2,
  TYPE.LIST_ZIPLIST,
  TYPE.SET_INTSET,
  TYPE.ZSET_ZIPLIST,
  TYPE.HASH_ZIPLIST,
  TYPE.LIST_QUICKLIST,
  TYPE.STREAM_LISTPACKS,
  TYPE.HASH_LISTPACK,
  TYPE.ZSET_LISTPACK,
  TYPE.LIST_QUICKLIST_2,
  TYPE.STREAM_LISTPACKS_2,
  TYPE.SET_LISTPACK,
  TYPE.STREAM_LISTPACKS_3,
];
const LITERALS: readonly (readonly [slot: number, text: string])[] = [
  [slots.STREAM_ENTRIES, '{"entries":['],
  [slots.STREAM_ID, '{"id":'],
  [slots.STREAM_FIELDS, ',"fields":['],
  [slots.STREAM_LENGTH, '],"length":'],
  [slots.STREAM_LAST_ID, ',"lastId":'],
  [slots.STREAM_FIRST_ID, ',"firstId":'],
  [slots.STREAM_MAX_DELETED_ID, ',"maxDeletedId":'],
  [slots.STREAM_ENTRIES_ADDED, ',"entriesAdded":'],
  [slots.STREAM_GROUPS, ',"groups":['],
  [slots.GROUP_NAME, '{"name":'],
  [slots.GROUP_ENTRIES_READ, ',"entriesRead":'],
  [slots.GROUP_PENDING, ',"pending":['],
  [slots.PENDING_CONSUMER, ',"consumer":'],
  [slots.PENDING_DELIVERED_AT, ',"deliveredAt":'],
  [slots.PENDING_DELIVERIES, ',"deliveries":'],
  [slots.GROUP_CONSUMERS, '],"consumers":['],
  [slots.CONSUMER_SEEN_AT, ',"seenAt":'],
  [slots.CONSUMER_ACTIVE_AT, ',"activeAt":'],
  [slots.NULL, 'null'],
];
/** Bytes that one piece of facts may take. */
const FACTS_SLOT = 64;

export class LineKernel {
  /** The last call stopped because the output is full. */
  isFull = false;
  private readonly state: Int32Array;
  private readonly separator: Uint8Array;

  private constructor(
    private readonly workspace: Workspace,
    private readonly driver: RdbDriver,
  ) {
    this.state = workspace.int32(JSON_AT, 4);
    this.separator = workspace.uint8(JSON_SEPARATOR, 1);
    workspace.int32(JSON_MAX_BLOB, 1)[0] = Math.min(driver.limits.maxBlobBytes, 0x3fffffff);
    fillLiterals(workspace.uint8(JSON_LITERALS, JSON_LITERALS_SIZE));
    this.fillFacts(workspace.int32(JSON_KINDS, JSON_KIND_COUNT), workspace.uint8(JSON_FACTS, JSON_FACTS_SIZE));
  }

  /** Undefined where the driver has no workspace, or where values are to be held against every rule. The header has been read. */
  static open(driver: RdbDriver): LineKernel | undefined {
    const { workspace } = driver.window;
    return workspace === undefined || driver.cursor.context.deep ? undefined : new LineKernel(workspace, driver);
  }

  /**
   * Writes the lines of rows from `from` on, until about 128 KiB of output are there, and returns the row that it stopped at.
   * `separator`: the byte in front of the first object; a comma goes in front of the others. 0: none.
   */
  write(from: number, to: number, out: JsonWriter, separator: number): number {
    const { workspace, state } = this;
    if (this.driver.window.kernels === undefined || !out.isAt(workspace.out)) return from;
    state[0] = OUT + out.pos;
    this.separator[0] = separator;
    const row = workspace.kernels.json(WINDOW, from, to);
    this.isFull = state[2] !== 0;
    out.wrote(state[0]! - OUT);
    return row;
  }

  private fillFacts(kinds: Int32Array, texts: Uint8Array): void {
    const { types } = this.driver.rows;
    kinds.fill(0);
    let at = 0;
    const add = (index: number, text: string): void => {
      for (let pos = 0; pos < text.length; pos++) texts[at + pos] = text.charCodeAt(pos);
      kinds[index] = at | (text.length << 16);
      at += FACTS_SLOT;
    };
    for (const type of TYPES) {
      const codec = types[type];
      if (codec !== undefined && !UNCONFIRMED_TYPES.has(codec)) add(type, factsOf(type, type, codec));
    }
    const string = types[TYPE.STRING]!;
    for (const index of [JSON_KIND_INT, JSON_KIND_LZF]) add(index, factsOf(index, TYPE.STRING, string));
  }
}

function fillLiterals(texts: Uint8Array): void {
  for (const [slot, text] of LITERALS) {
    const at = slot * slots.LITERAL_SLOT;
    for (let pos = 0; pos < text.length; pos++) texts[at + pos] = text.charCodeAt(pos);
    texts[at + slots.LITERAL_SLOT - 1] = text.length;
  }
}

/** What a line says of a value before it. `kind`: as {@link stringKind} for strings, else the type byte. */
export function factsOf(kind: number, rdbType: number, codec: TypeCodec): string {
  const encoding = kind === JSON_KIND_INT ? 'int' : kind === JSON_KIND_LZF ? 'lzf' : codec.encoding;
  return `,"type":"${codec.type}","encoding":"${encoding}","rdbType":${rdbType}`;
}

/** The kind of a string, by its first byte. */
export function stringKind(lead: number): number {
  return lead < STR_INT8 ? TYPE.STRING : lead === STR_LZF ? JSON_KIND_LZF : JSON_KIND_INT;
}
