/** Ziplists, zipmaps and intsets (their layouts: codecs/{ziplist,zipmap,intset}.ts). */
import { FormatError } from '../../bytes/errors.js';
import { readInt32Be, readUint32Le } from '../../bytes/int64.js';
import { LAYOUTS } from '../../bytes/layout.js';
import { SLICE_INT, Slice } from '../../bytes/slice.js';
import {
  checkIntset,
  checkIntsetOrder,
  decodeIntsetMember,
  INTSET_HEADER_SIZE,
  intsetWidth,
} from '../../codecs/intset.js';
import {
  checkZiplist,
  decodeZiplistEntry,
  skipZiplistEntry,
  ZIPLIST_END,
  ZIPLIST_HEADER_SIZE,
} from '../../codecs/ziplist.js';
import { checkZipmap, decodeZipmapPair, ZIPMAP_END, ZIPMAP_HEADER_SIZE } from '../../codecs/zipmap.js';
import type { Annotator } from './annotator.js';
import { annotateFixed } from './fixed.js';
import { contentText, type RoleOf } from './listpack.js';
import type { PackedWalk } from './strings.js';
import { claimText, countText, quotedText, sizeText } from './text.js';

const COUNT_UNKNOWN = 0xffffn;
const ZIPMAP_UNKNOWN = 0xfe;
const LONG = 0xfe;
const ZIPLIST_INTEGERS: Readonly<Record<number, string>> = {
  192: 'int16 LE',
  208: 'int32 LE',
  224: 'int64 LE',
  240: 'int24 LE',
  254: 'int8',
};

export function ziplistWalk(roleOf: RoleOf = () => undefined): PackedWalk {
  return (ann) => {
    const { bytes, pos: start, end } = ann;
    const size = end - start;
    if (size < ZIPLIST_HEADER_SIZE + 1) throw tooShort('BAD_ZIPLIST', 'ziplist', ann);
    const walk = (): void => {
      annotateFixed(ann, LAYOUTS.ziplistHeader, {
        totalBytes: (value) => claimText(Number(value), size, `there are ${size}`),
        count: (value) => (value === COUNT_UNKNOWN ? '65535 (unknown: scan)' : String(value)),
      });
      let previousSize = 0;
      for (let index = 0; bytes[ann.pos] !== ZIPLIST_END && ann.pos < end; index++) {
        const entryPos = ann.pos;
        annotateZiplistEntry(ann, index, previousSize, roleOf);
        previousSize = ann.pos - entryPos;
      }
      annotateEnd(ann, 'BAD_ZIPLIST', 'ziplist');
      if (!ann.passing) checkZiplist(bytes, start, end);
    };
    ann.bounded('ziplist', end, walk, sizeText(size));
  };
}

export function annotateZipmap(ann: Annotator): void {
  const { bytes, pos: start, end } = ann;
  if (end - start < ZIPMAP_HEADER_SIZE + 1) throw tooShort('BAD_ZIPMAP', 'zipmap', ann);
  const walk = (): void => {
    const count = bytes[start]!;
    ann.leaf('count', start + ZIPMAP_HEADER_SIZE, count >= ZIPMAP_UNKNOWN ? `${count} (unknown: scan)` : String(count));
    for (let index = 0; bytes[ann.pos] !== ZIPMAP_END && ann.pos < end; index++) annotateZipmapPair(ann, index);
    annotateEnd(ann, 'BAD_ZIPMAP', 'zipmap');
    if (!ann.passing) checkZipmap(bytes, start, end);
  };
  ann.bounded('zipmap', end, walk, sizeText(end - start));
}

