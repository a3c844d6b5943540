import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Slice } from '../../src/bytes/slice.js';
import { encodeListpack } from '../../src/codecs/listpack.js';
import { encodeRawStreamId, formatStreamId, MAX_STREAM_ID_TEXT, StreamIdSlot } from '../../src/codecs/stream-id.js';
import {
  checkStreamNode,
  decodeStreamNode,
  encodeStreamNode,
  type StreamEntryVisitor,
  type StreamNode,
} from '../../src/codecs/stream-node.js';
import {
  ascii,
  expectError,
  expectRobust,
  hex,
  hostileValue,
  latin1,
  readInside,
  sliceText,
  toHex,
} from '../support/packed.js';

const EXAMPLE = hex(`40000000 1900  0201 0101 0201 816102 816202 0001
  0201 0001 0001 0101 0201 0501
  0101 0101 DFFF02 0101 816102 0901 0601
  0201 0201 DFFF02 0901 F178EC03 0501  FF`);
const EXAMPLE_NODE: StreamNode = {
  master: { ms: 5n, seq: 1n },
  entries: [
    { id: { ms: 5n, seq: 1n }, fields: ['a', '1', 'b', '2'].map(ascii) },
    { id: { ms: 6n, seq: 0n }, fields: ['a', '9'].map(ascii), deleted: true },
    { id: { ms: 7n, seq: 0n }, fields: ['a', '9', 'b', '-5000'].map(ascii) },
  ],
};

/** Id and then field, value, field, value …, one character per byte. */
type Found = [id: string, ...fields: string[]];

class Recorder implements StreamEntryVisitor {
  readonly found: Found[] = [];
  private announced = 0;

  streamEntry(id: StreamIdSlot, fieldCount: number): void {
    const out = new Uint8Array(MAX_STREAM_ID_TEXT);
    this.found.push([latin1(out.subarray(0, formatStreamId(id, out, 0)))]);
    this.announced = fieldCount;
  }
  streamField(field: Slice, value: Slice): void {
    this.found.at(-1)!.push(sliceText(field), sliceText(value));
  }
  streamEntryEnd(): void {
    expect(this.found.at(-1)!.length).toBe(1 + 2 * this.announced);
  }
}

function decoder(ms: bigint, seq: bigint) {
  const master = new StreamIdSlot();
  master.setRaw(encodeRawStreamId({ ms, seq }), 0);
  return (bytes: Uint8Array, start: number, end: number): Found[] => {
    const recorder = new Recorder();
    expect(decodeStreamNode(bytes, start, end, master, recorder)).toBe(recorder.found.length);
    return recorder.found;
  };
}
const decode = decoder(5n, 1n);

/** A listpack of these entries, integers where they look like it. */
function pack(text: string): Uint8Array {
  return encodeListpack(text.split(' ').map(ascii));
}

describe('the worked example', () => {
  const entries = [
    ['5-1', 'a', '1', 'b', '2'],
    ['7-0', 'a', '9', 'b', '-5000'],
  ];
  it('decodes', () => expect(readInside(EXAMPLE, decode)).toEqual(entries));
  it('encodes', () => expect(toHex(encodeStreamNode(EXAMPLE_NODE))).toBe(toHex(EXAMPLE)));
  it('checks', () => expect(readInside(EXAMPLE, checkStreamNode)).toEqual({ live: 2, deleted: 1 }));
});

describe('deltas', () => {
  it('wrap at 64 bits', () => {
    const max = (1n << 64n) - 1n;
    const ids = [0n, 1n, (1n << 63n) - 1n, 1n << 63n, max].flatMap((ms) => [
      { ms, seq: 0n },
      { ms, seq: max },
    ]);
    for (const master of ids) {
      const blob = encodeStreamNode({ master, entries: ids.map((id) => ({ id, fields: [ascii('f'), ascii('v')] })) });
      checkStreamNode(blob, 0, blob.length);
      expect(readInside(blob, decoder(master.ms, master.seq))).toEqual(
        ids.map(({ ms, seq }) => [`${ms}-${seq}`, 'f', 'v']),
      );
    }
  });
});

