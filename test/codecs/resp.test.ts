/** RESP commands: written in pieces, as a whole, and read back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/bytes/errors.js';
import { Int64 } from '../../src/bytes/int64.js';
import { ByteWriter } from '../../src/bytes/writer.js';
import {
  CommandWriter,
  decodeCommand,
  encodeArgument,
  encodeCommand,
  formatArgument,
  skipCommand,
} from '../../src/codecs/resp.js';
import { StreamIdSlot } from '../../src/codecs/stream-id.js';
import { ascii, latin1 } from '../support/packed.js';

function written(write: (writer: CommandWriter) => void): string {
  let text = '';
  const out = new ByteWriter((bytes, start, end) => {
    text += latin1(bytes.slice(start, end));
  });
  write(new CommandWriter(out));
  out.flush();
  return text;
}

it('is what the worked example says', () => {
  expect(latin1(encodeCommand(['PING', 'hi']))).toBe('*2\r\n$4\r\nPING\r\n$2\r\nhi\r\n');
});

it('reads what it writes', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 150 }), (args) => {
      const bytes = encodeCommand(args);
      const around = new Uint8Array([7, ...bytes, 7]);
      expect(skipCommand(around, 1, around.length)).toBe(1 + bytes.length);
      expect(decodeCommand(around, 1, 1 + bytes.length)).toEqual(args);
      expect(written((writer) => writer.command(...args))).toBe(latin1(bytes));
    }),
  );
});

it('says that a prefix is short, wherever it ends', () => {
  const bytes = encodeCommand(['SET', '', 'some value']);
  for (let end = 0; end < bytes.length; end++) expect(skipCommand(bytes, 0, end)).toBeGreaterThan(end);
});

it.each([
  ['no star', 'PING\r\n', 0],
  ['no count', '*\r\n', 0],
  ['a negative count', '*-1\r\n', 0],
  ['no dollar', '*1\r\n:1\r\n', 4],
  ['a size without its line end', '*1\r\n$1 \r\n', 4],
  ['an argument without its line end', '*1\r\n$1\r\naXX', 9],
])('refuses %s', (_, text, pos) => {
  const bytes = ascii(text);
  const error = (() => {
    try {
      return skipCommand(bytes, 0, bytes.length);
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(error).toBeInstanceOf(FormatError);
  expect(error).toMatchObject({ code: 'BAD_OPCODE', offset: pos });
});

it('encodes an argument alone', () => {
  expect(latin1(encodeArgument(new Uint8Array(0)))).toBe('$0\r\n\r\n');
  const out = new Uint8Array(32).fill(0x2e);
  const end = formatArgument(ascii('xabcx'), 1, 4, out, 2);
  expect(latin1(out.slice(0, end + 1))).toBe('..$3\r\nabc\r\n.');
});

describe('in pieces', () => {
  it('writes numbers of every kind', () => {
    const value = new Int64();
    const id = new StreamIdSlot();
    const text = written((writer) => {
      writer.start(5);
      writer.count(2 ** 53);
      value.set(-0x80000000, 0);
      writer.int64(value);
      writer.uint64(value);
      id.ms.set(-1, -1);
      id.seq.set(0, 7);
      writer.streamId(id);
      writer.encoded(encodeArgument(ascii('encoded, and more')), 4);
    });
    const lines = text.split('\r\n').filter((_, index) => index > 0 && index % 2 === 0);
    expect(lines.slice(0, 4)).toEqual([
      '9007199254740992',
      '-9223372036854775808',
      '9223372036854775808',
      '18446744073709551615-7',
    ]);
  });

  it('lets the caller write an argument', () => {
    const text = written((writer) => {
      writer.argumentStart(3);
      writer.out.copy(ascii('abc'));
      writer.argumentEnd();
    });
    expect(text).toBe('$3\r\nabc\r\n');
  });

  it('takes a command back that is being held, and nothing else', () => {
    const text = written((writer) => {
      writer.command('A');
      writer.hold();
      writer.command('B');
      writer.release();
      writer.hold();
      writer.command('C', new Uint8Array(600_000));
      writer.takeBack();
      writer.takeBack();
      writer.command('D');
    });
    expect(text).toBe('*1\r\n$1\r\nA\r\n*1\r\n$1\r\nB\r\n*1\r\n$1\r\nD\r\n');
  });
});
