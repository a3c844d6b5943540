/** Replies, cut anywhere, against a parser that has all bytes and no haste. */
import { describe, expect, it } from 'vitest';
import { ErrorReply, OK, type Reply, type ReplyLimits, ReplyParser } from '../../../src/import/target/reply-parser.js';
import { TargetError } from '../../../src/import/target/target-error.js';
import { ascii, latin1 } from '../../support/packed.js';
import { random, randomSizes } from '../../support/random.js';

const MAX_INTEGER = 2 ** 53;

/** Feeds `bytes` in pieces of the sizes that `nextSize` gives. */
function parsed(bytes: Uint8Array, nextSize: () => number, limits: ReplyLimits = {}): Reply[] {
  const replies: Reply[] = [];
  const parser = new ReplyParser({ reply: (reply) => replies.push(reply) }, limits);
  for (let pos = 0; pos < bytes.length; ) {
    const end = Math.min(bytes.length, pos + nextSize());
    // A piece of its own, overwritten afterwards: nothing of it may be kept.
    const piece = bytes.slice(pos, end);
    parser.write(piece);
    piece.fill(0x58);
    pos = end;
  }
  return replies;
}

const whole = (text: string, limits: ReplyLimits = {}): Reply[] => parsed(ascii(text), () => 1 << 20, limits);

describe('every kind', () => {
  it.each<[string, Reply]>([
    ['+OK\r\n', 'OK'],
    ['+QUEUED\r\n', 'QUEUED'],
    ['+\r\n', ''],
    ['+OKAY\r\n', 'OKAY'],
    ['-ERR no\r\n', new ErrorReply('ERR no')],
    [':0\r\n', 0],
    [':-1\r\n', -1],
    [':+7\r\n', 7],
    [':9007199254740991\r\n', 9007199254740991],
    [':9007199254740993\r\n', ascii('9007199254740993')],
    [':-9223372036854775808\r\n', ascii('-9223372036854775808')],
    ['$5\r\nhello\r\n', ascii('hello')],
    ['$0\r\n\r\n', ascii('')],
    ['$4\r\n\r\n\r\n\r\n', ascii('\r\n\r\n')],
    ['$-1\r\n', null],
    ['*-1\r\n', null],
    ['*0\r\n', []],
    ['*2\r\n:1\r\n*2\r\n$1\r\na\r\n*0\r\n', [1, [ascii('a'), []]]],
    ['*2\r\n-ERR in\r\n+OK\r\n', [new ErrorReply('ERR in'), 'OK']],
    ['_\r\n', null],
    ['#t\r\n', true],
    ['#f\r\n', false],
    [',1.5\r\n', 1.5],
    [',-2e-3\r\n', -0.002],
    [',inf\r\n', Infinity],
    [',-inf\r\n', -Infinity],
    [',nan\r\n', Number.NaN],
    ['(3492890328409238509324850943850943825024385\r\n', ascii('3492890328409238509324850943850943825024385')],
    ['!9\r\nERR a\r\nbc\r\n', new ErrorReply('ERR a\r\nbc')],
    ['=8\r\ntxt:some\r\n', ascii('some')],
    ['~1\r\n:1\r\n', [1]],
    ['%2\r\n+a\r\n:1\r\n+b\r\n%0\r\n', ['a', 1, 'b', []]],
  ])('%j', (text, expected) => {
    expect(whole(text)).toEqual([expected]);
    expect(parsed(ascii(text), () => 1)).toEqual([expected]);
  });

  it('leaves out what answers nothing', () => {
    const push = '>2\r\n+message\r\n*1\r\n:1\r\n';
    expect(whole(`${push}:1\r\n|1\r\n+ttl\r\n:3\r\n:2\r\n>0\r\n*2\r\n|1\r\n+a\r\n+b\r\n:4\r\n:5\r\n`)).toEqual([
      1,
      2,
      [4, 5],
    ]);
  });
});

describe('what is no reply', () => {
  it.each([
    ['an unknown kind', 'HTTP/1.1 400 Bad Request\r\n'],
    ['a line without a kind', '\r\n'],
    ['a line feed alone', '+OK\n'],
    ['a length that is none', '$x\r\n'],
    ['a negative length', '$-2\r\n'],
    ['an integer that is none', ':1.5\r\n'],
    ['an integer without digits', ':-\r\n'],
    ['a double that is none', ',one\r\n'],
    ['a boolean that is none', '#x\r\n'],
    ['a string without its line end', '$1\r\nab\r\n'],
    ['half a line end', '$1\r\na\rb'],
    ['an array of too many', '*99999999999\r\n'],
  ])('refuses %s', (_, text) => {
    for (const size of [1, 2, 1000]) {
      const error = caught(() => parsed(ascii(text), () => size));
      expect(error).toBeInstanceOf(TargetError);
      expect(error).toMatchObject({ code: 'PROTOCOL', isTransient: false });
    }
  });

  it('has limits', () => {
    const code = (text: string, limits: ReplyLimits) => (caught(() => whole(text, limits)) as TargetError)?.code;
    expect(code('$10\r\n', { maxBulkBytes: 10 })).toBeUndefined();
    expect(code('$11\r\n', { maxBulkBytes: 10 })).toBe('PROTOCOL');
    expect(code('*1\r\n'.repeat(3), { maxDepth: 3 })).toBeUndefined();
    expect(code('*1\r\n'.repeat(4), { maxDepth: 3 })).toBe('PROTOCOL');
    expect(code('*0\r\n'.repeat(40), { maxDepth: 3 })).toBeUndefined();
    expect(code(`+${'x'.repeat(70_000)}`, {})).toBe('PROTOCOL');
    expect(code(`+${'x'.repeat(70_000)}\r\n`, {})).toBe('PROTOCOL');
    expect(code(`+${'x'.repeat(60_000)}\r\n`, {})).toBeUndefined();
    // What is announced takes no memory before it comes.
    expect(code('*2000000000\r\n$500000000\r\n', {})).toBeUndefined();
  });
});

