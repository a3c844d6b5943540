/** Opening what may be a dump at once. A file of its own: unlike open.ts it needs every decompressor when it is loaded. */
import type { SourceOptions, SyncByteSource } from '../bytes/source.js';
import { openSourceSync } from '../bytes/source-sync.js';
import { VKCS_UNWRAPPER } from './open.js';

/** As openRdbSource, for bytes and regular files; gzip is inflated as a whole, up to 1 GiB. */
export function openRdbSourceSync(
  input: string | Uint8Array | ArrayBuffer,
  options: Pick<SourceOptions, 'decompress'> = {},
): SyncByteSource {
  return openSourceSync(input, { ...options, unwrappers: [VKCS_UNWRAPPER] });
}
