/** Dumps put together by hand from the description of the format: for versions that no server at hand writes, and for damage. */
import { crc64 } from '../../src/bytes/crc64.js';
import { encodeLength } from '../../src/codecs/length.js';

export type Piece = number | string | Uint8Array | readonly Piece[];

/** Numbers are bytes, strings are Latin-1 text, arrays are sequences. */
export function bytesOf(...pieces: readonly Piece[]): Uint8Array {
  const out: number[] = [];
  const add = (piece: Piece): void => {
    if (typeof piece === 'number') out.push(piece & 0xff);
    else if (typeof piece === 'string') for (const char of piece) out.push(char.charCodeAt(0) & 0xff);
    else for (const inner of piece) add(inner);
  };
  for (const piece of pieces) add(piece);
  return Uint8Array.from(out);
}

/** `DE AD BE EF` with any white space. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(text.replaceAll(/\s+/g, '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** A length in its shortest form. */
export function len(value: number): Uint8Array {
  const out = new Uint8Array(9);
  return out.slice(0, encodeLength(value, out, 0));
}

/** A 64-bit length in its nine-byte form. */
export function len64(value: bigint): Uint8Array {
  const out = new Uint8Array(9);
  out[0] = 0x81;
  new DataView(out.buffer).setBigUint64(1, BigInt.asUintN(64, value));
  return out;
}

/** A plain string: length and bytes. */
export function str(content: Piece): Uint8Array {
  const bytes = bytesOf(content);
  return bytesOf(len(bytes.length), bytes);
}

export function int64Le(value: bigint): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigInt64(0, value, true);
  return out;
}

export function doubleLe(value: number): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setFloat64(0, value, true);
  return out;
}

/** A raw stream id. */
export function rawId(ms: number, seq: number): Uint8Array {
  const out = new Uint8Array(16);
  const view = new DataView(out.buffer);
  view.setBigUint64(0, BigInt(ms));
  view.setBigUint64(8, BigInt(seq));
  return out;
}

/** A key record: attributes, type, key, value. */
export function keyRecord(type: number, key: Piece, value: Piece, attributes: Piece = []): Uint8Array {
  return bytesOf(attributes, type, str(key), value);
}

/** Magic, records, EOF and a right checksum (from version 5 on). */
export function rdbFile(magic: string, ...records: readonly Piece[]): Uint8Array {
  const body = bytesOf(magic, records, 0xff);
  const version = Number(/\d+$/.exec(magic)?.[0]);
  if (version < 5) return body;
  return bytesOf(body, checksumOf(body));
}

/** The eight bytes of a file's footer. */
export function checksumOf(body: Uint8Array): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, crc64(body), true);
  return out;
}

/** Puts a right checksum behind changed bytes. */
export function withChecksum(file: Uint8Array): Uint8Array {
  const body = file.subarray(0, file.length - 8);
  return bytesOf(body, checksumOf(body));
}