describe('nodes that a loader accepts', () => {
  it.each<[string, string, Found[]]>([
    ['no entries at all', '0 0 1 f 0', []],
    ['only deleted entries', '0 1 1 f 0 3 0 0 v 4', []],
    ['no master fields', '1 0 0 0 0 0 0 1 f v 6', [['5-1', 'f', 'v']]],
    ['an entry without fields', '2 0 0 0 2 0 0 3 0 0 1 0 4', [['5-1'], ['5-2']]],
    ['unknown flag bits', '1 0 1 f 0 1022 0 0 v 4', [['5-1', 'f', 'v']]],
    [
      'integer field names',
      '2 0 2 1 -70000 0 2 0 0 x y 5 0 1 1 1 300 a 6',
      [
        ['5-1', '1', 'x', '-70000', 'y'],
        ['6-2', '300', 'a'],
      ],
    ],
  ])('%s', (_, text, found) => {
    expect(readInside(pack(text), decode)).toEqual(found);
    expect(readInside(pack(text), checkStreamNode).live).toBe(found.length);
  });

  it('bear wrong counts and parts, unless checked deep', () => {
    for (const text of ['7 0 1 f 0 2 0 0 v 4', '1 1 1 f 0 2 0 0 v 4', '1 0 1 f 0 2 0 0 v 5', '0 1 1 f 0 2 0 0 v 4']) {
      expect(readInside(pack(text), decode)).toEqual([['5-1', 'f', 'v']]);
      expectError(pack(text), checkStreamNode, 'BAD_STREAM');
    }
  });

  it('bear a string where only the parts must be an integer, unless checked deep', () => {
    const blob = pack('1 0 1 f 0 2 0 0 v x');
    expect(readInside(blob, decode)).toEqual([['5-1', 'f', 'v']]);
    expectError(blob, checkStreamNode, 'BAD_STREAM');
  });
});

describe('contradictions', () => {
  it.each([
    ['a string for the live count', 'x 0 1 f 0'],
    ['a string for the deleted count', '0 x 1 f 0'],
    ['a string for the field count', '0 0 x f 0'],
    ['a negative live count', '-1 0 1 f 0'],
    ['a negative deleted count', '0 -1 1 f 0'],
    ['a negative field count', '0 0 -1 f 0'],
    ['a field count of 2^32', '0 0 4294967296 f 0'],
    ['a master entry that ends with 1', '0 0 1 f 1'],
    ['a master entry that ends with a string', '0 0 1 f x'],
    ['a master entry that does not end', '0 0 1 f'],
    ['only a live count', '1'],
    ['a string for flags', '1 0 1 f 0 x 0 0 v 4'],
    ['a string for a delta', '1 0 1 f 0 2 x 0 v 4'],
    ['a string for the other delta', '1 0 1 f 0 2 0 x v 4'],
    ['a string for an own field count', '1 0 1 f 0 0 0 0 x f v 6'],
    ['a negative own field count', '1 0 1 f 0 0 0 0 -1 f v 6'],
    ['more fields than there is room for', '1 0 1 f 0 0 0 0 1000000000 f v 6'],
    ['an entry that stops after its flags', '1 0 1 f 0 2'],
  ])('%s', (_, text) => {
    expectError(pack(text), decode, 'BAD_STREAM');
    expectError(pack(text), checkStreamNode, 'BAD_STREAM');
  });

  it.each([
    ['fewer master fields than counted', '0 0 9 f 0'],
    ['an entry without its last value', '1 0 3 f g h 0 2 0 0 v 5'],
    ['an entry without its parts', '1 0 1 f 0 2 0 0 v'],
  ])('%s runs into the terminator', (_, text) => {
    expectError(pack(text), decode, 'BAD_LISTPACK');
    expectError(pack(text), checkStreamNode, text.startsWith('1 0 1 f') ? 'BAD_STREAM' : 'BAD_LISTPACK');
  });

  it('the listpack itself', () => {
    expectError(EXAMPLE.slice(0, -1), decode, 'BAD_LISTPACK', 0);
    expectError(hex('07000000 0000 FF'), decode, 'BAD_STREAM', 6);
    const cut = EXAMPLE.slice();
    cut[20] = 0xff;
    expectError(cut, decode, 'BAD_LISTPACK', 20);
    const unknown = EXAMPLE.slice();
    unknown[6] = 0xf7;
    expectError(unknown, decode, 'BAD_LISTPACK', 6);
  });
});

