/** Listpack entries at the sizes where Redis and Valkey 9.1 refuse each other's backlens (rdb-format.md §8.4). */
import { describe, expect, it } from 'vitest';
import { encodeListpack } from '../../src/codecs/listpack.js';
import { hasOtherBacklen, rewriteBacklens } from '../../src/convert/boundary.js';
import { RdbDecoder } from '../../src/rdb/decoder.js';
import type { KeyEntry } from '../../src/rdb/model.js';
import { readRdbSync } from '../../src/rdb/read.js';
import { IGNORE_VALUE } from '../../src/rdb/visitor.js';
import { BOUNDARY_TEXT, boundaryFile } from '../support/boundary-file.js';
import { convert, keysOf, plainText } from '../support/converting.js';

const FORMS = ['long', 'short'] as const;

describe('a listpack', () => {
  const sizes = [16377, 16378, 16379, 2_097_145, 2_097_146, 2_097_147];
  it.each(sizes)('with a string of %d bytes', (size) => {
    const entries = [Uint8Array.of(0x61), new Uint8Array(size).fill(0x62), new Uint8Array(5000), Uint8Array.of(0x31)];
    const [long, short] = FORMS.map((boundaryBacklen) => encodeListpack(entries, { boundaryBacklen })) as [
      Uint8Array,
      Uint8Array,
    ];
    const differs = long.length !== short.length;
    expect(differs).toBe(size === 16378 || size === 2_097_146);
    expect(hasOtherBacklen(long, 0, long.length, 'short')).toBe(differs);
    expect(hasOtherBacklen(short, 0, short.length, 'long')).toBe(differs);
    expect(hasOtherBacklen(long, 0, long.length, 'long')).toBe(false);
    expect(hasOtherBacklen(short, 0, short.length, 'short')).toBe(false);
    expect(Buffer.from(rewriteBacklens(long, 0, long.length, 'short')).equals(short)).toBe(true);
    expect(Buffer.from(rewriteBacklens(short, 0, short.length, 'long')).equals(long)).toBe(true);
  });
});

describe.each([
  ['redis:7.2', 'valkey:9.1', 'short'],
  ['redis:7.4', 'valkey:9.1', 'short'],
  ['valkey:9.1', 'redis:7.2', 'long'],
  ['valkey:9.1', 'redis:8.6', 'long'],
  ['valkey:9.1', 'valkey:8.1', 'long'],
] as const)('from %s to %s', (from, to, form) => {
  const file = boundaryFile(from, 16378);
  const original = keysOf([...readRdbSync(file)]);

  it.each([
    ['whole', {}],
    ['in pieces', { limits: { largeValueBytes: 64 } }],
  ])('values are written anew, %s', async (_, options) => {
    const { bytes, keys, summary } = await convert(file, { target: to, onUnsupported: 'error', ...options });
    expect(summary.keysRewritten).toBe(original.length);
    expect(keys.map(contentOf)).toEqual(original.map(contentOf));
    const packed = blobsOf(bytes);
    expect(packed.some((blob) => Buffer.from(blob).includes(BOUNDARY_TEXT))).toBe(true);
    expect(packed.filter((blob) => hasOtherBacklen(blob, 0, blob.length, form))).toEqual([]);
  });

  it('values just beside the boundary are copied', async () => {
    for (const size of [16377, 16379]) {
      const { summary } = await convert(boundaryFile(from, size), { target: to, onUnsupported: 'error' });
      expect(summary.keysRewritten).toBe(0);
    }
  });
});

it('leaves values alone where both ends write the same form', async () => {
  for (const [from, to] of [
    ['redis:7.2', 'redis:8.6'],
    ['redis:7.2', 'valkey:8.1'],
    ['valkey:9.1', 'valkey:9.2'],
  ] as const) {
    const { summary } = await convert(boundaryFile(from, 16378), { target: to });
    expect(summary.keysRewritten).toBe(0);
  }
});

function contentOf({ key, value }: KeyEntry): string {
  return `${Buffer.from(key).toString()} ${plainText(value)}`;
}

/** Every packed structure of a file. */
function blobsOf(file: Uint8Array): Uint8Array[] {
  const blobs: Uint8Array[] = [];
  const decoder = new RdbDecoder({
    ...IGNORE_VALUE,
    record: () => undefined,
    key: () => 'blob',
    raw: () => undefined,
    blob: (packed) => void blobs.push(packed.copy()),
    keyEnd: () => undefined,
    warning: () => undefined,
  });
  decoder.write(file);
  decoder.end();
  return blobs;
}
