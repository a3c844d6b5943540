/** Reads values into facts: those of the source as they stand in the file, those of the target from a DUMP payload. */
import { FormatError, TruncatedError } from '../../bytes/errors.js';
import { DEFAULT_LIMITS, type Limits } from '../../bytes/limits.js';
import { FIRST_VALKEY_VERSION, OPCODE } from '../../rdb/constants.js';
import { type DecodeContext, ValueCursor } from '../../rdb/cursor.js';
import { DUMP_FOOTER_SIZE } from '../../rdb/dump.js';
import { skipKeyMeta } from '../../rdb/opcodes.js';
import { type TypeTable, typeTable } from '../../rdb/types/index.js';
import type { TypeCodec, ValueSink } from '../../rdb/types/type-codec.js';
import { ValueFacts } from './value-facts.js';

/** Sends the value `bytes[start, end)` to `sink`. Throws FormatError, with positions in `bytes`. */
export function readValueAt(
  cursor: ValueCursor,
  codec: TypeCodec,
  bytes: Uint8Array,
  start: number,
  end: number,
  sink: ValueSink,
): void {
  cursor.start(bytes, start, end, 'element');
  if (!codec.read(cursor, sink).next().done) throw new TruncatedError('the value ends inside an element', cursor.pos);
  if (cursor.pos !== end) throw new FormatError('BAD_LENGTH', 'the value is shorter than its bounds', cursor.pos);
}

/** What a payload says of itself. */
export interface PayloadParts {
  readonly rdbType: number;
  readonly dialect: DecodeContext['dialect'];
  /** The value in it. */
  readonly start: number;
  readonly end: number;
}

/** Takes a payload apart; its checksum is the network's business. Throws FormatError. */
export function payloadParts(payload: Uint8Array): PayloadParts {
  const end = payload.length - DUMP_FOOTER_SIZE;
  if (end < 1) throw new FormatError('BAD_DUMP', `a payload of ${payload.length} bytes cannot hold a value`, 0);
  const version = payload[end]! | (payload[end + 1]! << 8);
  const dialect = version >= FIRST_VALKEY_VERSION ? 'valkey' : 'redis';
  const hasMeta = payload[0] === OPCODE.REDIS_KEY_META && dialect === 'redis';
  const pos = hasMeta ? skipKeyMeta(payload, 1, end) : 0;
  if (pos >= end) throw new TruncatedError('the payload ends inside its key metadata', end);
  return { rdbType: payload[pos]!, dialect, start: pos + 1, end };
}

/** Reads payloads of one target. */
export class PayloadReader {
  private readonly cursors = new Map<string, { readonly cursor: ValueCursor; readonly table: TypeTable }>();

  private readonly facts = new ValueFacts();

  constructor(private readonly limits: Partial<Limits> = {}) {}

  /** The value's facts, which hold until the next call. Throws FormatError for what is newer than this library. */
  read(payload: Uint8Array, { rdbType, dialect, start, end }: PayloadParts): ValueFacts {
    const { facts } = this;
    const { cursor, table } = this.cursorOf(dialect);
    const codec = table[rdbType];
    if (codec === undefined)
      throw new FormatError('UNKNOWN_TYPE', `a payload of the unknown type ${rdbType}`, start - 1);
    facts.begin(codec.type, codec.encoding);
    readValueAt(cursor, codec, payload, start, end, facts);
    facts.end();
    return facts;
  }

  private cursorOf(dialect: DecodeContext['dialect']): { cursor: ValueCursor; table: TypeTable } {
    let known = this.cursors.get(dialect);
    if (known === undefined) {
      const context: DecodeContext = {
        dialect,
        version: 0,
        limits: { ...DEFAULT_LIMITS, ...this.limits },
        deep: false,
        templates: new Map(),
        warn: () => undefined,
      };
      known = { cursor: new ValueCursor(context), table: typeTable(context) };
      this.cursors.set(dialect, known);
    }
    return known;
  }
}