describe('the visitor', () => {
  it('may decode another node meanwhile', () => {
    class Nested extends Recorder {
      override streamField(field: Slice, value: Slice): void {
        expect(readInside(EXAMPLE, decode)).toHaveLength(2);
        super.streamField(field, value);
      }
    }
    const nested = new Nested();
    const master = new StreamIdSlot();
    decodeStreamNode(EXAMPLE, 0, EXAMPLE.length, master, nested);
    expect(nested.found).toEqual([
      ['0-0', 'a', '1', 'b', '2'],
      ['2-18446744073709551615', 'a', '9', 'b', '-5000'],
    ]);
  });

  it('may throw', () => {
    class Stop extends Recorder {
      override streamEntryEnd(): void {
        throw new Error('enough');
      }
    }
    expect(() => decodeStreamNode(EXAMPLE, 0, EXAMPLE.length, new StreamIdSlot(), new Stop())).toThrow('enough');
    expect(readInside(EXAMPLE, decode)).toHaveLength(2);
  });
});

describe('encoding', () => {
  it('takes other master fields than those of the first entry', () => {
    const blob = encodeStreamNode({ ...EXAMPLE_NODE, masterFields: [ascii('a')] });
    expect(readInside(blob, checkStreamNode)).toEqual({ live: 2, deleted: 1 });
    expect(readInside(blob, decode)).toEqual(readInside(EXAMPLE, decode));
  });

  it('refuses a field without a value', () => {
    const entry = { id: { ms: 5n, seq: 1n }, fields: [ascii('a')] };
    expect(() => encodeStreamNode({ ...EXAMPLE_NODE, entries: [entry] })).toThrow(RangeError);
  });
});

describe('damage', () => {
  it('never gets past decode and check', () => {
    const wide = encodeStreamNode({
      master: { ms: 1n << 40n, seq: 0n },
      entries: [
        { id: { ms: 1n << 41n, seq: 70000n }, fields: ['f'.repeat(70), '123456789012', '300', ''].map(ascii) },
        { id: { ms: 1n << 42n, seq: 7n }, fields: ['f'.repeat(70), 'v', '300', 'w'].map(ascii) },
      ],
    });
    for (const blob of [EXAMPLE, wide]) {
      expectRobust(blob, decode, ['BAD_LISTPACK', 'BAD_STREAM']);
      expectRobust(blob, checkStreamNode, ['BAD_LISTPACK', 'BAD_STREAM']);
    }
  });
});

describe('properties', () => {
  const half = fc.oneof(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.bigInt({ min: 0n, max: 200n }));
  const id = fc.record({ ms: half, seq: half });
  const names = fc.array(hostileValue(), { maxLength: 4 });
  const node = names.chain((common) =>
    fc.record({
      master: id,
      masterFields: fc.constant(common),
      entries: fc.array(
        fc.record({
          id,
          fields: fc
            .oneof(fc.constant(common), names)
            .chain((own) =>
              fc
                .tuple(...own.map(() => hostileValue()))
                .map((values) => own.flatMap((name, index) => [name, values[index]!])),
            ),
          deleted: fc.boolean(),
        }),
        { maxLength: 8 },
      ),
    }),
  );

  it('decode ∘ encode is the identity of live entries', () => {
    fc.assert(
      fc.property(node, fc.constantFrom('long' as const, 'short' as const), (model, boundaryBacklen) => {
        const blob = encodeStreamNode(model, { boundaryBacklen });
        const live = model.entries.filter((entry) => !entry.deleted);
        expect(readInside(blob, checkStreamNode)).toEqual({
          live: live.length,
          deleted: model.entries.length - live.length,
        });
        expect(readInside(blob, decoder(model.master.ms, model.master.seq))).toEqual(
          live.map((entry) => [`${entry.id.ms}-${entry.id.seq}`, ...entry.fields.map(latin1)]),
        );
      }),
      { numRuns: 300 },
    );
  });
});
