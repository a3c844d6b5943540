/** Requests taken apart, in pieces of every size. Which errors they meet is compared with a real server in test/live. */
import { describe, expect, it } from 'vitest';
import { type ByteString, toByteString } from '../../src/bytes/byte-string.js';
import { ProtocolError, RequestParser } from '../../src/serve/request-parser.js';
import { random } from '../support/random.js';
import { BROKEN_REQUESTS } from '../support/serve-requests.js';

const LIMITS = { connection: { isAuthenticated: true }, config: { maxBulkBytes: 2 ** 29 } };

function bytesOf(text: ByteString): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

function encoded(args: readonly ByteString[]): ByteString {
  return `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`;
}

/** What comes of bytes that come in pieces. */
function parse(bytes: Uint8Array, sizeOf: () => number, parser = new RequestParser(LIMITS)): (ByteString[] | string)[] {
  const found: (ByteString[] | string)[] = [];
  try {
    for (let at = 0; at < bytes.length; ) {
      const piece = bytes.slice(at, at + sizeOf());
      at += piece.length;
      parser.push(piece);
      for (let args = parser.next(); args !== undefined; args = parser.next()) found.push(args);
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    found.push(error.message);
  }
  return found;
}

/** Arguments of every length that is treated in a way of its own, of bytes of every kind. */
function commandsOf(seed: number, count: number): ByteString[][] {
  const next = random(seed);
  const integer = (below: number): number => Math.floor(next() * below);
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + integer(6) }, () => {
      const size = integer(20) === 0 ? integer(9000) : integer(24);
      return toByteString(Uint8Array.from({ length: size }, () => integer(256)));
    }),
  );
}

describe('commands in pieces of every size', () => {
  const commands = commandsOf(11, 120);
  const bytes = bytesOf(commands.map(encoded).join(''));

  it.each([1, 2, 3, 5, 7, 64, 1000, 4096, 65_536, Infinity])('%d bytes', (size) => {
    expect(parse(bytes, () => size)).toEqual(commands);
  });

  it.each([1, 2, 3, 4, 5, 6])('of a size that changes (seed %d)', (seed) => {
    const next = random(seed);
    expect(parse(bytes, () => 1 + Math.floor(next() ** 4 * 20_000))).toEqual(commands);
  });

  it('lines, empty ones and arrays of nothing between them', () => {
    const text = `\r\n\nPING\r\n*0\r\n  set "a b" 'c'\n*-1\r\n${encoded(['x'])} \t\r\nget we" ird"\r\n`;
    for (const size of [1, 2, 3, 100])
      expect(parse(bytesOf(text), () => size)).toEqual([['PING'], ['set', 'a b', 'c'], ['x'], ['get', 'we ird']]);
  });

  it.each(BROKEN_REQUESTS)('the same error in each: %s', (_name, request) => {
    const whole = parse(bytesOf(request), () => Infinity);
    expect(whole.at(-1)).toBeTypeOf('string');
    for (const size of [1, 3, 1000]) expect(parse(bytesOf(request), () => size)).toEqual(whole);
  });
});

describe('limits', () => {
  it('refuses a bulk beyond the setting, or beyond what a string can hold', () => {
    const small = new RequestParser({ ...LIMITS, config: { maxBulkBytes: 10 } });
    expect(parse(bytesOf('*1\r\n$10\r\n0123456789\r\n*1\r\n$11\r\n'), () => 5, small)).toEqual([
      ['0123456789'],
      'invalid bulk length',
    ]);
    const great = { ...LIMITS, config: { maxBulkBytes: 2 ** 40 } };
    expect(parse(bytesOf(`*1\r\n$${2 ** 29 - 24}\r\n`), () => 5, new RequestParser(great))).toEqual([]);
    expect(parse(bytesOf(`*1\r\n$${2 ** 29 - 23}\r\n`), () => 5, new RequestParser(great))).toEqual([
      'invalid bulk length',
    ]);
  });

  it('lets a client in that is not known yet ask for little', () => {
    const connection = { isAuthenticated: false };
    const limits = { ...LIMITS, connection };
    const ten = encoded(Array.from({ length: 10 }, (_, at) => `${at}`));
    expect(parse(bytesOf(ten), () => 9, new RequestParser(limits))).toHaveLength(1);
    expect(parse(bytesOf('*11\r\n'), () => 9, new RequestParser(limits))).toEqual(['unauthenticated multibulk length']);
    expect(parse(bytesOf('*1\r\n$16385\r\n'), () => 9, new RequestParser(limits))).toEqual([
      'unauthenticated bulk length',
    ]);
    connection.isAuthenticated = true;
    expect(parse(bytesOf(encoded(['x'.repeat(16_385)])), () => 9, new RequestParser(limits))).toHaveLength(1);
  });
});

