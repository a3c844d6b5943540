/** Bytes that clients may not send, and some that they may. */

type Request = readonly [name: string, bytes: string];

const LONG = 'A'.repeat(66_000);

export const BROKEN_REQUESTS: readonly Request[] = [
  ['a count that is none', '*x\r\n'],
  ['a count that is missing', '*\r\n'],
  ['a count with a plus', '*+1\r\n'],
  ['a count with a zero in front', '*01\r\n'],
  ['a count of minus zero', '*-0\r\n'],
  ['a count with a blank', '* 1\r\n'],
  ['too many arguments', '*2147483648\r\n'],
  ['far too many arguments', '*20000000000000000000\r\n'],
  ['another mark', '*3\r\n$3\r\nSET\r\n$1\r\nx\r\nfooz\r\n'],
  ['another mark that is a digit', '*1\r\n3\r\n'],
  ['an end of a line for a mark', '*1\r\n\r\n'],
  ['a mark beyond ASCII', '*1\r\n\xff\r\n'],
  ['a size that is none', '*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$blabla\r\n'],
  ['a size that is missing', '*1\r\n$\r\n'],
  ['a negative size', '*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$-10\r\n'],
  ['a size that is too great', '*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$2000000000\r\n'],
  ['a size that is a byte too great', '*1\r\n$536870913\r\n'],
  ['a size beyond all numbers', '*1\r\n$99999999999999999999999\r\n'],
  ['a size with a zero in front', '*1\r\n$04\r\nPING\r\n'],
  ['quotes that are open', 'set """test-key""" test-value\r\n'],
  ['quotes that are open in a word', "set 'a b\r\n"],
  ['something behind a quote', 'set "a"b c\r\n'],
  ['a line without an end', LONG],
  ['a line that begins with nothing', `\0${LONG}`],
  ['a count without an end', `*\0${LONG}`],
  ['a size without an end', `*1\r\n$\0${LONG}`],
  ['a mark without an end', `$\0${LONG}`],
];

export const BROKEN_WITHOUT_PASSWORD: readonly Request[] = [
  ['many arguments', '*11\r\n'],
  ['a great argument', '*1\r\n$16385\r\n'],
  ['a count that is none', '*x\r\n'],
];

export const WHOLE_REQUESTS: readonly Request[] = [
  ['nothing', ''],
  ['empty lines', '\r\n\n\r\n'],
  ['blanks', '  \t \r\n'],
  ['no arguments', '*0\r\n'],
  ['less than no arguments', '*-10\r\n'],
  ['a line', 'PING\r\n'],
  ['a line that ends as on Unix', 'ECHO a\n'],
  ['words with blanks around', '  ECHO   a  \r\n'],
  ['quotes', 'ECHO "a b\\x41\\n\\"" \r\n'],
  ['apostrophes', "ECHO 'it\\'s \\x41'\r\n"],
  ['a quote within a word', 'ECHO we" ird"\r\n'],
  ['an empty word', 'ECHO ""\r\n'],
  ['an empty argument', '*2\r\n$4\r\nECHO\r\n$0\r\n\r\n'],
  ['ends of lines in an argument', '*2\r\n$4\r\nECHO\r\n$4\r\n\r\n\r\n\r\n'],
  ['any bytes where an argument ends', '*2\r\n$4\r\nECHOxx$1\r\nayy'],
  ['any byte behind the CR of a size', '*2\rx$4\ryECHO\r\n$1\rza\r\n'],
  ['an array of nothing for a name', '*1\r\n$0\r\n\r\n'],
  ['a line of more than 64 KiB that is whole', `ECHO ${LONG}\r\n`],
  ['lines and arrays', 'PING\r\n*1\r\n$4\r\nPING\r\nPING\r\n'],
  ['too many arguments for a command', '*3\r\n$4\r\nECHO\r\n$1\r\na\r\n$1\r\nb\r\n'],
  ['no such command', '*2\r\n$3\r\nNO!\r\n$4\r\n\r\n\x00\xff\r\n'],
];

const GOOD = '*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\nvalue\r\n*2\r\n$3\r\nGET\r\n$3\r\nkey\r\nPING\r\n';

/** Some commands, with a few bytes that are others, and without their end. */
export function brokenRequest(next: () => number): Uint8Array {
  const bytes = Buffer.from(GOOD.repeat(1 + Math.floor(next() * 3)), 'latin1');
  for (let changes = 1 + Math.floor(next() * 4); changes > 0; changes--)
    bytes[Math.floor(next() * bytes.length)] = next() < 0.5 ? Math.floor(next() * 256) : 0x2a + (changes % 16);
  return bytes.subarray(0, Math.ceil(next() * bytes.length));
}
