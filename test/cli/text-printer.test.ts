/** Values as `get` shows them on a terminal. */
import { describe, expect, it } from 'vitest';
import { Window } from '../../src/bytes/window.js';
import { Output } from '../../src/cli/output.js';
import { createStyle } from '../../src/cli/render/style.js';
import { TextPrinter } from '../../src/cli/render/text-printer.js';
import type { Sink } from '../../src/cli/sink.js';
import { RdbDriver, type RowHandler } from '../../src/rdb/driver.js';
import { RowKeyInfo } from '../../src/rdb/key-info.js';
import { NO_SINK } from '../../src/rdb/no-sink.js';
import { int64Le, keyRecord, len, type Piece, rdbFile, str } from '../support/file-builder.js';
import { listFixtures, readFixture } from '../support/fixtures.js';

class MemorySink implements Sink {
  readonly isBehind = false;
  readonly isFinal = true;
  readonly chunks: Buffer[] = [];
  write(bytes: Uint8Array, start: number, end: number): void {
    this.chunks.push(Buffer.from(bytes.slice(start, end)));
  }
  async drain(): Promise<void> {}
  async commit(): Promise<void> {}
  discard(): void {}
}

/** What is printed for every key, by key. */
function printAll(file: Uint8Array, decode: 'none' | 'auto' = 'none'): Map<string, string[]> {
  const printed = new Map<string, string[]>();
  const info = new RowKeyInfo();
  const print = (row: number): void => {
    const sink = new MemorySink();
    const output = new Output(sink, true);
    const printer = new TextPrinter(output, createStyle('never', true, {}), decode);
    info.read(driver, row, false);
    driver.readValue(row, 'element', printer.begin(info));
    printer.end();
    output.flush();
    printed.set(
      Buffer.from(info.key.copy()).toString('latin1'),
      Buffer.concat(sink.chunks).toString().split('\n').slice(0, -1),
    );
  };
  const handler: RowHandler = {
    record: () => undefined,
    key: (_rows, row) => print(row),
    largeStart: () => ({ level: 'skip', sink: NO_SINK }),
    largeEnd: () => undefined,
    warning: () => undefined,
    full: () => false,
  };
  const driver = new RdbDriver(Window.over(file), handler);
  driver.advance();
  return printed;
}

const printOne = (...record: Piece[]): string[] => [...printAll(rdbFile('REDIS0012', ...record)).values()][0]!;

describe.each(listFixtures())('$name', ({ name }) => {
  it('prints every value without moving the cursor', () => {
    const printed = printAll(readFixture(name));
    expect(printed.size).toBeGreaterThan(0);
    for (const [key, lines] of printed) {
      expect(lines[0], key).toMatch(
        /^[a-z]+ \([a-z]+\) in db \d+, (no expiry|expires \S+( ms after 1970)?), [\d.]+ [KMG]?B in the file$/,
      );
      for (const line of lines) expect(/\p{Cc}/u.test(line), `${key}: ${line}`).toBe(false);
    }
  });
});

describe('shapes', () => {
  it.each<[string, Piece[], string[]]>([
    ['a string', [keyRecord(0, 'k', str(new TextEncoder().encode('say "hi" \\ käse')))], ['"say \\"hi\\" \\\\ käse"']],
    ['bytes', [keyRecord(0, 'k', str([0xff, 0, 'x']))], ['"\\xff\\x00x"']],
    ['a list', [keyRecord(1, 'k', [len(2), str('a'), str('')])], ['1) "a"', '2) ""']],
    ['a hash', [keyRecord(4, 'k', [len(1), str('f'), str('v')])], ['1) "f" => "v"']],
    [
      'a hash with expiry',
      [keyRecord(24, 'k', [int64Le(4102444800000n), len(2), len(1), str('f'), str('v'), len(0), str('g'), str('w')])],
      ['1) "f" => "v" (expires 2100-01-01T00:00:00Z)', '2) "g" => "w"'],
    ],
    [
      'a sorted set',
      [keyRecord(3, 'k', [len(2), str('a'), str('1.5'), str('b'), 0xff])],
      ['1) "a" => 1.5', '2) "b" => -inf'],
    ],
  ])('%s', (_, record, expected) => {
    expect(printOne(...record).slice(1)).toEqual(expected);
  });

  it('a stream with its groups', () => {
    const lines = printAll(readFixture('redis-7.0/streams')).get('s:groups')!;
    expect(lines[1]).toMatch(/^1\) \d+-\d+$/);
    expect(lines[2]).toMatch(/^ {3}".*" => ".*"$/);
    expect(lines.find((line) => line.startsWith('length '))).toMatch(
      /^length \d+, last id \d+-\d+, first id \d+-\d+, greatest deleted id \d+-\d+, \d+ entries ever added$/,
    );
    expect(lines.find((line) => line.startsWith('group "g1"'))).toMatch(
      /^group "g1": last id \d+-\d+(, \d+ read)?, \d+ pending entr(y|ies)$/,
    );
    expect(lines.some((line) => /^ {3}pending \d+-\d+: ".+", delivered \d+ times?, last \S+Z$/.test(line))).toBe(true);
  });

  it('a long string is cut', () => {
    const [, line] = printOne(keyRecord(0, 'k', str('x'.repeat(100_000))));
    expect(line!.length).toBe(64 * 1024 + 2 + ' and 34,464 more bytes'.length);
    expect(line!.endsWith('x" and 34,464 more bytes')).toBe(true);
  });

  it('JSON is indented where decoding is asked for', () => {
    const file = rdbFile('REDIS0010', keyRecord(0, 'k', str('{"a":[1,2]}')));
    expect(printAll(file).get('k')!.slice(1)).toEqual(['"{\\"a\\":[1,2]}"']);
    expect(printAll(file, 'auto').get('k')!.slice(1)).toEqual([
      'JSON: 11 B',
      '{',
      '  "a": [',
      '    1,',
      '    2',
      '  ]',
      '}',
    ]);
    const text = rdbFile('REDIS0010', keyRecord(0, 'k', str('line 1\nline 2')));
    expect(printAll(text, 'auto').get('k')!.slice(1)).toEqual(['line 1', 'line 2']);
  });
});