describe('much at once', () => {
  it('holds the command that was given last until another one is looked for', () => {
    const parser = new RequestParser(LIMITS);
    parser.push(bytesOf('PING\r\n*1\r\n$4\r\nPING\r\n'));
    expect([parser.next(), parser.heldBytes]).toEqual([['PING'], 20]);
    expect([parser.next(), parser.heldBytes]).toEqual([['PING'], 14]);
    expect([parser.next(), parser.heldBytes]).toEqual([undefined, 0]);
  });

  it('counts what waits, and for each argument what it takes beside its bytes', () => {
    const OVERHEAD = 16;
    const parser = new RequestParser(LIMITS);
    expect(parser.pendingBytes).toBe(0);
    parser.push(bytesOf('*3\r\n$3\r\nSET\r\n$10\r\nabc'));
    expect(parser.next()).toBeUndefined();
    expect(parser.pendingBytes).toBe(3 + OVERHEAD + 3);
    parser.push(bytesOf('defghij\r\n$1\r\n'));
    expect(parser.next()).toBeUndefined();
    expect(parser.pendingBytes).toBe(13 + 2 * OVERHEAD);
    parser.push(bytesOf('x\r\n*'));
    expect(parser.next()).toEqual(['SET', 'abcdefghij', 'x']);
    expect(parser.next()).toBeUndefined();
    expect(parser.pendingBytes).toBe(1);
  });

  it('takes a million commands in one piece', () => {
    const bytes = Buffer.from('*2\r\n$3\r\nGET\r\n$5\r\nkey:1\r\n'.repeat(1_000_000));
    const parser = new RequestParser(LIMITS);
    parser.push(bytes);
    let count = 0;
    while (parser.next() !== undefined) count++;
    expect(count).toBe(1_000_000);
    expect(parser.pendingBytes).toBe(0);
  });

  it('takes 100 MB in pieces without moving them about, and a million arguments', () => {
    const parser = new RequestParser(LIMITS);
    const size = 100 * 1024 * 1024;
    parser.push(bytesOf(`*2\r\n$3\r\nGET\r\n$${size}\r\n`));
    const piece = new Uint8Array(64 * 1024).fill(0x61);
    let copied = 0;
    const { set } = Uint8Array.prototype;
    Uint8Array.prototype.set = function (this: Uint8Array, source: ArrayLike<number>, at?: number): void {
      copied += source.length;
      set.call(this, source, at);
    };
    try {
      for (let sent = 0; sent < size; sent += piece.length) {
        expect(parser.next()).toBeUndefined();
        parser.push(piece);
      }
    } finally {
      Uint8Array.prototype.set = set;
    }
    parser.push(bytesOf('\r\n'));
    expect(parser.next()![1]).toHaveLength(size);
    expect(copied).toBeLessThan(size * 3.1);
    const many = Array.from({ length: 1_000_000 }, (_, at) => `${at % 10}`);
    expect(parse(bytesOf(encoded(many)), () => 65_536, parser)).toEqual([many]);
  });

  it('gives back memory that is not needed any more', () => {
    const parser = new RequestParser(LIMITS);
    const held = (): number => (parser as unknown as { bytes: Uint8Array }).bytes.buffer.byteLength;
    const command = encoded(['SET', 'key', 'v'.repeat(1_000_000)]);
    parser.push(bytesOf(`${command}*2\r\n$3\r\n`));
    expect(parser.next()).toHaveLength(3);
    expect(parser.next()).toBeUndefined();
    expect(held()).toBeLessThan(1000);
    parser.push(bytesOf('GET\r\n$1\r\na\r\n'));
    expect(parser.next()).toEqual(['GET', 'a']);
    expect(parser.next()).toBeUndefined();
    expect(held()).toBe(0);
  });
});
