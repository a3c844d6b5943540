/** `--decode auto`: what applications do to values before they store them, recognised and undone. */
import { gunzipSync, inflateSync } from 'node:zlib';
import { ZSTD_UNWRAPPER } from '../../bytes/decompress-zstd.js';
import { LimitError } from '../../bytes/errors.js';
import { DEFAULT_LIMITS } from '../../bytes/limits.js';
import { exactText, isSafeText } from './bytes-text.js';
import { isJson } from './indent-json.js';
import { messagePackToJson, nameSerialized } from './serialized-form.js';

export type DecodeChoice = 'none' | 'auto';

export interface DecodedValue {
  /** Names of what was recognised, outermost first: `['gzip', 'JSON']`; empty for plain text and for what is not known. */
  readonly forms: readonly string[];
  /** Decompressed, MessagePack as JSON; everything else as it stood. */
  readonly bytes: Uint8Array;
}

const LINE_OR_TAB = /\r?\n|\t/;
/** Values that are compressed more often than this are an attack. */
const MAX_DEPTH = 4;

/** Compression is taken off where the bytes are sound and whole, and a second one under it. */
export function decodeValue(value: Uint8Array): DecodedValue {
  const forms: string[] = [];
  let bytes = value;
  while (forms.length < MAX_DEPTH) {
    const unpacked = decompress(bytes);
    if (unpacked === undefined) break;
    forms.push(unpacked.form);
    bytes = unpacked.bytes;
  }
  if (isJson(bytes)) return { forms: [...forms, 'JSON'], bytes };
  const json = messagePackToJson(bytes);
  if (json !== undefined) return { forms: [...forms, 'MessagePack'], bytes: json };
  const name = nameSerialized(bytes);
  return { forms: name === undefined ? forms : [...forms, name], bytes };
}

/** Text of several lines that a terminal may be given, or undefined. */
export function terminalText(bytes: Uint8Array): string | undefined {
  const text = exactText(bytes);
  return text?.split(LINE_OR_TAB).every(isSafeText) ? text : undefined;
}

function decompress(bytes: Uint8Array): { form: string; bytes: Uint8Array } | undefined {
  const options = { maxOutputLength: DEFAULT_LIMITS.maxBlobBytes };
  try {
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) return { form: 'gzip', bytes: gunzipSync(bytes, options) };
    if (isZlib(bytes)) return { form: 'zlib', bytes: inflateSync(bytes, options) };
    if (isZstd(bytes)) return { form: 'zstd', bytes: unzstd(bytes) };
  } catch {
    // It only looked so.
  }
  return undefined;
}

/** RFC 1950: deflate, and a checksum over the two header bytes. */
function isZlib(bytes: Uint8Array): boolean {
  return (
    bytes.length > 6 && (bytes[0]! & 0x0f) === 8 && bytes[0]! >> 4 <= 7 && ((bytes[0]! << 8) | bytes[1]!) % 31 === 0
  );
}

/** RFC 8878: the magic number of a frame. */
function isZstd(bytes: Uint8Array): boolean {
  return bytes[0] === 0x28 && bytes[1] === 0xb5 && bytes[2] === 0x2f && bytes[3] === 0xfd;
}

function unzstd(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 0;
  const stream = ZSTD_UNWRAPPER.create((piece, start, end) => {
    size += end - start;
    if (size > DEFAULT_LIMITS.maxBlobBytes)
      throw new LimitError('LIMIT_BLOB', 'a value unpacks to more than it may', 0);
    parts.push(piece.slice(start, end));
  });
  stream.push(bytes, 0, bytes.length);
  stream.finish();
  return new Uint8Array(Buffer.concat(parts));
}
