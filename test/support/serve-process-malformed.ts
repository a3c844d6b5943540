/** What no client should send, made by chance: wrong lengths, open quotes, noise, half commands, types of replies. */
import { brokenRequest } from './serve-requests.js';

type Maker = (below: (count: number) => number, next: () => number) => string | Uint8Array;

const NUMBERS = [
  '-1',
  '-2147483648',
  '0',
  '00',
  '+1',
  '1e3',
  '',
  ' 1',
  '4294967296',
  '9223372036854775807',
  '1'.repeat(40),
];
const TYPES = [
  '+OK',
  '-ERR',
  ':1',
  '_',
  '#t',
  ',1.5',
  '(123',
  '=7',
  '%1',
  '~2',
  '>2',
  '|1',
  '!3',
  '*-1',
  '$-1',
  '$?',
  '*?',
  '%?',
];
const QUOTED = ['SET "a', "SET 'a", 'SET "a"b c', "SET 'a'b", '"', "'", 'ECHO "\\x', 'ECHO "\\', 'GET \\"a" "'];

const MAKERS: readonly Maker[] = [
  (_below, next) => brokenRequest(next),
  (below) => `*${NUMBERS[below(NUMBERS.length)]}\r\n$4\r\nPING\r\n`,
  (below) => `*2\r\n$3\r\nGET\r\n$${NUMBERS[below(NUMBERS.length)]}\r\nkey\r\n`,
  // Lengths that are allowed, of which little comes: nothing may be set aside for them.
  (below) => `*${1 + below(2 ** 31 - 1)}\r\n${'$1\r\na\r\n'.repeat(below(20))}`,
  (below) => `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${1 + below(2 ** 29)}\r\n${'x'.repeat(below(100))}`,
  (below) => `${QUOTED[below(QUOTED.length)]}\r\n`,
  (below) => Uint8Array.from({ length: 1 + below(300) }, () => below(256)),
  (below) => `${'*1\r\n'.repeat(1 + below(2000))}$4\r\nPING\r\n`,
  (below) => `*1\r\n*${1 + below(3)}\r\n$4\r\nPING\r\n`,
  (below) => `${TYPES[below(TYPES.length)]}\r\n${TYPES[below(TYPES.length)]}\r\n`,
  (below) => `*1\r\n${TYPES[below(TYPES.length)]}\r\n`,
  (below) => 'GET '.repeat(1 + below(40_000)),
  (below) => `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nvalue\r\n`.slice(0, 1 + below(32)),
  () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  (below) => `\r\n${'\0'.repeat(below(100))}\r\n${'\n'.repeat(below(1000))}`,
];

export function malformedRequest(next: () => number): Uint8Array {
  const below = (count: number): number => Math.floor(next() * count);
  const made = MAKERS[below(MAKERS.length)]!(below, next);
  return typeof made === 'string' ? Buffer.from(made, 'latin1') : made;
}
