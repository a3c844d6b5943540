/** Files written by our encoder, and what is compared of them. */
import { type EncoderOptions, RdbEncoder } from '../../src/rdb/encoder.js';
import type { RdbEntry, RdbValue } from '../../src/rdb/model.js';
import { readRdbSync } from '../../src/rdb/read.js';

/** The bytes that `write` makes an encoder write, header and end included. */
export function encoded(options: EncoderOptions, write: (encoder: RdbEncoder) => void): Uint8Array {
  const chunks: Uint8Array[] = [];
  const encoder = new RdbEncoder((bytes, start, end) => chunks.push(bytes.slice(start, end)), options);
  write(encoder);
  encoder.end();
  return new Uint8Array(Buffer.concat(chunks));
}

export function encodeEntries(entries: Iterable<RdbEntry>, options: EncoderOptions): Uint8Array {
  return encoded(options, (encoder) => {
    for (const entry of entries) {
      if (entry.kind === 'key') encoder.key(entry);
      else encoder.record(entry);
    }
  });
}

/** Every record of a file, held against every rule of the format. */
export function decodeDeep(file: Uint8Array): RdbEntry[] {
  return [...readRdbSync(file, { deep: true })];
}

/**
 * One text per record, without what depends on where it lies and how long it is; whether a string was worth compressing is
 * no fact either. Texts compare a hundred times faster than trees of bytes.
 */
export function recordTexts(entries: readonly RdbEntry[]): string[] {
  return entries.map((entry) => {
    if (entry.kind === 'end') return `end ${entry.checksum}`;
    if (entry.kind !== 'key') return textOf(entry);
    const { offset, valueBytes, value, ...content } = entry;
    return textOf({ ...content, value: value.encoding === 'lzf' ? { ...value, encoding: 'raw' } : value });
  });
}

/** As {@link recordTexts}, where the type bytes may differ: unordered values are put in order. */
export function contentTexts(entries: readonly RdbEntry[]): string[] {
  return entries.map((entry) => {
    if (entry.kind === 'end') return 'end';
    if (entry.kind !== 'key') return textOf(entry);
    const { offset, valueBytes, rdbType, value, ...content } = entry;
    return textOf({ ...content, value: inOrder(value) });
  });
}

/** A value without its form: members and fields in order. */
export function valueText(value: RdbValue): string {
  return textOf(inOrder(value));
}

function inOrder(value: RdbValue): RdbValue {
  const form = { ...value, encoding: 'raw' as const };
  if (form.type === 'set') return { ...form, members: form.members.toSorted(Buffer.compare) };
  if (form.type === 'zset')
    return { ...form, members: form.members.toSorted((a, b) => Buffer.compare(a.member, b.member)) };
  if (form.type === 'hash')
    return { ...form, fields: form.fields.toSorted((a, b) => Buffer.compare(a.field, b.field)) };
  return form;
}

export function textOf(data: unknown): string {
  return JSON.stringify(data, (_key, item: unknown) => {
    if (item instanceof Uint8Array) return Buffer.from(item).toString('latin1');
    if (typeof item === 'bigint') return `${item}n`;
    if (typeof item === 'number' && (!Number.isFinite(item) || Object.is(item, -0)))
      return Object.is(item, -0) ? '-0' : String(item);
    return item;
  });
}
