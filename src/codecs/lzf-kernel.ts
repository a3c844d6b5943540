/**
 * Compiled LZF: bytes are copied into the memory of a workspace, and what becomes of them out of it, which takes a fraction of
 * what it saves. lzf.ts asks here first, and does itself what is left to it.
 */
import { OUT, OUT_SIZE, WINDOW, WINDOW_SIZE } from '../kernels/memory-map.js';
import { openWorkspace, type Workspace } from '../kernels/workspace.js';

/** Below this many bytes on the larger side the copies cost more than they save (measured). */
export const LZF_KERNEL_BYTES = 128;
/** Bytes behind the output that the kernel may write. */
const OVERSHOOT = 32;
const MOST_OUTPUT = OUT_SIZE - OVERSHOOT;

/** One for everybody: calls do not overlap, and nothing in it outlives a call. */
let workspace: Workspace | undefined;
let isOpened = false;

/** As decompressLzf; false where that is to do it, and to say what is wrong. */
export function decompressCompiled(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  length: number,
): boolean {
  const size = end - start;
  if (size > WINDOW_SIZE || length > MOST_OUTPUT) return false;
  const home = opened();
  if (home === undefined) return false;
  home.window.set(bytes.subarray(start, end));
  if (home.kernels.lzfDecompress(WINDOW, WINDOW + size, OUT, length) !== length) return false;
  out.set(home.out.subarray(0, length));
  return true;
}

/** As compressLzf, `limit` within `out`; −1 where that is to do it. */
export function compressCompiled(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  limit: number,
): number {
  const size = end - start;
  if (size > WINDOW_SIZE || limit > MOST_OUTPUT) return -1;
  const home = opened();
  if (home === undefined) return -1;
  home.window.set(bytes.subarray(start, end));
  const written = home.kernels.lzfCompress(WINDOW, WINDOW + size, OUT, limit);
  out.set(home.out.subarray(0, written));
  return written;
}

function opened(): Workspace | undefined {
  if (!isOpened) {
    isOpened = true;
    workspace = openWorkspace();
  }
  return workspace;
}
