/**
 * A manifest that its own server refuses: it writes a name with an apostrophe (Valkey 8.1 also one with a double quote) as
 * it is, and takes that for the beginning of a quoted word (aof-format.md §4.2). Here such lines are read as they were meant.
 */
import { FormatError } from '../../bytes/errors.js';
import type { Files } from '../../bytes/files.js';
import { decodePath } from '../../bytes/path.js';
import type { SyncByteSource } from '../../bytes/source.js';
import { BytesSource } from '../../bytes/source-plain.js';
import { readWholeFile } from '../directory/directory-files.js';
import { formatManifest, parseManifest } from '../directory/manifest.js';
import { fileNameOfManifest } from '../directory/manifest-name.js';
import type { Manifest, ManifestEntry } from '../model.js';

const TYPES = { b: 'base', h: 'history', i: 'incr' } as const;

/** What the server meant; undefined where the manifest is wrong in another way, or not at all. */
export function mendManifest(bytes: Uint8Array): Manifest | undefined {
  if (!isRefused(bytes)) return undefined;
  const entries: ManifestEntry[] = [];
  let hasQuote = false;
  for (const line of String.fromCharCode(...bytes).split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const parts = /^file (.+) seq (\d+) type ([bhi])(?: startoffset (\d+))?(?: endoffset (\d+))?\s*$/.exec(line);
    if (parts === null) return undefined;
    const [, name, seq, type, startOffset, endOffset] = parts;
    hasQuote ||= /['"]/.test(name!);
    entries.push({
      name: decodePath(Uint8Array.from(name!, (char) => char.charCodeAt(0))),
      seq: BigInt(seq!),
      type: TYPES[type as keyof typeof TYPES],
      ...(startOffset !== undefined && { startOffset: BigInt(startOffset) }),
      ...(endOffset !== undefined && { endOffset: BigInt(endOffset) }),
    });
  }
  return hasQuote ? { entries } : undefined;
}

/** The files as they are, but for manifests that their server refuses: those read as they were meant. */
export function mendingFiles(files: Files, onMended: (path: string) => void): Files {
  return {
    ...files,
    open: (path: string): SyncByteSource => {
      if (fileNameOfManifest(path) === undefined || files.stat(path)?.isFile !== true) return files.open(path);
      const mended = mendManifest(readWholeFile(path, files));
      if (mended === undefined) return files.open(path);
      onMended(path);
      return new BytesSource(formatManifest(mended));
    },
  };
}

function isRefused(bytes: Uint8Array): boolean {
  try {
    parseManifest(bytes);
    return false;
  } catch (error) {
    if (error instanceof FormatError) return true;
    throw error;
  }
}
