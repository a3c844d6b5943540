/** Whose a module value is, which its first bytes say. */
import { Int64 } from '../../bytes/int64.js';
import { decodeLength64, skipLength } from '../../codecs/length.js';
import { decodeModuleId } from '../../codecs/module-id.js';

/** The module of the value at `pos`; empty where a streamed value has not come so far. */
export function moduleName(bytes: Uint8Array, pos: number, end: number): string {
  if (skipLength(bytes, pos, end) > end) return '';
  const id = new Int64();
  decodeLength64(bytes, pos, id);
  return decodeModuleId(id.hi, id.lo).name;
}
