/** The text of a configuration file, line by line. */
import { type ByteString, toByteString } from '../../bytes/byte-string.js';
import type { Files } from '../../bytes/files.js';
import { splitArguments } from '../../bytes/split-arguments.js';

/** Nobody writes more. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** Throws the system's errors, and RangeError for a file of more than 16 MiB. */
export function readConfigText(path: string, files: Files): Uint8Array {
  const source = files.open(path);
  try {
    const size = source.sizeBytes ?? MAX_FILE_BYTES + 1;
    if (size > MAX_FILE_BYTES) throw new RangeError(`${path} is too large for a configuration`);
    const bytes = new Uint8Array(size);
    let at = 0;
    while (at < size) {
      const got = source.read(bytes, at, size - at);
      if (got === 0) break;
      at += got;
    }
    return bytes.subarray(0, at);
  } finally {
    source.close();
  }
}

/** Of every line what is between blanks at its ends. */
export function linesOf(text: Uint8Array): ByteString[] {
  return toByteString(text)
    .split('\n')
    .map((line) => line.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ''));
}

/** Whether there is nothing to be read in it. */
export function isComment(line: ByteString): boolean {
  return line === '' || line.startsWith('#');
}

/** Undefined where its quotes are not closed. */
export function wordsOfLine(line: ByteString): ByteString[] | undefined {
  const bytes = Uint8Array.from(line, (char) => char.charCodeAt(0));
  return splitArguments(bytes)?.map((word) => toByteString(word));
}