it('makes nothing new of OK', () => {
  const replies = whole('+OK\r\n'.repeat(3));
  expect(replies.every((reply) => reply === OK)).toBe(true);
});

it.each([1, 2, 3, 4, 5, 7, 64, 1000, 4096, 0])('reads the same in pieces of %i (0: random)', (size) => {
  for (let seed = 1; seed <= 10; seed++) {
    const bytes = someReplies(random(seed));
    const nextSize = size > 0 ? () => size : randomSizes(seed, 50);
    expect(parsed(bytes, nextSize), `seed ${seed}`).toEqual(plainlyParsed(bytes));
  }
});

it('reads the same wherever it is cut in two', () => {
  const bytes = someReplies(random(99)).subarray(0, 500);
  const expected = parsed(bytes, () => bytes.length);
  for (let cut = 1; cut < bytes.length; cut++) {
    let isFirst = true;
    const nextSize = () => {
      const size = isFirst ? cut : bytes.length;
      isFirst = false;
      return size;
    };
    expect(parsed(bytes, nextSize)).toEqual(expected);
  }
});

it('says nothing else than PROTOCOL of damaged bytes', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const next = random(seed);
    const bytes = someReplies(next);
    for (let flips = 0; flips < 4; flips++) {
      const pos = Math.floor(next() * bytes.length);
      bytes[pos] = bytes[pos]! ^ (1 << Math.floor(next() * 8));
    }
    const outcome = (nextSize: () => number) => {
      let replies: Reply[] = [];
      const error = caught(() => {
        replies = parsed(bytes, nextSize, { maxBulkBytes: 1 << 20 });
      });
      if (error !== undefined) expect((error as TargetError).code, `seed ${seed}`).toBe('PROTOCOL');
      return error === undefined ? replies : (error as TargetError).message;
    };
    expect(outcome(() => 1)).toEqual(outcome(() => bytes.length));
  }
});

function someReplies(next: () => number): Uint8Array {
  const parts: string[] = [];
  for (let index = 0; index < 60; index++) parts.push(someReply(next, 0));
  return ascii(parts.join(''));
}

function someReply(next: () => number, depth: number): string {
  const pick = Math.floor(next() * (depth < 4 ? 9 : 7));
  const some = Math.floor(next() * 12);
  const text = 'x\r\n$*+:-1'.repeat(2).slice(0, some);
  if (pick === 0) return '+OK\r\n';
  if (pick === 1) return `+${'OKAY'.slice(0, some % 5)}\r\n`;
  if (pick === 2) return `-ERR ${'no'.repeat(some)}\r\n`;
  if (pick === 3) return `:${Math.floor((next() - 0.5) * 10 ** some)}\r\n`;
  if (pick === 4) return some === 0 ? '$-1\r\n' : `$${text.length}\r\n${text}\r\n`;
  if (pick === 5) return `$${some * 100}\r\n${'y'.repeat(some * 100)}\r\n`;
  if (pick === 6) return some === 0 ? ':9223372036854775807\r\n' : '+OK\r\n';
  const items = Array.from({ length: some % 5 }, () => someReply(next, depth + 1));
  return some === 11 ? '*-1\r\n' : `*${items.length}\r\n${items.join('')}`;
}

/** All replies of RESP2 in `bytes`, which end with the last of them. */
function plainlyParsed(bytes: Uint8Array): Reply[] {
  const text = latin1(bytes);
  const replies: Reply[] = [];
  let pos = 0;
  const one = (): Reply => {
    const lineEnd = text.indexOf('\r\n', pos);
    const [kind, line] = [text[pos], text.slice(pos + 1, lineEnd)];
    pos = lineEnd + 2;
    if (kind === '+') return line;
    if (kind === '-') return new ErrorReply(line);
    if (kind === ':') return Math.abs(Number(line)) < MAX_INTEGER ? Number(line) : ascii(line);
    if (line === '-1') return null;
    if (kind === '*') return Array.from({ length: Number(line) }, one);
    const start = pos;
    pos += Number(line) + 2;
    return ascii(text.slice(start, pos - 2));
  };
  while (pos < text.length) replies.push(one());
  return replies;
}

function caught(run: () => unknown): unknown {
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  }
}
