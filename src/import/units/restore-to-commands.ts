/** A RESTORE that a server has refused, as commands that say the same. */

import { concat } from '../../bytes/concat.js';
import { BytesSource } from '../../bytes/source-plain.js';
import { Window } from '../../bytes/window.js';
import { ByteWriter } from '../../bytes/writer.js';
import { encodeLength, MAX_LENGTH_SIZE } from '../../codecs/length.js';
import { decodeCommand, skipCommand } from '../../codecs/resp.js';
import { RewriteHandler } from '../../convert/rdb-to-commands/rewrite-handler.js';
import { OPCODE } from '../../rdb/constants.js';
import { driveSync } from '../../rdb/drive.js';
import { RdbDriver } from '../../rdb/driver.js';
import { DUMP_FOOTER_SIZE } from '../../rdb/dump.js';
import { encodeHeader } from '../../rdb/header.js';
import { skipKeyMeta } from '../../rdb/opcodes.js';
import type { Target } from '../../rdb/versions.js';
import type { TemporaryNames } from './temporary-name.js';

const RESTORE = 'RESTORE';
const CRC_SIZE = 8;

/**
 * The commands for the key that `unit`, whole commands with a RESTORE among them, is about; undefined where there are none.
 * Times are absolute: the target has ABSTTL.
 */
export function restoreToCommands(
  unit: Uint8Array,
  ordinal: number,
  target: Target,
  names: TemporaryNames,
): { readonly bytes: Uint8Array; readonly isMoved: boolean } | undefined {
  const restore = findRestore(unit);
  if (restore === undefined) return undefined;
  const pieces: Uint8Array[] = [];
  const handler = new RewriteHandler({
    target,
    onUnsupported: 'drop',
    onSelect: () => undefined,
    placement: names,
    write: (bytes, start, end) => pieces.push(bytes.slice(start, end)),
  });
  names.ordinal = ordinal;
  const source = new BytesSource(dumpOf(restore, target));
  const driver = new RdbDriver(Window.for(source.sizeBytes), handler, { checksum: false });
  handler.driver = driver;
  while (driveSync(source, driver) === 'pause');
  handler.flush();
  const isMoved = names.takeBuilt();
  return handler.ledger.total > 0 || pieces.length === 0 ? undefined : { bytes: concat(pieces), isMoved };
}

/** `RESTORE key ttl payload …` */
function findRestore(unit: Uint8Array): readonly Uint8Array[] | undefined {
  for (let pos = 0; pos < unit.length; pos = skipCommand(unit, pos, unit.length)) {
    const args = decodeCommand(unit, pos, unit.length);
    if (args.length >= 4 && new TextDecoder().decode(args[0]) === RESTORE) return args;
  }
  return undefined;
}

/** A dump of this one key. */
function dumpOf([, key, ttl, payload]: readonly Uint8Array[], target: Target): Uint8Array {
  const pieces: Uint8Array[] = [];
  const out = new ByteWriter((bytes, start, end) => pieces.push(bytes.slice(start, end)));
  const expireAtMs = BigInt(new TextDecoder().decode(ttl));
  out.copy(encodeHeader(target));
  if (expireAtMs > 0n) {
    out.byte(OPCODE.EXPIRETIME_MS);
    out.bigInt64Le(expireAtMs);
  }
  const value = payload!.subarray(0, payload!.length - DUMP_FOOTER_SIZE);
  const hasMeta = value[0] === OPCODE.REDIS_KEY_META;
  const typeAt = hasMeta ? skipKeyMeta(value, 1, value.length) : 0;
  const length = new Uint8Array(MAX_LENGTH_SIZE);
  out.byte(value[typeAt]!);
  out.copy(length, 0, encodeLength(key!.length, length, 0));
  out.copy(key!);
  out.copy(value, typeAt + 1);
  out.byte(OPCODE.EOF);
  out.copy(new Uint8Array(CRC_SIZE));
  out.flush();
  return concat(pieces);
}
