/**
 * Names packed into integers: the 64-bit id of a module type and the 32-bit class of key metadata.
 *
 *     module id:   9 characters of 6 bits, first one on top | 10 bits encoding version
 *     class spec:  4 characters of 6 bits, first one on top | 5 bits encoding version | 3 bits flags
 *
 * A character is its index in `A–Z a–z 0–9 - _`.
 *
 * Worked example: the id 0xBDE72DA2BB1EB400 is 47 30 28 45 40 43 44 30 45, `vectorset`, and version 0
 * (rdb-format.md §8.8); a class spec is read likewise (§6.3).
 */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const MODULE_NAME_LENGTH = 9;
const MAX_MODULE_VERSION = 0x3ff;
const CLASS_PREFIX = 'META-';
const CLASS_LENGTH = 4;
const MAX_CLASS_VERSION = 0x1f;

/** Flag bit of a metadata class: a loader without the class may skip its data. */
export const META_ALLOW_IGNORE = 1;

/** A module type: a name of 9 characters and the version of its encoding, 0–1023. */
export interface ModuleId {
  readonly name: string;
  readonly version: number;
}

/** A class of key metadata: `META-` and 4 characters, an encoding version 0–31, flags 0–7 ({@link META_ALLOW_IGNORE}). */
export interface MetaClass {
  readonly name: string;
  readonly version: number;
  readonly flags: number;
}

/** The module type of a 64-bit id given as halves (signed or unsigned); every bit pattern is one. */
export function decodeModuleId(hi: number, lo: number): ModuleId {
  // 30 bits of the upper half are five characters; the sixth straddles the halves.
  const straddling = ((hi & 3) << 4) | (lo >>> 28);
  return {
    name: decodeName(hi >>> 2, 5) + decodeName(straddling, 1) + decodeName((lo >>> 10) & 0x3ffff, 3),
    version: lo & MAX_MODULE_VERSION,
  };
}

/** The id of a module type as signed 32-bit halves. Throws RangeError for a name or version that has none. */
export function encodeModuleId(name: string, version: number): { hi: number; lo: number } {
  if (name.length !== MODULE_NAME_LENGTH) throw new RangeError(`${JSON.stringify(name)} does not have 9 characters`);
  checkVersion(version, MAX_MODULE_VERSION);
  const straddling = encodeName(name, 5, 6);
  return {
    hi: (encodeName(name, 0, 5) << 2) | (straddling >> 4),
    lo: ((straddling & 0xf) << 28) | (encodeName(name, 6, 9) << 10) | version,
  };
}

/** The metadata class of a 32-bit class spec (signed or unsigned); every bit pattern is one. */
export function decodeMetaClass(spec: number): MetaClass {
  return {
    name: CLASS_PREFIX + decodeName(spec >>> 8, CLASS_LENGTH),
    version: (spec >>> 3) & MAX_CLASS_VERSION,
    flags: spec & 7,
  };
}

/** The class spec as an unsigned 32-bit number. Throws RangeError for a name, version or flags that have none. */
export function encodeMetaClass({ name, version, flags }: MetaClass): number {
  if (!name.startsWith(CLASS_PREFIX) || name.length !== CLASS_PREFIX.length + CLASS_LENGTH) {
    throw new RangeError(`${JSON.stringify(name)} is not META- and 4 characters`);
  }
  checkVersion(version, MAX_CLASS_VERSION);
  if (!Number.isInteger(flags) || flags < 0 || flags > 7) throw new RangeError(`flags ${flags} are not within 0–7`);
  const characters = encodeName(name, CLASS_PREFIX.length, CLASS_PREFIX.length + CLASS_LENGTH);
  return ((characters << 8) | (version << 3) | flags) >>> 0;
}

/** The characters in the lowest `6 * length` bits. */
function decodeName(bits: number, length: number): string {
  let name = '';
  for (let index = length - 1; index >= 0; index--) name += ALPHABET[(bits >>> (6 * index)) & 0x3f];
  return name;
}

function encodeName(name: string, start: number, end: number): number {
  let bits = 0;
  for (let index = start; index < end; index++) {
    const value = ALPHABET.indexOf(name.charAt(index));
    if (value < 0) throw new RangeError(`${JSON.stringify(name)} holds a character outside A–Z a–z 0–9 - _`);
    bits = (bits << 6) | value;
  }
  return bits;
}

function checkVersion(version: number, max: number): void {
  if (!Number.isInteger(version) || version < 0 || version > max) {
    throw new RangeError(`version ${version} is not within 0–${max}`);
  }
}