export function annotateIntset(ann: Annotator): void {
  const { bytes, pos: start, end } = ann;
  if (end - start < INTSET_HEADER_SIZE) throw tooShort('BAD_INTSET', 'intset', ann);
  const walk = (): void => {
    annotateFixed(ann, LAYOUTS.intsetHeader, { width: (value) => sizeText(Number(value)) });
    const count = checkIntset(bytes, start, end);
    const width = intsetWidth(bytes, start);
    const member = new Slice();
    for (let index = 0; index < count; index++) {
      ann.leaf(`member ${index}`, ann.pos + width, () => {
        decodeIntsetMember(bytes, start, index, width, member);
        return contentText(member);
      });
    }
    if (!ann.passing) checkIntsetOrder(bytes, start, end);
  };
  ann.bounded('intset', end, walk, sizeText(end - start));
}

function annotateZiplistEntry(ann: Annotator, index: number, previousSize: number, roleOf: RoleOf): void {
  const { bytes, pos, end } = ann;
  const next = skipZiplistEntry(bytes, pos, end);
  if (ann.passesOver(next)) {
    ann.leaf('entry', next);
    return;
  }
  const role = roleOf(index);
  const content = new Slice();
  decodeZiplistEntry(bytes, pos, end, content);
  const text = contentText(content);
  const encodingPos = bytes[pos] === LONG ? pos + 5 : pos + 1;
  const prevlen = bytes[pos] === LONG ? readUint32Le(bytes, pos + 1) : bytes[pos]!;
  ann.open(
    role === undefined ? `entry ${index}` : `entry ${index} (${role.name})`,
    () => role?.describe?.(content) ?? text,
  );
  ann.leaf('prevlen', encodingPos, () =>
    claimText(prevlen, previousSize, `the entry before has ${previousSize} bytes`),
  );
  const { encoding, headSize } = entryForm(bytes, encodingPos);
  const dataPos = encodingPos + headSize;
  ann.leaf('encoding', dataPos, dataPos === next && content.form === SLICE_INT ? `${encoding}: ${text}` : encoding);
  ann.leaf('data', next, text);
  ann.close();
}

/** Of an entry that has been found to be in bounds. */
function entryForm(bytes: Uint8Array, pos: number): { encoding: string; headSize: number } {
  const lead = bytes[pos]!;
  if (lead < 0x40) return { encoding: `string of ${sizeText(lead)}`, headSize: 1 };
  if (lead < 0x80) return { encoding: `string of ${sizeText(((lead & 0x3f) << 8) | bytes[pos + 1]!)}`, headSize: 2 };
  if (lead < 0xc0) return { encoding: `string of ${sizeText(readInt32Be(bytes, pos + 1) >>> 0)}`, headSize: 5 };
  return { encoding: ZIPLIST_INTEGERS[lead] ?? 'immediate', headSize: 1 };
}

function annotateZipmapPair(ann: Annotator, index: number): void {
  const { bytes, pos, end } = ann;
  const field = new Slice();
  const value = new Slice();
  const next = decodeZipmapPair(bytes, pos, end, field, value);
  ann.open(`pair ${index}`, () => `${contentText(field)}: ${contentText(value)}`);
  ann.leaf('length', field.start, String(field.length));
  ann.leaf('field', field.end, () => contentText(field));
  ann.leaf('length', value.start - 1, String(value.length));
  ann.leaf('free', value.start, countText(bytes[value.start - 1]!, 'unused byte'));
  ann.leaf('value', value.end, () => contentText(value));
  ann.leaf('unused', next, () => quotedText(bytes, value.end, next));
  ann.close();
}

function annotateEnd(ann: Annotator, code: 'BAD_ZIPLIST' | 'BAD_ZIPMAP', name: string): void {
  if (ann.pos >= ann.end) throw new FormatError(code, `${name}: it ends without its terminator`, ann.pos);
  ann.leaf('end', ann.pos + 1, 'FF');
  if (ann.pos < ann.end) throw new FormatError(code, `${name}: bytes follow its terminator`, ann.pos);
}

function tooShort(code: 'BAD_ZIPLIST' | 'BAD_ZIPMAP' | 'BAD_INTSET', name: string, ann: Annotator): FormatError {
  return new FormatError(code, `${name}: too short, ${sizeText(ann.end - ann.pos)}`, ann.pos);
}
