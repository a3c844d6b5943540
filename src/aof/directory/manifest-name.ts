/** File names in manifests, and the names that servers give to the files of a log (aof-format.md §4.1). */
import { formatQuoted } from '../../bytes/quote.js';

/** Of `appendfilename` where nothing else is known. */
export const DEFAULT_FILE_NAME = 'appendonly.aof';
/** Of `appenddirname` likewise. */
export const DEFAULT_DIRECTORY_NAME = 'appendonlydir';

const MANIFEST = '.manifest';
const TEMP = 'temp-';

/** `F.manifest`, where `fileName` is F. */
export function manifestFileName(fileName: string): string {
  return fileName + MANIFEST;
}

/** F of `F.manifest`; undefined for other names. */
export function fileNameOfManifest(name: string): string | undefined {
  return name.endsWith(MANIFEST) && name.length > MANIFEST.length ? name.slice(0, -MANIFEST.length) : undefined;
}

/** `temp-F.manifest`: what is renamed over the manifest. */
export function tempManifestFileName(fileName: string): string {
  return TEMP + manifestFileName(fileName);
}

/** `F.<seq>.base.rdb`, or `.aof` for a base of commands. */
export function baseFileName(fileName: string, seq: bigint, form: 'rdb' | 'aof'): string {
  return `${fileName}.${seq}.base.${form}`;
}

/** `F.<seq>.incr.aof` */
export function incrFileName(fileName: string, seq: bigint): string {
  return `${fileName}.${seq}.incr.aof`;
}

/** The increment of a log that is being switched on, before the manifest lists it. */
export function tempIncrFileName(fileName: string): string {
  return `${TEMP}${fileName}.incr`;
}

/** What the name of a history file says that it was; undefined where it follows no pattern. */
export function formerType(name: string): 'base' | 'incr' | undefined {
  if (/\.\d+\.base\.(rdb|aof)$/.test(name)) return 'base';
  return /\.\d+\.incr\.aof$/.test(name) ? 'incr' : undefined;
}

/** What servers leave behind when they are stopped in the middle of something; they never read it. */
export type LeftoverKind = 'temp-manifest' | 'temp-incr' | 'temp-rewrite';

/** The kind of leftover that has this name, in the log of F = `fileName`. */
export function leftoverKind(name: string, fileName: string): LeftoverKind | undefined {
  if (name === tempManifestFileName(fileName)) return 'temp-manifest';
  if (name === tempIncrFileName(fileName)) return 'temp-incr';
  return /^temp-rewriteaof-(bg-)?\d+\.aof$/.test(name) ? 'temp-rewrite' : undefined;
}

/** Whether servers take this as a name in a manifest: not empty, no path, no NUL. */
export function isPlainName(name: Uint8Array): boolean {
  return name.length > 0 && !name.some((byte) => byte === 0 || byte === 0x2f || byte === 0x5c);
}

/**
 * A name as it stands in a manifest, of at most `maxLength` characters: raw, or quoted where a server quotes it and where
 * it would not read its own writing (an apostrophe). Undefined where it does not fit.
 */
export function formatName(name: Uint8Array, maxLength: number): string | undefined {
  const text = name.every(isRaw) ? String.fromCharCode(...name) : formatQuoted(name);
  return text.length <= maxLength ? text : undefined;
}

function isRaw(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x27 && byte !== 0x5c;
}
