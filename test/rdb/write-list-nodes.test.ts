/** Where quicklists are cut into nodes, target by target and at every fill. */
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../src/bytes/writer.js';
import type { ListValue } from '../../src/rdb/model.js';
import { writeValue } from '../../src/rdb/types/write.js';
import { ValueOutput } from '../../src/rdb/value-output.js';
import type { Target } from '../../src/rdb/versions.js';
import { list } from '../support/values.js';
import { encodeValue, targetNamed } from '../support/written-values.js';

describe('nodes of a quicklist', () => {
  const names = Array.from({ length: 2000 }, (_, index) => `element:${index}`);

  /** [container, bytes of the node] */
  function nodesOf(value: ListValue, target: Target, rdbType = 18): (readonly [number, number])[] {
    const bytes = encodeValue(value, rdbType, target, false);
    const nodes: (readonly [number, number])[] = [];
    let pos = bytes[0]! < 0x40 ? 1 : 2;
    while (pos < bytes.length) {
      const container = rdbType === 18 ? bytes[pos++]! : 2;
      const lead = bytes[pos]!;
      const wide = lead >= 0x80;
      const size = wide
        ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(pos + 1)
        : lead < 0x40
          ? lead
          : ((lead & 0x3f) << 8) | bytes[pos + 1]!;
      nodes.push([container, size]);
      pos += size + (wide ? 5 : lead < 0x40 ? 1 : 2);
    }
    return nodes;
  }

  it('are those of a live 7.0', () => {
    const sizes = nodesOf(list(...names), targetNamed('redis:7.0')).map(([, size]) => size);
    expect(sizes).toEqual([8178, 8184, 8183, 2373]);
  });

  it.each([
    [-1, 4096],
    [-2, 8192],
    [-3, 16384],
    [-4, 32768],
    [-5, 65536],
    [-9, 65536],
  ])('of fill %i stay within %i bytes', (listMaxNodeSize, limit) => {
    for (const [target, rdbType] of [
      ['redis:7.0', 18],
      ['redis:6.2', 14],
    ] as const) {
      const value = list(...names, ...names, ...names);
      const nodes = nodesOf(value, targetNamed(target, { listMaxNodeSize }), rdbType);
      nodes.pop();
      for (const [, size] of nodes) {
        expect(size).toBeLessThanOrEqual(limit);
        expect(size).toBeGreaterThan(limit - 24);
      }
    }
  });

  it('of a positive fill have that many items, and 8192 bytes at most', () => {
    const target = targetNamed('redis:7.0', { listMaxNodeSize: 3 });
    expect(nodesOf(list('a', 'b', 'c', 'd'), target).length).toBe(2);
    expect(nodesOf(list('a'.repeat(5000), 'b'.repeat(5000), 'c'), target).map(([, size]) => size)).toEqual([
      5014, 5017,
    ]);
    expect(nodesOf(list('a', 'b'), targetNamed('redis:7.0', { listMaxNodeSize: 0 })).length).toBe(2);
  });

  it('take what a list outside a quicklist may hold, in the first node of 7.2 and later', () => {
    // 80 entries of 101 bytes make 8087. Then 98 + 8 are too many, but 98 are not; and on top of 8188 come just four.
    const items = [...Array.from({ length: 81 }, () => 'x'.repeat(98)), 'yyyy', 'z'];
    expect(nodesOf(list(...items), targetNamed('redis:7.0')).map(([, size]) => size)).toEqual([8087, 117]);
    expect(nodesOf(list(...items), targetNamed('redis:7.2')).map(([, size]) => size)).toEqual([8194, 10]);
  });

  it.each([
    ['redis:7.0', 8193, 2],
    ['redis:7.2', 8193, 2],
    ['valkey:7.2', 8193, 2],
    ['redis:7.4', 8192, 2],
    ['redis:7.4', 8193, 1],
    ['valkey:8.0', 8192, 2],
    ['valkey:8.0', 8193, 1],
    ['valkey:9.1', 8193, 1],
  ])('%s: an item of %i bytes stands in container %i', (target, size, container) => {
    const nodes = nodesOf(list('a', 'b'.repeat(size), 'c'), targetNamed(target));
    expect(nodes.map(([found]) => found)).toEqual([2, container, 2]);
  });

  it('are PLAIN from 1 GiB on in 7.0', () => {
    const item = new Uint8Array(2 ** 30);
    let bytes = 0;
    const out = new ByteWriter((_chunk, start, end) => {
      bytes += end - start;
    });
    writeValue(new ValueOutput(out, targetNamed('redis:7.0'), { compress: false }), { ...list(), items: [item] }, 18);
    out.flush();
    expect(bytes).toBe(1 + 1 + 5 + 2 ** 30);
  });
});
