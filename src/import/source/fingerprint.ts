/**
 * What tells one source from another: its size, and a hash of its ends. The end of a dump is the checksum of all of it.
 */
import { createHash } from 'node:crypto';
import type { AofLog } from '../../aof/model.js';
import type { ByteSource } from '../../bytes/source.js';

/** Of each end. */
const LOOK_BYTES = 64 * 1024;

/** Opens a source, looks at its ends as far as it can be read there, and closes it. */
export async function fingerprintSource(open: () => Promise<ByteSource>): Promise<string> {
  const source = await open();
  try {
    const hash = createHash('sha256');
    const piece = new Uint8Array(LOOK_BYTES);
    const size = source.sizeBytes;
    if (source.readAt !== undefined && size !== undefined) {
      hash.update(piece.subarray(0, readWhole(source, 0, piece)));
      hash.update(piece.subarray(0, readWhole(source, Math.max(0, size - LOOK_BYTES), piece)));
    } else {
      for (let got = 0; got < LOOK_BYTES; ) {
        const count = await source.read(piece, got, LOOK_BYTES - got);
        if (count === 0) break;
        hash.update(piece.subarray(got, got + count));
        got += count;
      }
    }
    return `${size ?? source.totalBytes ?? '?'}:${hash.digest('hex')}`;
  } finally {
    await source.close();
  }
}

/** Of all files of a log. */
export async function fingerprintLog(log: AofLog): Promise<string> {
  const hash = createHash('sha256');
  for (const file of log.files) hash.update(`${file.role} ${await fingerprintSource(() => file.open())}\n`);
  return `log:${hash.digest('hex')}`;
}

function readWhole(source: ByteSource, from: number, piece: Uint8Array): number {
  let got = 0;
  while (got < piece.length) {
    const count = source.readAt!(from + got, piece, got, piece.length - got);
    if (count === 0) break;
    got += count;
  }
  return got;
}
