/**
 * New names for keys: `old:(.*)=new:$1`, a regular expression for the whole key and what stands for it (`$1`, `$<name>`,
 * `$&` as in JavaScript).
 *
 * Keys that are UTF-8 are matched as text, others as one character U+0000–U+00FF per byte.
 */
import type { Slice } from '../../bytes/slice.js';
import { FilterTextError } from '../../rdb/filter-text.js';
import { decodeKeyText, encodeKeyText } from '../../rdb/key-text.js';

export interface KeyRename {
  /** Matched against the whole key. */
  readonly pattern: RegExp;
  readonly replacement: string;
}

/** Throws FilterTextError. The last `=` parts the two; one that belongs to the new name is written `\=`. */
export function parseRename(text: string): KeyRename {
  const parts = /^(.*[^\\])=((?:[^=]|(?<=\\)=)*)$/s.exec(text);
  if (parts === null) throw new FilterTextError(`'${text}' renames nothing: write 'old:(.*)=new:$1'`);
  const [, source = '', replacement = ''] = parts;
  try {
    return { pattern: new RegExp(source), replacement: replacement.replaceAll('\\=', '=') };
  } catch (error) {
    throw new FilterTextError(`'${source}' is no regular expression: ${(error as Error).message}`);
  }
}

/** Renames one key after the other. */
export class KeyRenamer {
  private readonly renames: readonly KeyRename[];

  constructor(renames: readonly KeyRename[]) {
    this.renames = renames.map(({ pattern, replacement }) => ({
      pattern: new RegExp(`^(?:${pattern.source})$`, `${pattern.flags.replace(/[gmsy]/g, '')}s`),
      replacement,
    }));
  }

  /** Points `key` at its new name, in memory of its own, where it gets one. */
  apply(key: Slice): void {
    const text = decodeKeyText(key.bytes, key.start, key.end);
    for (const { pattern, replacement } of this.renames) {
      if (!pattern.test(text)) continue;
      const renamed = encodeKeyText(text.replace(pattern, replacement), key.copy());
      key.set(renamed, 0, renamed.length);
      return;
    }
  }
}
