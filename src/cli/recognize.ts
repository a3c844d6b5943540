/** What bytes that are no dump look like: for the hint that saves someone a search. */

interface Look {
  /** The first bytes, each as the character of its number: how they begin, or what they match. */
  readonly start: string | RegExp;
  readonly what: string;
}

/** Bytes that {@link looksLike} wants to see. */
export const LOOK_BYTES = 512;

const LOOKS: readonly Look[] = [
  { start: /^file \S+ seq \d+ type [bih]/, what: 'the manifest of an append-only directory' },
  { start: /^\$(EOF:[0-9a-f]{40}|\d+)\r\n/, what: 'a replication stream; the dump begins behind its first line' },
  { start: /^[+\-:%][^\r\n]*\r\n/, what: 'replies of a server, such as redis-cli might have saved' },
  { start: 'PK\x03\x04', what: 'a zip archive; unpack it first' },
  { start: /^BZh[1-9]/, what: 'bzip2; try bunzip2 -c FILE | rdb-inspect … -' },
  { start: '\xfd7zXZ\0', what: 'xz; try xz -dc FILE | rdb-inspect … -' },
  { start: '\x04\x22\x4d\x18', what: 'a bare LZ4 frame; try lz4 -dc FILE | rdb-inspect … -' },
  { start: '\xff\x06\0\0sNaPpY', what: 'snappy, which is not read' },
  { start: '7z\xbc\xaf\x27\x1c', what: 'a 7-Zip archive; unpack it first' },
  { start: /^[\s\S]{257}ustar/, what: 'a tar archive; try tar -xOf FILE dump.rdb | rdb-inspect … -' },
  { start: 'SQLite format 3\0', what: 'an SQLite database' },
  { start: '\x7fELF', what: 'a program' },
  { start: 'PAR1', what: 'a Parquet file' },
  { start: /^\s*<(!doctype|html|\?xml)/i, what: 'a web page or XML, perhaps the error page of a download' },
  { start: 'version https://git-lfs', what: 'a Git LFS pointer; run git lfs pull' },
  { start: /^\s*[[{]\s*["{[\]}]/, what: 'JSON' },
  { start: '\0'.repeat(64), what: 'zeros, as a crash leaves behind' },
];

/** A few words, or undefined where nothing comes to mind. */
export function looksLike(head: Uint8Array): string | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
  return LOOKS.find(({ start }) => (typeof start === 'string' ? text.startsWith(start) : start.test(text)))?.what;
}

/** The beginning of an append-only file: a RESP command, or a timestamp annotation. */
export function isAof(head: Uint8Array): boolean {
  const [first, second, third] = head;
  if (first === 0x2a) return second !== undefined && second >= 0x30 && second <= 0x39;
  return first === 0x23 && second === 0x54 && third === 0x53;
}
