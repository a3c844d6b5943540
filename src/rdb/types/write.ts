/** Writes a value as whichever type byte can hold it: the counterpart of index.ts. */
import { assertNever } from '../../bytes/errors.js';
import { TYPE } from '../constants.js';
import type { RdbValue } from '../model.js';
import type { ValueOutput } from '../value-output.js';
import { writeArray } from './array.js';
import { writeCron, writePathHash } from './fork-types.js';
import { writeHash } from './hash.js';
import { writeList } from './list.js';
import { writeModule } from './module.js';
import { wrongType } from './packed-output.js';
import { writeSet } from './set.js';
import { type StreamVersion, writeStream } from './stream.js';
import { writeStringValue } from './string.js';
import { writeTemplateHash } from './template-hash.js';
import { writeZset } from './zset.js';

/**
 * Writes the value as it stands behind the key in a file, and behind the type byte in DUMP. `rdbType` need not be one
 * that the target writes, but bytes that the dialects read differently are the target's.
 *
 * Throws EncodeError where the value does not fit that type: another data type, integers wanted, an expiry out of range,
 * too large for one packed structure. What was written before the error stays: a caller who goes on has set a mark.
 */
export function writeValue(to: ValueOutput, value: RdbValue, rdbType: number): void {
  switch (value.type) {
    case 'string':
      if (rdbType !== TYPE.STRING) throw wrongType('string', rdbType);
      writeStringValue(to, value);
      return;
    case 'list':
      writeList(to, value, rdbType);
      return;
    case 'set':
      writeSet(to, value, rdbType);
      return;
    case 'zset':
      writeZset(to, value, rdbType);
      return;
    case 'hash':
      if (rdbType === TYPE.HASH_TMPL_LP || rdbType === TYPE.HASH_TMPL_ARRAY) writeTemplateHash(to, value, rdbType);
      else writeHash(to, value, rdbType);
      return;
    case 'stream':
      writeStream(to, value, streamVersion(rdbType));
      return;
    case 'array':
      if (rdbType !== TYPE.ARRAY) throw wrongType('array', rdbType);
      writeArray(to, value);
      return;
    case 'module':
      if (rdbType !== TYPE.MODULE_2) throw wrongType('module value', rdbType);
      writeModule(to, value);
      return;
    case 'pathhash':
      if (rdbType !== TYPE.V_PATH_HASH || to.target.dialect !== 'valkey') throw wrongType('path hash', rdbType);
      writePathHash(to, value);
      return;
    case 'cron':
      if (rdbType !== TYPE.KEYDB_CRON) throw wrongType('cron job', rdbType);
      writeCron(to, value);
      return;
    default:
      assertNever(value);
  }
}

/** The layout generation that a stream's type byte stands for. Throws EncodeError for another type. */
export function streamVersion(rdbType: number): StreamVersion {
  switch (rdbType) {
    case TYPE.STREAM_LISTPACKS:
      return 1;
    case TYPE.STREAM_LISTPACKS_2:
      return 2;
    case TYPE.STREAM_LISTPACKS_3:
      return 3;
    case TYPE.STREAM_LISTPACKS_4:
      return 4;
    case TYPE.STREAM_LISTPACKS_5:
      return 5;
    default:
      throw wrongType('stream', rdbType);
  }
}
