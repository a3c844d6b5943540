/** Replies of a server, from their bytes. */

/** A status is a string, a bulk string its bytes; an integer is a bigint only where a number would lose digits. */
export type Reply = string | number | bigint | Buffer | ReplyError | TypedReply | null | Reply[];

/** An error reply; thrown where it answers a command, a value where it stands inside an array. */
export class ReplyError extends Error {
  override readonly name = 'ReplyError';
}

/** What RESP3 has beside RESP2, and the nil of RESP2 that stands for an array. A map is flat. */
export class TypedReply {
  constructor(
    readonly kind: 'null-array' | 'map' | 'set' | 'double' | 'boolean' | 'verbatim' | 'big-number' | 'push',
    readonly value: Reply,
  ) {}
}

export interface ReplyCursor {
  readonly bytes: Buffer;
  pos: number;
  /** How many bytes must be there before it is worth another try. */
  wanted: number;
  readonly exact: boolean;
}

/** The next whole reply, or undefined where it is not all there yet; then `pos` means nothing. */
export function decodeReply(cursor: ReplyCursor): Reply | undefined {
  const lineEnd = cursor.bytes.indexOf('\r\n', cursor.pos);
  if (lineEnd < 0) return undefined;
  const line = cursor.bytes.toString('utf8', cursor.pos + 1, lineEnd);
  const kind = String.fromCharCode(cursor.bytes[cursor.pos] ?? 0);
  cursor.pos = lineEnd + 2;
  if (kind === '+') return line;
  if (kind === '-') return new ReplyError(line);
  if (kind === ':') return Number.isSafeInteger(Number(line)) ? Number(line) : BigInt(line);
  if (kind === '$') return decodeBulk(cursor, Number(line));
  if (kind === '*') return decodeArray(cursor, Number(line));
  if (cursor.exact) return decodeTyped(cursor, kind, line);
  throw new Error(`not a RESP2 reply: ${kind}${line}`);
}

function decodeTyped(cursor: ReplyCursor, kind: string, line: string): Reply | undefined {
  switch (kind) {
    case '_':
      return null;
    case ',':
      return new TypedReply('double', line);
    case '#':
      return new TypedReply('boolean', line);
    case '(':
      return new TypedReply('big-number', line);
    case '=':
      return typed('verbatim', decodeBulk(cursor, Number(line)));
    case '%':
      return typed('map', decodeArray(cursor, Number(line) * 2));
    case '~':
      return typed('set', decodeArray(cursor, Number(line)));
    case '>':
      return typed('push', decodeArray(cursor, Number(line)));
    default:
      throw new Error(`not a reply: ${kind}${line}`);
  }
}

function typed(kind: TypedReply['kind'], value: Reply | undefined): TypedReply | undefined {
  return value === undefined ? undefined : new TypedReply(kind, value);
}

function decodeBulk(cursor: ReplyCursor, size: number): Buffer | null | undefined {
  if (size < 0) return null;
  const start = cursor.pos;
  cursor.pos = start + size + 2;
  if (cursor.pos > cursor.bytes.length) {
    cursor.wanted = cursor.pos;
    return undefined;
  }
  return cursor.bytes.subarray(start, start + size);
}

function decodeArray(cursor: ReplyCursor, count: number): Reply | undefined {
  if (count < 0) return cursor.exact ? new TypedReply('null-array', null) : null;
  const items: Reply[] = [];
  for (let index = 0; index < count; index++) {
    const item = decodeReply(cursor);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}
