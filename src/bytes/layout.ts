/**
 * The fixed layouts of the format, each declared once as a table of fields. From a table come its type, a decoder, an
 * encoder, and the field map that `explain` prints.
 *
 * They serve explanations and tests: the codecs read and write the same bytes by hand, many times faster. The decoder
 * is compiled by `binary-parser` at first use, which needs `new Function`; everything else here works without.
 *
 * Worked example: `0D000000 0200` decoded as `listpackHeader` is `{ totalBytes: 13, count: 2 }`, and its field map says
 * totalBytes at 0, four bytes, u32 little endian; count at 4, two bytes, u16 little endian.
 */
import { Parser } from 'binary-parser';
import { TruncatedError } from './errors.js';

/** Bytes that a field of each kind of number takes. */
const NUMBER_SIZES = { u8: 1, u16le: 2, u32le: 4, u64le: 8, u64be: 8 } as const;

type NumberKind = keyof typeof NUMBER_SIZES;

/** How the bytes of a field are read; 64-bit numbers are bigint, `ascii` is text of a fixed size. */
export type FieldKind = NumberKind | 'ascii';

/** One field of a layout. `size` is in bytes and only `ascii` fields say it. */
export type LayoutField =
  | { readonly name: string; readonly kind: NumberKind }
  | { readonly name: string; readonly kind: 'ascii'; readonly size: number };

/** The fields in their order, without gaps. */
export type Layout = readonly LayoutField[];

/** The values of a layout's fields, by name. */
export type LayoutValues<L extends Layout> = {
  readonly [F in L[number] as F['name']]: F['kind'] extends 'ascii'
    ? string
    : F['kind'] extends 'u64le' | 'u64be'
      ? bigint
      : number;
};

/** Where a field lies: `offset` from the start of its layout, and `size`, in bytes. */
export interface FieldPlace {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly kind: FieldKind;
}

/** Every fixed layout of a dump (rdb-format.md §2, §8–§10). */
export const LAYOUTS = {
  /** The first nine bytes of a Redis dump: `REDIS0011`. */
  redisHeader: [
    { name: 'magic', kind: 'ascii', size: 5 },
    { name: 'version', kind: 'ascii', size: 4 },
  ],
  /** The first nine bytes of a dump of Valkey 9 and later: `VALKEY080`. */
  valkeyHeader: [
    { name: 'magic', kind: 'ascii', size: 6 },
    { name: 'version', kind: 'ascii', size: 3 },
  ],
  /** After the EOF opcode, since version 5; zero = the writer computed none. */
  rdbTrailer: [{ name: 'crc64', kind: 'u64le' }],
  /** The end of a DUMP payload. */
  dumpFooter: [
    { name: 'version', kind: 'u16le' },
    { name: 'crc64', kind: 'u64le' },
  ],
  ziplistHeader: [
    { name: 'totalBytes', kind: 'u32le' },
    { name: 'tailOffset', kind: 'u32le' },
    { name: 'count', kind: 'u16le' },
  ],
  listpackHeader: [
    { name: 'totalBytes', kind: 'u32le' },
    { name: 'count', kind: 'u16le' },
  ],
  /** `width` is the bytes of one member: 2, 4 or 8. */
  intsetHeader: [
    { name: 'width', kind: 'u32le' },
    { name: 'count', kind: 'u32le' },
  ],
  /** A stream id as key of a node or a pending entry; the only big-endian numbers of fixed size. */
  streamId: [
    { name: 'ms', kind: 'u64be' },
    { name: 'seq', kind: 'u64be' },
  ],
  /** Before the LZ4 frame of a compressed Valkey dump. */
  vkcsEnvelope: [
    { name: 'magic', kind: 'ascii', size: 4 },
    { name: 'version', kind: 'u8' },
    { name: 'codec', kind: 'u8' },
    { name: 'flags', kind: 'u8' },
    { name: 'streamKind', kind: 'u8' },
  ],
} as const satisfies Record<string, Layout>;

/** Bytes that the whole layout takes. */
export function layoutSize(layout: Layout): number {
  return layout.reduce((size, field) => size + fieldSize(field), 0);
}

/** Where each field lies. */
export function fieldMap(layout: Layout): readonly FieldPlace[] {
  let offset = 0;
  return layout.map((field) => {
    const place = { name: field.name, offset, size: fieldSize(field), kind: field.kind };
    offset += place.size;
    return place;
  });
}

/**
 * The values at `pos`. Throws TruncatedError where the bytes end before the layout; EvalError where the process forbids
 * code generation from strings.
 */
export function decodeLayout<const L extends Layout>(layout: L, bytes: Uint8Array, pos: number): LayoutValues<L> {
  const end = pos + layoutSize(layout);
  if (end > bytes.length) throw new TruncatedError(`${end - bytes.length} bytes of a header are missing`, bytes.length);
  return parserOf(layout).parse(bytes.subarray(pos, end)) as LayoutValues<L>;
}

/** The bytes of `values`. Throws RangeError for a number that its field cannot hold, or text of another size. */
export function encodeLayout<const L extends Layout>(layout: L, values: LayoutValues<L>): Uint8Array {
  const out = new Uint8Array(layoutSize(layout));
  const byName = values as Readonly<Record<string, number | bigint | string>>;
  for (const place of fieldMap(layout)) {
    const value = byName[place.name]!;
    if (typeof value === 'string') encodeAscii(place, value, out);
    else encodeNumber(place, BigInt(value), out);
  }
  return out;
}

const parsers = new Map<Layout, Parser>();

function parserOf(layout: Layout): Parser {
  let parser = parsers.get(layout);
  if (parser === undefined) {
    parser = new Parser();
    for (const field of layout) addField(parser, field);
    parsers.set(layout, parser);
  }
  return parser;
}

function addField(parser: Parser, field: LayoutField): Parser {
  switch (field.kind) {
    case 'u8':
      return parser.uint8(field.name);
    case 'u16le':
      return parser.uint16le(field.name);
    case 'u32le':
      return parser.uint32le(field.name);
    case 'u64le':
      return parser.uint64le(field.name);
    case 'u64be':
      return parser.uint64be(field.name);
    case 'ascii':
      return parser.string(field.name, { length: field.size, encoding: 'ascii' });
  }
}

function fieldSize(field: LayoutField): number {
  return field.kind === 'ascii' ? field.size : NUMBER_SIZES[field.kind];
}

function encodeAscii(place: FieldPlace, text: string, out: Uint8Array): void {
  if (text.length !== place.size)
    throw new RangeError(`${place.name} takes ${place.size} characters, not ${text.length}`);
  for (let index = 0; index < place.size; index++) out[place.offset + index] = text.charCodeAt(index);
}

function encodeNumber(place: FieldPlace, value: bigint, out: Uint8Array): void {
  const bits = 8 * place.size;
  if (BigInt.asUintN(bits, value) !== value) throw new RangeError(`${place.name}: ${value} does not fit ${bits} bits`);
  for (let index = 0; index < place.size; index++) {
    const shift = place.kind === 'u64be' ? bits - 8 - 8 * index : 8 * index;
    out[place.offset + index] = Number((value >> BigInt(shift)) & 0xffn);
  }
}
