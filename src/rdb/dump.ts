/**
 * DUMP payloads, which carry one value without its key (rdb-format.md §10):
 *
 *     [F3 key metadata]  type  value  version (u16 LE)  CRC-64 (8 bytes LE)
 *
 * Worked example, `SET k hello` on Redis 7.0: `00 05 68656C6C6F 0A00 6372DF766534200A`.
 */
import { crc64 } from '../bytes/crc64.js';
import { ChecksumError, EncodeError, FormatError, TruncatedError, UnsupportedError } from '../bytes/errors.js';
import { Int64 } from '../bytes/int64.js';
import { DEFAULT_LIMITS, type Limits } from '../bytes/limits.js';
import { ByteWriter } from '../bytes/writer.js';
import { chooseType } from './choose-encoding.js';
import { FIRST_VALKEY_VERSION, NEWEST_VERSION, OPCODE, TYPE } from './constants.js';
import { type DecodeContext, ValueCursor } from './cursor.js';
import { writeKeyMeta } from './key-attributes.js';
import type { KeyMeta, RdbValue, RdbWarning, ValueEncoding, ValueType } from './model.js';
import { skipKeyMeta } from './opcodes.js';
import { decodeKeyMeta } from './records.js';
import { typeTable } from './types/index.js';
import { stringEncoding } from './types/string.js';
import { writeValue } from './types/write.js';
import { ValueBuilder } from './value-builder.js';
import { ValueOutput } from './value-output.js';
import type { Target } from './versions.js';

/** Version and checksum behind the value. */
export const DUMP_FOOTER_SIZE = 10;

export interface DumpOptions {
  readonly deep?: boolean;
  /** `always`: the checksum must match; `unless-zero` (default): zeros mean that there is none, as in Redis 8.4+; `never`. */
  readonly checksum?: 'always' | 'unless-zero' | 'never';
  readonly limits?: Partial<Limits>;
  readonly onWarning?: (warning: RdbWarning) => void;
}

export interface DumpValue {
  readonly rdbType: number;
  /** RDB version in the footer: 80 and later are Valkey's. */
  readonly version: number;
  readonly value: RdbValue;
  readonly meta?: readonly KeyMeta[];
}

/**
 * Decodes one payload. Throws BAD_DUMP, CHECKSUM_MISMATCH, and everything that a value in a file may throw, with the value's type and
 * encoding as the trail.
 */
export function decodeDump(payload: Uint8Array, options: DumpOptions = {}): DumpValue {
  const bodyEnd = payload.length - DUMP_FOOTER_SIZE;
  if (bodyEnd < 1) throw new FormatError('BAD_DUMP', `a payload of ${payload.length} bytes cannot hold a value`, 0);
  checkFooter(payload, options.checksum ?? 'unless-zero');
  const version = payload[bodyEnd]! | (payload[bodyEnd + 1]! << 8);
  const context = createContext(version, options);
  const cursor = new ValueCursor(context);
  let pos = 0;
  let meta: KeyMeta[] | undefined;
  if (payload[0] === OPCODE.REDIS_KEY_META && context.dialect === 'redis') {
    pos = skipKeyMeta(payload, 1, bodyEnd);
    if (pos >= bodyEnd) throw new TruncatedError('the payload ends inside its key metadata', bodyEnd);
    cursor.bytes = payload;
    meta = decodeKeyMeta(cursor, 1, pos);
  }
  const value = decodeValue(cursor, payload, pos, bodyEnd, version);
  return { rdbType: payload[pos]!, version, value, ...(meta && { meta }) };
}

export interface EncodeDumpOptions {
  /** The server that will restore it; its version goes into the footer. */
  readonly target: Target;
  /** Default: as the target would write it. */
  readonly rdbType?: number | undefined;
  /** Key metadata, for targets that have it (Redis 8.6+). */
  readonly meta?: readonly KeyMeta[] | undefined;
  /** LZF for strings of more than 20 bytes. Default: true. */
  readonly compress?: boolean | undefined;
}

/** One value as a payload for RESTORE. Throws EncodeError where the target, or the type, cannot hold it. */
export function encodeDump(value: RdbValue, options: EncodeDumpOptions): Uint8Array {
  return new DumpEncoder(options).encode(value, options.rdbType, options.meta);
}

/** As {@link encodeDump}, for many values: its memory is used again. */
export class DumpEncoder {
  private readonly out = new ByteWriter(() => undefined);
  private readonly to: ValueOutput;

  constructor(private readonly options: Pick<EncodeDumpOptions, 'target' | 'compress'>) {
    this.to = new ValueOutput(this.out, options.target, { compress: options.compress ?? true });
  }

