/** Values that are counted sequences of strings, scores and times, and arrays (rdb-format.md §7). */
import { FormatError } from '../../bytes/errors.js';
import { Int64 } from '../../bytes/int64.js';
import { decodeTextDouble, skipTextDouble } from '../../codecs/double.js';
import type { Annotator } from './annotator.js';
import { listpackWalk } from './listpack.js';
import { ziplistWalk } from './packed.js';
import {
  annotateDouble,
  annotateInt64,
  annotateLength,
  annotateLength64,
  annotateString,
  annotateTime,
} from './strings.js';
import { numberText, timeText } from './text.js';

const CONTAINER_PLAIN = 1;
const CONTAINER_PACKED = 2;
const CONTAINERS = ['', 'PLAIN (1)', 'PACKED (2)'];
const TAG_INT = 1;
const TAG_FLOAT = 2;
const TAGS = ['string (0)', 'int (1)', 'float (2)', 'small string (3)'];

/** A count, and as many elements. */
export function annotateCounted(ann: Annotator, one: string, walk: (index: number) => void, count = 'count'): void {
  const total = annotateLength(ann, count);
  for (let index = 0; index < total; index++) ann.group(`${one} ${index}`, () => walk(index));
}

/** A count, and as many strings. */
export function annotateStrings(ann: Annotator, one: string, count = 'count'): void {
  const total = annotateLength(ann, count);
  for (let index = 0; index < total; index++) annotateString(ann, `${one} ${index}`);
}

/** A field and its value. */
export function annotatePair(ann: Annotator): void {
  annotateString(ann, 'field');
  annotateString(ann, 'value');
}

/** Types 3 and 5. */
export function annotateScored(ann: Annotator, text: boolean): void {
  annotateCounted(ann, 'element', () => {
    annotateString(ann, 'member');
    if (text) annotateTextScore(ann);
    else annotateDouble(ann, 'score');
  });
}

/** Type 14. */
export function annotateQuicklist(ann: Annotator): void {
  const total = annotateLength(ann, 'nodes');
  for (let index = 0; index < total; index++) annotateString(ann, `node ${index}`, { packed: ziplistWalk() });
}

/** Type 18. */
export function annotateQuicklist2(ann: Annotator): void {
  const total = annotateLength(ann, 'nodes');
  for (let index = 0; index < total; index++) {
    ann.open(`node ${index}`);
    const { pos } = ann;
    const container = annotateLength(ann, 'container', (value) => CONTAINERS[value] || String(value));
    if (container !== CONTAINER_PLAIN && container !== CONTAINER_PACKED) {
      throw new FormatError('BAD_QUICKLIST', `${container} is no quicklist container`, pos);
    }
    if (container === CONTAINER_PLAIN) annotateString(ann, 'item');
    else annotateString(ann, 'items', { packed: listpackWalk() });
    ann.close();
  }
}

/** Types 22 of Redis and 24: a time before each field, in type 24 relative to the smallest of all. */
export function annotateTimedFields(ann: Annotator, relative: boolean): void {
  let base = 0;
  if (relative) {
    const min = new Int64();
    ann.need(ann.pos + 8, 'a time');
    min.setLe(ann.bytes, ann.pos);
    annotateTime(ann, 'minimum expiry');
    base = min.toNumber() - 1;
  }
  annotateCounted(ann, 'pair', () => {
    annotateLength(ann, 'expiry', (ttl) => (ttl === 0 ? '0 (none)' : timeText(int64Of(base + ttl))));
    annotatePair(ann);
  });
}

/** Type 22 of Valkey. */
export function annotateValkeyFields(ann: Annotator): void {
  annotateCounted(ann, 'pair', () => {
    annotatePair(ann);
    annotateTime(ann, 'expiry', 'none');
  });
}

/** Type 28. */
export function annotateArray(ann: Annotator): void {
  const count = annotateLength(ann, 'count');
  const { pos } = ann;
  const flag = annotateLength(ann, 'flag', (value) => (value === 1 ? '1 (an insert index follows)' : String(value)));
  if (flag > 1) throw new FormatError('BAD_ARRAY', `${flag} is no insert-cursor flag`, pos);
  if (flag === 1) annotateLength64(ann, 'insert index');
  for (let index = 0; index < count; index++) ann.group(`element ${index}`, () => annotateArrayElement(ann));
}

/** Type 23 of Valkey. */
export function annotatePathHash(ann: Annotator): void {
  annotateCounted(
    ann,
    'path',
    () => {
      annotateString(ann, 'path');
      annotateCounted(ann, 'pair', () => annotatePair(ann));
    },
    'paths',
  );
}

/** Type 64 of KeyDB. */
export function annotateCron(ann: Annotator): void {
  annotateString(ann, 'script');
  annotateTime(ann, 'start');
  annotateInt64(ann, 'interval', ' ms');
  annotateStrings(ann, 'key', 'keys');
  annotateStrings(ann, 'argument', 'arguments');
}

function annotateArrayElement(ann: Annotator): void {
  annotateLength64(ann, 'index');
  const { pos } = ann;
  const tag = annotateLength(ann, 'tag', (value) => TAGS[value] ?? String(value));
  if (tag >= TAGS.length) throw new FormatError('BAD_ARRAY', `${tag} is no element tag`, pos);
  if (tag === TAG_INT) annotateInt64(ann, 'value');
  else if (tag === TAG_FLOAT) annotateDouble(ann, 'value');
  else annotateString(ann, 'value');
}

/** One byte alone for NaN and the infinities, or the length of a text. */
function annotateTextScore(ann: Annotator): void {
  const { bytes, pos } = ann;
  const next = skipTextDouble(bytes, pos, ann.end);
  ann.need(next, 'a score');
  const read = (): string => numberText(decodeTextDouble(bytes, pos));
  if (next === pos + 1 && bytes[pos] !== 0) {
    ann.leaf('score', next, read);
    return;
  }
  ann.open('score');
  ann.leaf('length', pos + 1, String(next - pos - 1));
  const value = read();
  ann.leaf('data', next, value);
  ann.close(value);
}

function int64Of(value: number): Int64 {
  const out = new Int64();
  out.set(Math.floor(value / 0x100000000), value % 0x100000000);
  return out;
}
