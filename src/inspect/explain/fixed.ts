/** Headers of fixed layout: their fields come from the tables of bytes/layout.ts. */
import { type FieldPlace, fieldMap, type Layout } from '../../bytes/layout.js';
import type { Annotator } from './annotator.js';
import { quotedText } from './text.js';

/** What the numbers of a layout say, by field name, where not their decimals. */
export type Describers = Readonly<Record<string, (value: bigint) => string>>;

/** One leaf per field, from the position on. */
export function annotateFixed(ann: Annotator, layout: Layout, describers: Describers = {}): void {
  const start = ann.pos;
  for (const place of fieldMap(layout)) {
    const pos = start + place.offset;
    ann.leaf(place.name, pos + place.size, () => fieldText(ann.bytes, pos, place, describers[place.name]));
  }
}

function fieldText(
  bytes: Uint8Array,
  pos: number,
  place: FieldPlace,
  describe: ((value: bigint) => string) | undefined,
): string {
  if (place.kind === 'ascii') return quotedText(bytes, pos, pos + place.size);
  let value = 0n;
  for (let index = 0; index < place.size; index++) {
    const at = place.kind === 'u64be' ? index : place.size - 1 - index;
    value = (value << 8n) | BigInt(bytes[pos + at]!);
  }
  return describe === undefined ? String(value) : describe(value);
}
