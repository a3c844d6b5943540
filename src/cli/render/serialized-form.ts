/** What programming languages make of their objects, known by how the bytes begin and end: named, never run or decoded. */
import { decode } from '@msgpack/msgpack';
import { jsonBytes } from './bytes-text.js';

/** Ruby's types at the root of a marshalled value: nil, true, false, arrays, hashes, strings, symbols, numbers, objects. */
const RUBY_ROOTS = new Set([...'0TF[{}":;Iiflo@ScmU'].map((letter) => letter.charCodeAt(0)));
const PHP_START = /^(?:a:\d+:\{|O:\d+:"[^"]*":\d+:\{|s:\d+:")/;
const PHP_HEAD_BYTES = 256;
/** A .NET BinaryFormatter record: SerializedStreamHeader with root and header ids, version 1.0. */
const DOTNET_HEAD = [0x00, 0x01, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0x01, 0x00, 0x00, 0x00];

/** `Java serialization`, `pickle protocol 4`, `PHP serialization`, `Ruby Marshal`, `.NET BinaryFormatter`; else undefined. */
export function nameSerialized(bytes: Uint8Array): string | undefined {
  const last = bytes[bytes.length - 1];
  if (startsWith(bytes, [0xac, 0xed, 0x00, 0x05]) && bytes.length > 4) return 'Java serialization';
  // PROTO and its number, STOP at the end; earlier protocols are text that could be anything.
  if (bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5 && bytes.length > 3 && last === 0x2e)
    return `pickle protocol ${bytes[1]}`;
  if (startsWith(bytes, [0x04, 0x08]) && RUBY_ROOTS.has(bytes[2]!)) return 'Ruby Marshal';
  if (startsWith(bytes, DOTNET_HEAD)) return '.NET BinaryFormatter';
  if ((last === 0x7d || last === 0x3b) && PHP_START.test(latin1(bytes.subarray(0, PHP_HEAD_BYTES))))
    return 'PHP serialization';
  return undefined;
}

/** A MessagePack map or array as JSON text; undefined for anything else. Byte strings become `{"$b64"}`, times ISO 8601. */
export function messagePackToJson(bytes: Uint8Array): Uint8Array | undefined {
  if (!isMessagePackRoot(bytes[0])) return undefined;
  const max = bytes.length;
  try {
    const value = decode(bytes, {
      useBigInt64: true,
      maxStrLength: max,
      maxBinLength: max,
      maxArrayLength: max,
      maxMapLength: max,
      maxExtLength: max,
    });
    return new TextEncoder().encode(toJson(value));
  } catch {
    return undefined; // It only looked so, or has names that JSON has no room for.
  }
}

/** A fixmap, fixarray, array or map: a lone number or string is recognised in everything. */
function isMessagePackRoot(first: number | undefined): boolean {
  return first !== undefined && ((first >= 0x80 && first <= 0x9f) || (first >= 0xdc && first <= 0xdf));
}

/** Whole numbers beyond 2^53 keep their digits, which JSON.stringify cannot do. */
function toJson(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return JSON.stringify(jsonBytes(value));
  if (value instanceof Date) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  return `{${Object.entries(value)
    .map(([name, member]) => `${JSON.stringify(name)}:${toJson(member)}`)
    .join(',')}}`;
}

function startsWith(bytes: Uint8Array, head: readonly number[]): boolean {
  return head.every((byte, index) => bytes[index] === byte);
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
