/** Module values: typed items up to the item EOF (rdb-format.md §8.8), those of `vectorset` by name (§8.9). */
import { FormatError } from '../../bytes/errors.js';
import type { Int64 } from '../../bytes/int64.js';
import { decodeDoubleLe, decodeFloatLe } from '../../codecs/double.js';
import { decodeModuleId } from '../../codecs/module-id.js';
import { VECTORSET_MODULE } from '../../rdb/vectorset.js';
import type { Annotator } from './annotator.js';
import { annotateLength, annotateLength64, annotateString, peekString } from './strings.js';
import { numberText, quotedText } from './text.js';

const ITEMS = ['EOF', 'SINT', 'UINT', 'FLOAT', 'DOUBLE', 'STRING'];
const ITEM_EOF = 0;
const ITEM_SINT = 1;
const ITEM_UINT = 2;
const ITEM_FLOAT = 3;
const ITEM_DOUBLE = 4;

/** Type 7: the module's id and its items. */
export function annotateModule(ann: Annotator): void {
  const { name, version } = annotateModuleId(ann);
  annotateModuleItems(ann, name === VECTORSET_MODULE && version === 0 ? vectorSetNames() : undefined);
}

/** The 64-bit id of a module type. */
export function annotateModuleId(ann: Annotator): { name: string; version: number } {
  const id = annotateLength64(ann, 'module id', ({ hi, lo }) => {
    const { name, version } = decodeModuleId(hi, lo);
    return `${name}, encoding version ${version}`;
  });
  return decodeModuleId(id.hi, id.lo);
}

/** Items up to and with opcode 0. `names` is asked before each item, and told unsigned values. */
export function annotateModuleItems(ann: Annotator, names?: ItemNames): void {
  for (let index = 0; ; index++) {
    const name = names?.next();
    ann.open(name === undefined ? `item ${index}` : `item ${index} (${name})`);
    const opcode = annotateLength(ann, 'opcode', (value) => `${ITEMS[value] ?? 'unknown'} (${value})`);
    if (opcode === ITEM_EOF) {
      ann.close('EOF');
      return;
    }
    ann.close(annotateItem(ann, opcode, names));
  }
}

/** Says what the items of a known layout are, one after the other. */
export interface ItemNames {
  next(): string | undefined;
  told(value: Int64): void;
}

/** Returns what the item says. */
function annotateItem(ann: Annotator, opcode: number, names: ItemNames | undefined): () => string {
  const { bytes, pos } = ann;
  if (opcode === ITEM_SINT || opcode === ITEM_UINT) {
    const show = (int: Int64): string => String(opcode === ITEM_SINT ? int.signed() : int.unsigned());
    const value = annotateLength64(ann, 'value', show);
    names?.told(value);
    return () => show(value);
  }
  if (opcode === ITEM_FLOAT || opcode === ITEM_DOUBLE) {
    const show = (): string =>
      numberText(opcode === ITEM_FLOAT ? decodeFloatLe(bytes, pos) : decodeDoubleLe(bytes, pos));
    ann.leaf('value', pos + (opcode === ITEM_FLOAT ? 4 : 8), show);
    return show;
  }
  if (opcode !== ITEMS.length - 1) throw new FormatError('BAD_MODULE', `${opcode} is no module item`, pos);
  const content = ann.passing ? undefined : peekString(ann);
  annotateString(ann, 'value');
  return () => (content === undefined ? '' : quotedText(content.bytes, content.start, content.end));
}

const HAS_PROJECTION = 1n;
const HAS_ATTRIBUTES = 2n;

/** The names of a vector set's items. Where the items are others than they should be, names are wrong, nothing else. */
function vectorSetNames(): ItemNames {
  let last = 0n;
  const names = generateVectorSetNames(() => last);
  return {
    next: () => names.next().value ?? undefined,
    told: (value) => {
      last = value.unsigned();
    },
  };
}

function* generateVectorSetNames(last: () => bigint): Generator<string, void, void> {
  yield 'dimensions';
  yield 'nodes';
  let nodes = last();
  yield 'config';
  yield 'flags';
  const flags = last();
  if (flags & HAS_PROJECTION) {
    yield 'input dimensions';
    yield 'projection matrix';
  }
  for (; nodes > 0n; nodes--) {
    yield 'element';
    if (flags & HAS_ATTRIBUTES) yield 'attribute';
    yield 'vector';
    yield 'parameters';
    const parameters = last();
    for (let index = 0n; index < parameters; index++) {
      yield index === 0n ? 'node id' : index === 1n ? 'level' : index === parameters - 1n ? 'range and norm' : 'links';
    }
  }
}
