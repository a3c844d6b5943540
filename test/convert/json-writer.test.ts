import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Int64 } from '../../src/bytes/int64.js';
import { Slice } from '../../src/bytes/slice.js';
import { type JsonEncoding, JsonWriter } from '../../src/convert/json/json-writer.js';
import { literal } from '../../src/convert/json/literal.js';
import { isUtf8, utf8Size } from '../../src/convert/json/utf8.js';
import { hex } from '../support/file-builder.js';
import { asUtf8, text } from './expected-json.js';

function written(write: (out: JsonWriter) => void, encoding: JsonEncoding = 'auto'): string {
  const pieces: Uint8Array[] = [];
  const out = new JsonWriter(encoding, (bytes, start, end) => pieces.push(bytes.slice(start, end)));
  write(out);
  out.endPiece();
  out.flush();
  return Buffer.concat(pieces).toString('utf8');
}

/** The string alone, and in the middle of other bytes. */
function stringText(bytes: Uint8Array, encoding: JsonEncoding = 'auto'): string {
  const around = new Uint8Array(bytes.length + 9).fill(0xa5);
  around.set(bytes, 5);
  const inside = written((out) => out.string(around, 5, 5 + bytes.length), encoding);
  expect(written((out) => out.string(bytes, 0, bytes.length), encoding)).toBe(inside);
  return inside;
}

/** Bytes that are often valid, often almost valid. */
const hostileBytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }).map((string) => new Uint8Array(Buffer.from(string))),
  fc
    .array(
      fc.constantFrom(
        '61',
        '22',
        '5c',
        '0a',
        '00',
        '1f',
        '7f',
        'c3a9',
        'e282ac',
        'f09f9880',
        'e280a8',
        'c3',
        'eda080',
        'f4908080',
        'c080',
      ),
      { maxLength: 20 },
    )
    .map((parts) => hex(parts.join(''))),
);

describe('strings', () => {
  it('writes the worked example', () => {
    expect(stringText(hex('61 22 0A 01 C3 A9'))).toBe('"a\\"\\n\\u0001é"');
  });

  it('are what JSON.stringify writes, or base64 where they are not UTF-8', () => {
    fc.assert(
      fc.property(hostileBytes, (bytes) => {
        const result = stringText(bytes);
        expect(result).toBe(text(bytes));
        const parsed = JSON.parse(result) as string | { $b64: string };
        const back = typeof parsed === 'string' ? Buffer.from(parsed) : Buffer.from(parsed.$b64, 'base64');
        expect(new Uint8Array(back)).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it('escape every byte at every place of a word', () => {
    for (let byte = 0; byte < 256; byte++) {
      for (let before = 0; before < 5; before++) {
        const bytes = new Uint8Array(9).fill(0x61);
        bytes[before] = byte;
        expect(stringText(bytes)).toBe(text(bytes));
        bytes[before + 1] = byte;
        expect(stringText(bytes)).toBe(text(bytes));
      }
    }
  });

  it.each([0, 1, 3, 4, 5, 16383, 16384, 16385, 16386, 32768, 50000, 300000])('of %i bytes are whole', (size) => {
    for (const unit of ['a', '"', 'é', '€', '😀', '\u0001']) {
      const bytes = new Uint8Array(Buffer.from(unit.repeat(size)).subarray(0, size));
      expect(stringText(bytes)).toBe(text(bytes));
    }
    const broken = new Uint8Array(size + 1).fill(0x61);
    broken[size] = 0xff;
    expect(stringText(broken)).toBe(text(broken));
  });

  it('may come from many arrays in turn', () => {
    const arrays = Array.from({ length: 5 }, (_, index) => new Uint8Array(30).fill(0x61 + index));
    const order = Array.from({ length: 60 }, (_, index) => (index * 7 + (index >> 2)) % 5);
    const result = written((out) => {
      for (const index of order) out.string(arrays[index]!, 0, 8);
    });
    expect(result).toBe(order.map((index) => `"${String.fromCharCode(0x61 + index).repeat(8)}"`).join(''));
  });

  it('of integers in the file are their digits', () => {
    const slice = new Slice();
    slice.end = 3;
    slice.expand(12).set(Buffer.from('-42'));
    slice.end = 3;
    slice.form = 1;
    expect(written((out) => out.slice(slice))).toBe('"-42"');
    expect(written((out) => out.slice(slice), 'base64')).toBe('{"$b64":"LTQy"}');
    expect(written((out) => out.slice(slice), 'hex')).toBe('{"$hex":"2d3432"}');
  });
});

describe('forced encodings', () => {
  const large = fc.uint8Array({ minLength: 16_000, maxLength: 50_000 });

  it('base64', () => {
    expect(stringText(hex('4D 61'), 'base64')).toBe('{"$b64":"TWE="}');
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 20 }), large), (bytes) => {
        expect(stringText(bytes, 'base64')).toBe(`{"$b64":"${Buffer.from(bytes).toString('base64')}"}`);
      }),
    );
  });

  it('hex', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 20 }), large), (bytes) => {
        expect(stringText(bytes, 'hex')).toBe(`{"$hex":"${Buffer.from(bytes).toString('hex')}"}`);
      }),
    );
  });

  it('latin1', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 20 }), large), (bytes) => {
        expect(stringText(bytes, 'latin1')).toBe(JSON.stringify(Buffer.from(bytes).toString('latin1')));
      }),
    );
  });
});

