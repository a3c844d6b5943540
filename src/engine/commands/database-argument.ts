/** Numbers of databases in arguments. */
import type { ByteString } from '../../bytes/byte-string.js';
import { integerArgument } from '../arguments.js';
import type { Call } from '../call.js';
import type { Database } from '../database.js';
import { CommandError } from '../reply.js';

const MAX_INT32 = 2 ** 31 - 1;
/** While a log is loaded: whoever wrote it had more databases than this engine was given, and no server has more than that. */
const MOST_DATABASES = 1 << 20;

/** Throws where it is no number, with `message` if there is one, and where there is no such database. */
export function databaseArgument(call: Call, text: ByteString | undefined, message?: string): Database {
  const { engine } = call;
  const index = int32(text, message);
  const count = engine.isLoading ? MOST_DATABASES : engine.settings.databases;
  if (index < 0 || index >= count) throw new CommandError('ERR DB index is out of range');
  return engine.database(index);
}

function int32(text: ByteString | undefined, message: string | undefined): number {
  let value: number | bigint;
  try {
    value = integerArgument(text);
  } catch (error) {
    throw message === undefined ? error : new CommandError(message);
  }
  if (value >= -MAX_INT32 - 1 && value <= MAX_INT32) return Number(value);
  throw new CommandError(message ?? `ERR value is out of range, value must between ${-MAX_INT32 - 1} and ${MAX_INT32}`);
}
