/** Small files, read whole. */
import { FormatError } from '../../bytes/errors.js';
import type { Files } from '../../bytes/files.js';
import { baseName } from '../../bytes/path.js';
import type { SyncByteSource } from '../../bytes/source.js';
import { fileNameOfManifest } from './manifest-name.js';

/** A manifest of a million files is none. */
const MAX_SMALL_FILE = 64 * 1024 * 1024;
const LOOK_BYTES = 64 * 1024;
const HASH = 0x23;
const LF = 0x0a;
/** Enough for each key of a manifest, quoted. */
const MAX_KEY = 32;

/** The bytes of a file. Throws FormatError (BAD_MANIFEST) for one of more than 64 MiB, errors of the system. */
export function readWholeFile(path: string, files: Files): Uint8Array {
  const source = files.open(path);
  try {
    const size = source.sizeBytes ?? MAX_SMALL_FILE + 1;
    if (size > MAX_SMALL_FILE) throw new FormatError('BAD_MANIFEST', `${path} is too large for a manifest`, 0);
    return readUpTo(source, size);
  } finally {
    source.close();
  }
}

/**
 * Whether a file is a manifest: behind comments it begins with one of the keys, or its name says so and it is no log by
 * its first bytes.
 */
export function startsAsManifest(path: string, files: Files): boolean {
  const source = files.open(path);
  try {
    const head = readUpTo(source, Math.min(LOOK_BYTES, source.sizeBytes ?? LOOK_BYTES));
    const isNamed = fileNameOfManifest(baseName(path)) !== undefined;
    const first = firstUncommented(head);
    if (first === undefined) return isNamed;
    const start = String.fromCharCode(...head.subarray(first, first + MAX_KEY));
    return /^\s*["']?(file|seq|type|startoffset|endoffset)["']?\s/i.test(start) || (isNamed && !isLog(start));
  } finally {
    source.close();
  }
}

function readUpTo(source: SyncByteSource, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  while (at < size) {
    const got = source.read(bytes, at, size - at);
    if (got === 0) break;
    at += got;
  }
  return at === size ? bytes : bytes.slice(0, at);
}

function isLog(start: string): boolean {
  return /^(\*|REDIS|VALKEY|VKCS)/.test(start);
}

function firstUncommented(head: Uint8Array): number | undefined {
  let pos = 0;
  while (pos < head.length && head[pos] === HASH) {
    const end = head.indexOf(LF, pos);
    if (end < 0) return undefined;
    pos = end + 1;
  }
  return pos < head.length ? pos : undefined;
}