  encode(value: RdbValue, rdbType?: number, meta?: readonly KeyMeta[]): Uint8Array {
    const { out, to } = this;
    const { target } = this.options;
    const type = rdbType ?? chooseType(value, target);
    // Nothing is handed on while the mark stands.
    out.mark();
    try {
      if (meta !== undefined && meta.length > 0) this.writeMeta(meta);
      out.byte(type);
      writeValue(to, value, type);
      const payload = new Uint8Array(out.pos + DUMP_FOOTER_SIZE);
      payload.set(out.bytes.subarray(0, out.pos));
      return withFooter(payload, target.version);
    } finally {
      out.rewind();
    }
  }

  private writeMeta(meta: readonly KeyMeta[]): void {
    const { target } = this.options;
    if (!target.records.keyMeta) throw new EncodeError(`${target.name} has no key metadata`);
    writeKeyMeta(this.to, meta);
  }
}

/** Libraries of functions as FUNCTION DUMP gives them: their records, and the footer of a payload. */
export function encodeFunctionDump(sources: readonly Uint8Array[], target: Target): Uint8Array {
  const out = new ByteWriter(() => undefined);
  const to = new ValueOutput(out, target, { compress: true });
  out.mark();
  for (const source of sources) {
    out.byte(OPCODE.FUNCTION2);
    to.string(source);
  }
  const payload = new Uint8Array(out.pos + DUMP_FOOTER_SIZE);
  payload.set(out.bytes.subarray(0, out.pos));
  return withFooter(payload, target.version);
}

/** The payload of a value that is copied as it stands in a file or in another payload: `valueBytes[start, end)`. */
export function encodeRawDump(
  rdbType: number,
  valueBytes: Uint8Array,
  start: number,
  end: number,
  version: number,
): Uint8Array {
  const payload = new Uint8Array(1 + end - start + DUMP_FOOTER_SIZE);
  payload[0] = rdbType;
  payload.set(valueBytes.subarray(start, end), 1);
  return withFooter(payload, version);
}

function decodeValue(cursor: ValueCursor, payload: Uint8Array, pos: number, end: number, version: number): RdbValue {
  const { context } = cursor;
  const rdbType = payload[pos]!;
  const codec = typeTable(context)[rdbType];
  if (codec === undefined) throw unknownType(rdbType, version, context, pos);
  const encoding = rdbType === TYPE.STRING ? stringEncoding(payload[pos + 1]!) : codec.encoding;
  const builder = new ValueBuilder();
  builder.begin(codec.type, encoding, () => context.warn('TIME_SATURATED', 'a time beyond ±2^53 ms', pos));
  cursor.start(payload, pos + 1, end, 'element');
  try {
    if (!codec.read(cursor, builder).next().done) throw new TruncatedError('the payload ends inside its value', end);
  } catch (error) {
    throw error instanceof FormatError ? inValue(error, codec.type, encoding) : error;
  }
  return builder.take();
}

/** Adds to the trail what kind of value it is: `hash`, `listpack`. */
export function inValue(error: FormatError, type: ValueType, encoding: ValueEncoding): FormatError {
  return (encoding === type ? error : error.under(encoding)).under(type);
}

function checkFooter(payload: Uint8Array, mode: NonNullable<DumpOptions['checksum']>): void {
  const stored = new Int64();
  stored.setLe(payload, payload.length - 8);
  if (mode === 'never' || (mode === 'unless-zero' && stored.hi === 0 && stored.lo === 0)) return;
  const found = crc64(payload, 0, payload.length - 8);
  if (found !== stored.unsigned()) throw new ChecksumError(stored.unsigned(), found, payload.length - 8);
}

function createContext(version: number, options: DumpOptions): DecodeContext {
  return {
    dialect: version >= FIRST_VALKEY_VERSION ? 'valkey' : 'redis',
    version,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    deep: options.deep ?? false,
    templates: new Map(),
    warn: (code, message, offset) => options.onWarning?.({ code, message, offset }),
  };
}

function unknownType(rdbType: number, version: number, context: DecodeContext, pos: number): FormatError {
  const newer = version > NEWEST_VERSION[context.dialect];
  const text = `0x${rdbType.toString(16).padStart(2, '0')} is no value type`;
  if (rdbType === TYPE.MODULE_PRE_GA)
    return new UnsupportedError('UNSUPPORTED_TYPE', 'a module value that only its module can read', pos);
  return newer
    ? new UnsupportedError('UNSUPPORTED_VERSION', `${text} that this library knows, in version ${version}`, pos)
    : new FormatError('UNKNOWN_TYPE', text, pos);
}

/** Fills the last ten bytes. */
function withFooter(payload: Uint8Array, version: number): Uint8Array {
  const end = payload.length - 8;
  const view = new DataView(payload.buffer);
  view.setUint16(end - 2, version, true);
  view.setBigUint64(end, crc64(payload, 0, end), true);
  return payload;
}
