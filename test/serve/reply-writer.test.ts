/** Every kind of reply, as bytes that a client reads back. */
import { describe, expect, it } from 'vitest';
import {
  BooleanReply,
  CommandError,
  DoubleReply,
  KeyedReply,
  MapReply,
  NULL_ARRAY,
  OK,
  PairsReply,
  type Reply,
  SetReply,
  Status,
  VerbatimReply,
} from '../../src/engine/reply.js';
import { settingsOf } from '../../src/engine/settings.js';
import { type Protocol, ReplyWriter } from '../../src/serve/reply-writer.js';
import { asServerReply } from '../support/engine-replies.js';
import { random } from '../support/random.js';
import { decodeReply } from '../support/resp-replies.js';

const { target } = settingsOf({ target: 'redis:7.0' });

function written(protocol: Protocol, ...replies: readonly Reply[]): string {
  const writer = new ReplyWriter(target);
  writer.protocol = protocol;
  for (const reply of replies) writer.reply(reply);
  return Buffer.from(writer.take()).toString('latin1');
}

function readBack(text: string): unknown {
  const bytes = Buffer.from(text, 'latin1');
  const cursor = { bytes, pos: 0, wanted: 1, exact: true };
  const reply = decodeReply(cursor);
  expect(cursor.pos).toBe(bytes.length);
  return reply;
}

const NUMBERS = [0, 1, 9, 10, 11, 99, 100, 1234567, 2 ** 31 - 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER];

const REPLIES: readonly Reply[] = [
  null,
  NULL_ARRAY,
  ...NUMBERS,
  ...NUMBERS.slice(1).map((number) => -number),
  2n ** 63n - 1n,
  -(2n ** 63n),
  '',
  'text',
  'any bytes \0\r\n\xff',
  ...[9, 10, 19, 20, 99, 100, 999, 70_000].map((size) => 'x'.repeat(size)),
  OK,
  new Status('PONG'),
  new CommandError('ERR wrong'),
  ...[0, -0, 3, 0.1, -1.5e300, 1e17, 5e-324, Infinity, -Infinity, Number.NaN].map((value) => new DoubleReply(value)),
  new DoubleReply(3, '3.00'),
  new BooleanReply(true),
  new BooleanReply(false),
  new VerbatimReply('some\r\ntext'),
  new VerbatimReply('# head', 'mkd'),
  [],
  ['a', 1, null, ['b', []], NULL_ARRAY],
  [new CommandError('WRONGTYPE no'), OK],
  new MapReply([]),
  new MapReply([
    ['field', 1],
    ['other', ['x', new DoubleReply(2.5)]],
  ]),
  new SetReply(['a', 'b', new BooleanReply(true)]),
  new PairsReply([
    ['member', new DoubleReply(1.5)],
    ['other', new DoubleReply(Infinity)],
  ]),
  new KeyedReply([['stream', [['1-1', ['a', 'b']]]]]),
  Array.from({ length: 5000 }, (_, at) => (at % 2 === 0 ? at : `element ${at}`)),
];

describe.each([2, 3] as const)('in RESP%d', (protocol) => {
  it.each(REPLIES.map((reply, at) => [at, reply] as const))('reply %d is read back as it was', (_at, reply) => {
    expect(readBack(written(protocol, reply))).toEqual(asServerReply(reply, target, protocol));
  });

  it('all of them stand behind each other', () => {
    expect(written(protocol, ...REPLIES)).toBe(REPLIES.map((reply) => written(protocol, reply)).join(''));
  });
});

describe('bytes', () => {
  it('are those of the protocol', () => {
    expect(written(2, null, NULL_ARRAY, new MapReply([['a', 1]]), new DoubleReply(Infinity))).toBe(
      '$-1\r\n*-1\r\n*2\r\n$1\r\na\r\n:1\r\n$3\r\ninf\r\n',
    );
    expect(written(3, null, NULL_ARRAY, new MapReply([['a', 1]]), new DoubleReply(-Infinity))).toBe(
      '_\r\n_\r\n%1\r\n$1\r\na\r\n:1\r\n,-inf\r\n',
    );
    expect(written(3, new DoubleReply(Number.NaN), new VerbatimReply('t'), new SetReply([]))).toBe(
      ',nan\r\n=5\r\ntxt:t\r\n~0\r\n',
    );
  });

  it('have every count right', () => {
    const next = random(5);
    const counts = Array.from({ length: 2000 }, () => Math.floor(2 ** (next() * 33)));
    expect(written(2, ...counts)).toBe(counts.map((count) => `:${count}\r\n`).join(''));
  });

  it('of messages are out of band in RESP3', () => {
    const writer = new ReplyWriter(target);
    writer.push(['message', 'c', 'hi']);
    expect(String(Buffer.from(writer.take()))).toBe('*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n');
    writer.protocol = 3;
    writer.push(['message', 'c', 'hi']);
    expect(String(Buffer.from(writer.take()))).toBe('>3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n');
  });
});

describe('memory', () => {
  it('that was taken stays as it is, and great memory is given away', () => {
    const writer = new ReplyWriter(target);
    const taken: Uint8Array[] = [];
    for (const size of [10, 100, 20_000, 5, 40_000, 17]) {
      writer.reply('x'.repeat(size));
      taken.push(writer.take());
      expect(writer.size).toBe(0);
      expect(writer.bytes.length).toBeLessThanOrEqual(16 * 1024);
    }
    writer.reply('y'.repeat(50_000));
    expect(taken.map((bytes) => Buffer.from(bytes).toString().replaceAll('x', ''))).toEqual(
      [10, 100, 20_000, 5, 40_000, 17].map((size) => `$${size}\r\n\r\n`),
    );
  });

  it('is no more than twice what waits', () => {
    const writer = new ReplyWriter(target);
    writer.reply(Array.from({ length: 70_000 }, () => 'element'));
    const bytes = writer.take();
    expect(bytes.buffer.byteLength).toBeLessThan(bytes.length * 2);
  });
});
