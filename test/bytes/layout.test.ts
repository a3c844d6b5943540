import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { TruncatedError } from '../../src/bytes/errors.js';
import {
  decodeLayout,
  encodeLayout,
  fieldMap,
  LAYOUTS,
  type Layout,
  type LayoutValues,
  layoutSize,
} from '../../src/bytes/layout.js';
import { ascii, hex, toHex } from '../support/packed.js';

/** One real example per layout, and what its fields say. */
const EXAMPLES: Record<keyof typeof LAYOUTS, [bytes: Uint8Array, values: Record<string, unknown>]> = {
  redisHeader: [ascii('REDIS0011'), { magic: 'REDIS', version: '0011' }],
  valkeyHeader: [ascii('VALKEY080'), { magic: 'VALKEY', version: '080' }],
  rdbTrailer: [hex('cad9b8c414d9c6e9'), { crc64: 0xe9c6d914c4b8d9can }],
  dumpFooter: [hex('0a00 6372df766534200a'), { version: 10, crc64: 0x0a20346576df7263n }],
  ziplistHeader: [hex('0b000000 0a000000 0100'), { totalBytes: 11, tailOffset: 10, count: 1 }],
  listpackHeader: [hex('0d000000 0200'), { totalBytes: 13, count: 2 }],
  intsetHeader: [hex('04000000 03000000'), { width: 4, count: 3 }],
  streamId: [hex('0000018bcfe56800 ffffffffffffffff'), { ms: 1_700_000_000_000n, seq: 0xffffffffffffffffn }],
  vkcsEnvelope: [hex('564b4353 01 01 01 00'), { magic: 'VKCS', version: 1, codec: 1, flags: 1, streamKind: 0 }],
};

const NAMES = Object.keys(LAYOUTS) as (keyof typeof LAYOUTS)[];

describe.each(NAMES)('%s', (name) => {
  const layout: Layout = LAYOUTS[name];
  const [bytes, values] = EXAMPLES[name];

  it('decodes its example, wherever it lies', () => {
    expect({ ...decodeLayout(layout, bytes, 0) }).toEqual(values);
    const shifted = new Uint8Array([1, 2, 3, ...bytes, 4]);
    expect({ ...decodeLayout(layout, shifted.subarray(1), 2) }).toEqual(values);
  });

  it('encodes its example', () => {
    expect(toHex(encodeLayout(layout, values as LayoutValues<Layout>))).toBe(toHex(bytes));
  });

  it('has a field map without gaps that says the same', () => {
    const places = fieldMap(layout);
    let offset = 0;
    for (const place of places) {
      expect(place.offset).toBe(offset);
      const part = bytes.subarray(place.offset, place.offset + place.size);
      const value = values[place.name];
      if (place.kind === 'ascii') expect(Buffer.from(part).toString('latin1')).toBe(value);
      else {
        const ordered = place.kind === 'u64be' ? part : part.slice().reverse();
        expect(BigInt(`0x${toHex(ordered)}`)).toBe(BigInt(value as number));
      }
      offset += place.size;
    }
    expect(offset).toBe(layoutSize(layout));
    expect(offset).toBe(bytes.length);
  });

  it('is truncated when a byte is missing', () => {
    for (let size = 0; size < bytes.length; size++) {
      expect(() => decodeLayout(layout, bytes.subarray(0, size), 0)).toThrow(TruncatedError);
    }
  });
});

describe('encodeLayout', () => {
  it('refuses what a field cannot hold', () => {
    expect(() => encodeLayout(LAYOUTS.listpackHeader, { totalBytes: 7, count: 65536 })).toThrow(RangeError);
    expect(() => encodeLayout(LAYOUTS.listpackHeader, { totalBytes: -1, count: 0 })).toThrow(RangeError);
    expect(() => encodeLayout(LAYOUTS.rdbTrailer, { crc64: 1n << 64n })).toThrow(RangeError);
    expect(() => encodeLayout(LAYOUTS.redisHeader, { magic: 'REDIS', version: '11' })).toThrow(RangeError);
  });
});

describe('without code generation', () => {
  it('imports, maps and encodes; only the decoder refuses', () => {
    const module = fileURLToPath(new URL('../../src/bytes/layout.ts', import.meta.url));
    const script = `
      import { decodeLayout, encodeLayout, fieldMap, LAYOUTS } from ${JSON.stringify(module)};
      const bytes = encodeLayout(LAYOUTS.streamId, { ms: 5n, seq: 1n });
      let refused = '';
      try { decodeLayout(LAYOUTS.streamId, bytes, 0); } catch (error) { refused = error.name; }
      process.stdout.write(JSON.stringify([bytes.length, fieldMap(LAYOUTS.streamId).length, refused]));`;
    const args = ['--disallow-code-generation-from-strings', '--import', 'tsx', '--input-type=module', '-e', script];
    const output = execFileSync(process.execPath, args, { encoding: 'utf8', cwd: new URL('../..', import.meta.url) });
    expect(JSON.parse(output)).toEqual([16, 2, 'EvalError']);
  });
});