describe('UTF-8', () => {
  it('is told as strictly as TextDecoder tells it', () => {
    fc.assert(
      fc.property(hostileBytes, (bytes) => {
        expect(isUtf8(bytes, 0, bytes.length)).toBe(asUtf8(bytes) !== undefined);
      }),
      { numRuns: 2000 },
    );
  });

  it('has the right character sizes for every pair of first bytes', () => {
    for (let lead = 0x80; lead < 0x100; lead++) {
      for (let second = 0; second < 0x100; second++) {
        for (const size of [2, 3, 4]) {
          const bytes = Uint8Array.of(lead, second, 0xbf, 0x80).subarray(0, size);
          const valid = asUtf8(bytes) !== undefined && [...asUtf8(bytes)!].length === 1;
          expect(utf8Size(bytes, 0, size) === size, `${lead} ${second} ${size}`).toBe(valid);
        }
      }
    }
  });
});

describe('numbers', () => {
  const int64 = (value: bigint): Int64 => {
    const slot = new Int64();
    slot.set(Number(BigInt.asIntN(32, value >> 32n)), Number(BigInt.asIntN(32, value)));
    return slot;
  };

  it.each([0n, 1n, -1n, 2n ** 31n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, -(2n ** 53n), 4102444800000n])(
    '%s is a number',
    (value) => {
      expect(written((out) => out.time(int64(value)))).toBe(String(value));
      expect(written((out) => out.bigint(value))).toBe(String(value));
      if (value >= 0n) expect(written((out) => out.uint64(int64(value)))).toBe(String(value));
    },
  );

  it.each([2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)])(
    '%s is text, or a number where it is a time',
    (value) => {
      expect(written((out) => out.time(int64(value)))).toBe(String(value));
      expect(written((out) => out.bigint(value))).toBe(`"${value}"`);
      const unsigned = BigInt.asUintN(64, value);
      expect(written((out) => out.uint64(int64(value)))).toBe(`"${unsigned}"`);
    },
  );

  it('print as Number::toString does', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(written((out) => out.number(value))).toBe(String(value));
      }),
      { numRuns: 2000 },
    );
  });

  it('have words where JSON has no number', () => {
    expect(written((out) => out.score(Infinity))).toBe('"inf"');
    expect(written((out) => out.score(-Infinity))).toBe('"-inf"');
    expect(written((out) => out.number(Number.NaN))).toBe('"nan"');
    expect(written((out) => out.score(-0))).toBe('-0');
    expect(written((out) => out.number(-0))).toBe('0');
  });
});

describe('output', () => {
  it('comes in whole lines', () => {
    const pieces: string[] = [];
    const out = new JsonWriter('auto', (bytes, start, end) =>
      pieces.push(Buffer.from(bytes.subarray(start, end)).toString()),
    );
    const line = literal(`"${'x'.repeat(998)}"`);
    for (let index = 0; index < 1000; index++) {
      out.literal(line);
      out.endLine();
    }
    out.literal(line);
    out.flush();
    expect(pieces.length).toBeGreaterThan(5);
    for (const piece of pieces) expect(piece.endsWith('\n')).toBe(true);
    expect(pieces.join('').length).toBe(1000 * 1001);
  });

  it('grows for a long line, and hands it over in pieces while streaming', () => {
    const bytes = new Uint8Array(3_000_000).fill(0x61);
    for (const streaming of [false, true]) {
      const pieces: number[] = [];
      const out = new JsonWriter('auto', (_, start, end) => pieces.push(end - start));
      out.streaming = streaming;
      out.string(bytes, 0, bytes.length);
      out.endLine();
      out.flush();
      expect(pieces.reduce((sum, size) => sum + size, 0)).toBe(3_000_003);
      if (streaming) expect(Math.max(...pieces)).toBeLessThan(300_000);
      else expect(pieces).toEqual([3_000_003]);
    }
  });

  it('refuses a line that is too long to be held', () => {
    const out = new JsonWriter('auto', () => undefined);
    out.maxLineBytes = 1_000_000;
    out.origin = 17;
    const bytes = new Uint8Array(1_000_000);
    expect(() => out.string(bytes, 0, bytes.length)).toThrow(
      expect.objectContaining({ code: 'LIMIT_MEMORY', offset: 17 }),
    );
  });
});
