/** DEBUG PROTOCOL: a reply of each type, which tests of clients ask for. */
import { fromByteString } from '../../bytes/byte-string.js';
import type { Call } from '../../engine/call.js';
import {
  CommandError,
  DoubleReply,
  FALSE,
  MapReply,
  type Reply,
  SetReply,
  TRUE,
  VerbatimReply,
} from '../../engine/reply.js';
import { type Connection, NO_REPLY } from '../connection.js';
import { connectionOf } from '../server-context.js';

const BIG_NUMBER = '1234567999999999999999999999999999999';
const BEHIND_ATTRIBUTE = 'Some real reply following the attribute';
const BEHIND_PUSH = 'Some real reply following the push reply';
const ATTRIBUTE = '|1\r\n$14\r\nkey-popularity\r\n*2\r\n$7\r\nkey:123\r\n:90\r\n';

const REPLIES: Readonly<Record<string, (connection: Connection) => Reply>> = {
  string: () => 'Hello World',
  integer: () => 12345,
  double: () => new DoubleReply(3141 / 1000),
  bignum: bigNumber,
  null: () => null,
  array: () => [0, 1, 2],
  set: () => new SetReply([0, 1, 2]),
  map: () =>
    new MapReply([
      [0, FALSE],
      [1, TRUE],
      [2, FALSE],
    ]),
  attrib: attribute,
  push,
  verbatim: () => new VerbatimReply('This is a verbatim\nstring'),
  true: () => TRUE,
  false: () => FALSE,
};

/** DEBUG PROTOCOL (string | integer | double | bignum | null | array | set | map | attrib | push | verbatim | true | false) */
export function protocol(call: Call): Reply {
  const make = REPLIES[call.args[2]!.toLowerCase()];
  if (make !== undefined) return make(connectionOf(call));
  throw new CommandError(
    `ERR Wrong protocol type name. Please use one of the following: ${Object.keys(REPLIES).join('|')}`,
  );
}

/** No other command has a number beyond 64 bits for a reply. */
function bigNumber(connection: Connection): Reply {
  if (connection.writer.protocol === 2) return BIG_NUMBER;
  writeRaw(connection, `(${BIG_NUMBER}\r\n`);
  return NO_REPLY;
}

/** Nor does any other command have an attribute. */
function attribute(connection: Connection): Reply {
  if (connection.writer.protocol === 3) writeRaw(connection, ATTRIBUTE);
  return BEHIND_ATTRIBUTE;
}

function push(connection: Connection): Reply {
  if (connection.writer.protocol === 2) throw new CommandError('ERR RESP2 is not supported by this command');
  connection.push(['server-cpu-usage', 42]);
  return BEHIND_PUSH;
}

/** What the writer of replies has no form for. */
function writeRaw(connection: Connection, text: string): void {
  const { writer } = connection;
  const piece = fromByteString(text);
  const bytes = new Uint8Array(Math.max(writer.bytes.length, writer.size + piece.length));
  bytes.set(writer.bytes.subarray(0, writer.size));
  bytes.set(piece, writer.size);
  writer.bytes = bytes;
  writer.size += piece.length;
  connection.context.hasOutput(connection);
}
