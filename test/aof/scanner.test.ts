/** Items of a log: canonical, odd, broken, short. */
import { describe, expect, it } from 'vitest';
import { CONTROL, CommandView } from '../../src/aof/command-view.js';
import { controlOf, ITEM, ItemScanner, MAX_ANNOTATION_LINE } from '../../src/aof/scanner.js';
import { FormatError } from '../../src/bytes/errors.js';
import { logged, text } from '../support/aof-files.js';
import { latin1 } from '../support/packed.js';

function scan(
  bytes: Uint8Array,
  isEnd = true,
): { item: number; args: string[]; next: number; isOdd: boolean; wanted: number } {
  const scanner = new ItemScanner();
  const view = new CommandView();
  const item = scanner.scan(bytes, 0, bytes.length, isEnd, view);
  const args: string[] = [];
  if (item === ITEM.COMMAND) for (let arg = 0; arg < view.argc; arg++) args.push(latin1(view.copy(arg)));
  return { item, args, next: scanner.next, isOdd: scanner.isOdd, wanted: scanner.wanted };
}

const EXAMPLE = '*2\r\n$3\r\nGET\r\n$1\r\nk\r\n';

describe('commands', () => {
  it('reads the example of its head', () => {
    expect(scan(text(`${EXAMPLE}*1`))).toMatchObject({
      item: ITEM.COMMAND,
      args: ['GET', 'k'],
      next: EXAMPLE.length,
      isOdd: false,
    });
  });

  it.each([
    ['an empty argument', '*2\r\n$3\r\nGET\r\n$0\r\n\r\n', ['GET', '']],
    ['CR LF in an argument', '*2\r\n$3\r\nGET\r\n$4\r\n\r\n\r\n\r\n', ['GET', '\r\n\r\n']],
    [
      'sizes of two and three digits',
      `*2\r\n$10\r\n0123456789\r\n$100\r\n${'x'.repeat(100)}\r\n`,
      ['0123456789', 'x'.repeat(100)],
    ],
  ])('reads %s', (_name, bytes, args) => {
    expect(scan(text(bytes))).toMatchObject({ item: ITEM.COMMAND, args, next: bytes.length, isOdd: false });
  });

  it('has room for many arguments', () => {
    const args = Array.from({ length: 5000 }, (_, index) => `argument ${index}`);
    expect(scan(logged(...args)).args).toEqual(args);
  });

  // What redis-check-aof 7.0.15 takes beside the form that servers write.
  it.each([
    ['blanks before a count', '* 2\r\n$3\r\nGET\r\n$1\r\nk\r\n'],
    ['a plus sign', '*+2\r\n$+3\r\nGET\r\n$1\r\nk\r\n'],
    ['leading zeros', '*02\r\n$0003\r\nGET\r\n$1\r\nk\r\n'],
    ['a tab', '*2\r\n$\t3\r\nGET\r\n$1\r\nk\r\n'],
  ])('reads %s, and says that it is odd', (_name, bytes) => {
    expect(scan(text(bytes))).toMatchObject({ item: ITEM.COMMAND, args: ['GET', 'k'], isOdd: true });
  });

  it('reads a missing size as 0', () => {
    expect(scan(text('*2\r\n$3\r\nGET\r\n$\r\n\r\n'))).toMatchObject({ args: ['GET', ''], isOdd: true });
  });

  it.each([
    ['another first byte', 'x', 0],
    ['a line end', '\r\n', 0],
    ['an inline command', 'SET a b\r\n', 0],
    ['no count', '*\r\n', 0],
    ['a count of 0', '*0\r\n', 0],
    ['a negative count', '*-1\r\n', 0],
    ['text for a count', '*x\r\n', 1],
    ['a count without CR', '*1\n$4\r\nPING\r\n', 2],
    ['a count without LF', '*1\r$4\r\nPING\r\n', 2],
    ['junk behind a count', '*1 \r\n$4\r\nPING\r\n', 2],
    ['a blank size', '*1\r\n$ \r\n\r\n', 5],
    ['another prefix', '*1\r\n:4\r\nPING\r\n', 4],
    ['a negative size', '*1\r\n$-1\r\n\r\n', 4],
    ['a size beyond every file', '*1\r\n$99999999999999999999\r\n', 4],
    ['a size that is too small', '*1\r\n$3\r\nPING\r\n', 11],
    ['no line end', '*1\r\n$4\r\nPINGxx', 12],
    ['half a line end', '*1\r\n$4\r\nPING\r\r', 12],
  ])('refuses %s', (_name, bytes, pos) => {
    let error: unknown;
    try {
      scan(text(`${bytes}${'.'.repeat(40)}`));
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(FormatError);
    expect(error).toMatchObject({ code: 'BAD_COMMAND', offset: pos });
  });

  it('is short in every prefix, and says of how much at least', () => {
    for (const whole of [
      text(EXAMPLE),
      logged('SET', 'key', 'v'.repeat(300)),
      text('* +2\r\n$03\r\nGET\r\n$1\r\nk\r\n'),
    ]) {
      for (let end = 0; end < whole.length; end++) {
        const { item, wanted } = scan(whole.subarray(0, end), false);
        expect(item).toBe(ITEM.SHORT);
        expect(wanted).toBeGreaterThan(end);
        expect(wanted).toBeLessThanOrEqual(whole.length);
      }
    }
  });

  it('knows that arguments to come take six bytes at least', () => {
    expect(scan(text('*1000\r\n$3\r\nSET\r\n'), false).wanted).toBeGreaterThanOrEqual(16 + 999 * 6 - 6);
  });
});

describe('annotations', () => {
  it.each([
    ['#TS:1700000000\r\n', 'TS:1700000000'],
    ['#TS:1700000000\n', 'TS:1700000000'],
    ['#\n', ''],
    ['#\r\n', ''],
    ['# anything\r\n', ' anything'],
    ['#last, without an end', 'last, without an end'],
  ])('reads %j', (line, content) => {
    const bytes = text(line);
    const scanner = new ItemScanner();
    expect(scanner.scan(bytes, 0, bytes.length, true, new CommandView())).toBe(ITEM.ANNOTATION);
    expect(latin1(bytes.subarray(scanner.textStart, scanner.textEnd))).toBe(content);
    expect(scanner.next).toBe(bytes.length);
  });

  it('has 1,023 bytes at most, LF included', () => {
    const longest = `#${'x'.repeat(MAX_ANNOTATION_LINE - 2)}\n`;
    expect(scan(text(longest))).toMatchObject({ item: ITEM.ANNOTATION, next: MAX_ANNOTATION_LINE });
    expect(() => scan(text(`#x${longest.slice(1)}`))).toThrow(expect.objectContaining({ code: 'BAD_ANNOTATION' }));
  });

  it('waits for its end, where more may come', () => {
    expect(scan(text('#TS:17'), false)).toMatchObject({ item: ITEM.SHORT, wanted: 7 });
  });
});

it.each([
  ['MULTI', CONTROL.MULTI],
  ['multi', CONTROL.MULTI],
  ['eXeC', CONTROL.EXEC],
  ['select', CONTROL.SELECT],
  ['SET', CONTROL.NONE],
  ['MULTX', CONTROL.NONE],
  ['EXECX', CONTROL.NONE],
  ['', CONTROL.NONE],
])('knows %j', (name, control) => {
  const view = new CommandView();
  const bytes = logged(name, '1');
  new ItemScanner().scan(bytes, 0, bytes.length, true, view);
  expect(controlOf(view)).toBe(control);
});
