/** Which state of a dump an index is for. */
import type { Files } from '../../bytes/files.js';
import type { SyncByteSource } from '../../bytes/source.js';
import type { Fingerprint } from './layout.js';

const FOOTER_BYTES = 8;

/** `source` is the dump, opened. */
export function fingerprintOf(files: Files, path: string, source: SyncByteSource): Fingerprint {
  const sizeBytes = source.sizeBytes!;
  const bytes = new Uint8Array(FOOTER_BYTES);
  source.readAt!(Math.max(0, sizeBytes - FOOTER_BYTES), bytes, 0, FOOTER_BYTES);
  return {
    sizeBytes,
    modifiedNs: modifiedNs(files, path),
    footer: new DataView(bytes.buffer).getBigUint64(0, true),
  };
}

export function isSameDump(a: Fingerprint, b: Fingerprint): boolean {
  return a.sizeBytes === b.sizeBytes && a.modifiedNs === b.modifiedNs && a.footer === b.footer;
}

function modifiedNs(files: Files, path: string): bigint {
  const stat = files.stat(path);
  return stat?.modifiedNs ?? BigInt(Math.round((stat?.modifiedMs ?? 0) * 1e6));
}
