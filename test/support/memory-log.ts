/** Logs of several files in memory. */
import type { AofLog, LogFile } from '../../src/aof/model.js';
import { openRdbSource } from '../../src/rdb/open.js';

/** The first is the base where there are several. `chunk` is how much a read gives at the most. */
export function memoryLog(files: readonly Uint8Array[], chunk = Infinity): AofLog {
  const made = files.map((bytes, index): LogFile => {
    const role = files.length === 1 ? 'single' : index === 0 ? 'base' : 'incr';
    const open = async () => await openRdbSource(chunk === Infinity ? bytes : pieces(bytes, chunk));
    return { role, name: `file${index}`, path: undefined, seq: undefined, sizeBytes: bytes.length, open };
  });
  return { name: 'memory', files: made, history: [], manifest: undefined };
}

function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let pos = 0; pos < bytes.length; pos += size) yield bytes.slice(pos, pos + size);
}
