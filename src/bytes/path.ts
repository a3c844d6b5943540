/**
 * Paths as strings, and the bytes that they stand for. File systems of POSIX take any bytes as a name; one that is no
 * UTF-8 travels through strings as lone surrogates, U+DC80 to U+DCFF for the bytes 0x80 to 0xff, and comes back whole.
 *
 * The separator is `/`, which every system takes.
 */

const utf8 = new TextEncoder();
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const ESCAPE_BASE = 0xdc00;

/** The string that stands for a name's bytes. */
export function decodePath(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeByCharacter(bytes);
  }
}

/** The bytes of a path: what {@link decodePath} made a string of, or UTF-8. */
export function encodePath(path: string): Uint8Array {
  if (!hasRawBytes(path)) return utf8.encode(path);
  const bytes: number[] = [];
  for (const char of path) {
    const code = char.codePointAt(0)!;
    if (isRawByte(code)) bytes.push(code - ESCAPE_BASE);
    else bytes.push(...utf8.encode(char));
  }
  return Uint8Array.from(bytes);
}

/** Whether a path stands for bytes that are no UTF-8. */
export function hasRawBytes(path: string): boolean {
  for (const char of path) if (isRawByte(char.codePointAt(0)!)) return true;
  return false;
}

/** `name` in `directory`. */
export function joinPath(directory: string, name: string): string {
  if (directory === '' || directory === '.') return name;
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`;
}

/** The directory that a path lies in. */
export function parentPath(path: string): string {
  const plain = withoutTrailing(path);
  if (plain === '/') return '/';
  const name = baseName(plain);
  if (name === '.' || name === '..' || name === '') return joinPath(plain, '..');
  const parent = plain.slice(0, plain.length - name.length);
  return parent === '' ? '.' : withoutTrailing(parent);
}

/** The last name of a path. */
export function baseName(path: string): string {
  const plain = withoutTrailing(path);
  return plain.slice(plain.lastIndexOf('/') + 1);
}

function withoutTrailing(path: string): string {
  let end = path.length;
  while (end > 1 && path[end - 1] === '/') end--;
  return path.slice(0, end);
}

function isRawByte(code: number): boolean {
  return code >= 0xdc80 && code <= 0xdcff;
}

function decodeByCharacter(bytes: Uint8Array): string {
  let text = '';
  for (let pos = 0; pos < bytes.length; ) {
    const size = characterSize(bytes, pos);
    text +=
      size === 0 ? String.fromCharCode(ESCAPE_BASE + bytes[pos]!) : strict.decode(bytes.subarray(pos, pos + size));
    pos += Math.max(size, 1);
  }
  return text;
}

/** Bytes of the character at `pos`; 0 where there is none. */
function characterSize(bytes: Uint8Array, pos: number): number {
  const first = bytes[pos]!;
  const size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (pos + size > bytes.length) return 0;
  try {
    strict.decode(bytes.subarray(pos, pos + size));
    return size;
  } catch {
    return 0;
  }
}
