/**
 * The manifest of a multi-part log (aof-format.md §4.2): which files it has, in which order.
 *
 *     file appendonly.aof.1.base.rdb seq 1 type b\n
 *     file appendonly.aof.1.incr.aof seq 1 type i\n
 *
 * Read as the servers read it, oddities included, since what they refuse keeps them from starting, and what they accept
 * is what they load. Written as they write it, except that a name they would not find again is quoted.
 */
import { EncodeError, FormatError } from '../../bytes/errors.js';
import { decodePath, encodePath } from '../../bytes/path.js';
import { formatQuoted } from '../../bytes/quote.js';
import { splitArguments } from '../../bytes/split-arguments.js';
import type { Manifest, ManifestEntry } from '../model.js';
import { parseNumber, textOf, trimBlanks } from './manifest-line.js';
import { formatName, isPlainName } from './manifest-name.js';

/** Servers read so many bytes of a line at a time, its end included (MANIFEST_MAX_LINE). */
export const MAX_MANIFEST_LINE = 1024;

/** What a manifest is refused for, as servers tell them apart. */
export type ManifestRule = 'grammar' | 'empty' | 'line-length' | 'type' | 'second-base' | 'order';

/** BAD_MANIFEST, and which rule it breaks. */
export class ManifestError extends FormatError {
  override readonly name = 'ManifestError';

  constructor(
    readonly rule: ManifestRule,
    message: string,
    offset: number,
  ) {
    super('BAD_MANIFEST', message, offset);
  }
}

/**
 * Parses a manifest. One that has only comments is valid and lists nothing; one without any byte is not.
 *
 * Throws ManifestError wherever Redis 7.0 to 8.6 and Valkey 8.1 to 9.1 refuse it: `offset` is that of the
 * line, whose number, from 1, is in the trail.
 */
export function parseManifest(bytes: Uint8Array): Manifest {
  if (bytes.length === 0) throw new ManifestError('empty', 'an empty manifest, with which no server starts', 0);
  const entries: ManifestEntry[] = [];
  for (let pos = 0, line = 1; pos < bytes.length; ) {
    const next = endOfLine(bytes, pos);
    // A comment needs no line end. What is longer goes on as a line of its own, as servers take it.
    if (bytes[pos] !== HASH) entries.push(parseLine(bytes, pos, next, line, entries));
    if (bytes[next - 1] === LF) line++;
    pos = next;
  }
  return { entries };
}

/**
 * The manifest in bytes, as servers write it: base, history, incr, each in the order of `entries`.
 *
 * Throws EncodeError where they would refuse it: names that are no plain file names, sequence numbers out of order or
 * beyond 64 bits, a second base.
 */
export function formatManifest({ entries }: Manifest): Uint8Array {
  const ordered = (['base', 'history', 'incr'] as const).flatMap((type) => entries.filter((one) => one.type === type));
  const seen: ManifestEntry[] = [];
  let text = '';
  for (const entry of ordered) {
    const broken = isPlainName(encodePath(entry.name))
      ? brokenRule(entry, seen)
      : `${entry.name} is no plain file name`;
    if (broken !== undefined) throw new EncodeError(broken);
    if (entry.seq === 0n) throw new EncodeError(`the sequence number of ${entry.name} is 0`);
    if (BigInt.asIntN(64, entry.seq) !== entry.seq) throw new EncodeError(`seq ${entry.seq} has more than 64 bits`);
    text += formatLine(entry);
    seen.push(entry);
  }
  return new TextEncoder().encode(text === '' ? NO_FILES : text);
}

/** A manifest without any byte would be refused. */
const NO_FILES = '# no files\n';

const HASH = 0x23;
const LF = 0x0a;

/** Position behind the line, or behind as much of it as servers read at a time. */
function endOfLine(bytes: Uint8Array, pos: number): number {
  const stop = Math.min(bytes.length, pos + MAX_MANIFEST_LINE);
  const found = bytes.subarray(pos, stop).indexOf(LF);
  return found < 0 ? stop : pos + found + 1;
}

function parseLine(
  bytes: Uint8Array,
  pos: number,
  end: number,
  line: number,
  before: readonly ManifestEntry[],
): ManifestEntry {
  const bad = (why: string, rule: ManifestRule = 'grammar'): FormatError =>
    new ManifestError(rule, why, pos).under(`line ${line}`);
  if (bytes.subarray(pos, end).includes(0)) throw bad('a NUL byte, behind which servers see no end of the line');
  if (bytes[end - 1] !== LF) {
    if (end < bytes.length) throw bad(`a line of more than ${MAX_MANIFEST_LINE} bytes`, 'line-length');
    throw bad('the last line has no line end');
  }
  const text = trimBlanks(bytes.subarray(pos, end));
  if (text.length === 0) throw bad('an empty line');
  const tokens = splitArguments(text);
  if (tokens === undefined) throw bad('quotes that are not closed, or not followed by a blank');
  if (tokens.length < 6) throw bad(`${tokens.length} words, where file, seq and type with their values make 6`);
  if (tokens.length % 2 !== 0) throw bad(`${tokens.length} words, which do not make pairs`);
  const entry = parsePairs(tokens);
  if (typeof entry === 'string') throw bad(entry);
  if (entry instanceof UnknownType) throw bad(entry.why, 'type');
  const broken = brokenRule(entry, before);
  if (broken !== undefined) throw bad(broken, entry.type === 'base' ? 'second-base' : 'order');
  return entry;
}

/** The entry that the pairs make, or why they make none. Later pairs win; unknown ones are for servers to come. */
function parsePairs(tokens: readonly Uint8Array[]): ManifestEntry | UnknownType | string {
  let name: Uint8Array | undefined;
  let seq = 0n;
  let type = 0;
  let startOffset: bigint | undefined;
  let endOffset: bigint | undefined;
  for (let index = 0; index < tokens.length; index += 2) {
    const value = tokens[index + 1]!;
    switch (textOf(tokens[index]!).toLowerCase()) {
      case 'file':
        name = withoutNul(value);
        if (name.some((byte) => byte === SLASH || byte === BACKSLASH)) return 'a path where a file name is wanted';
        break;
      case 'seq':
        seq = parseNumber(value);
        break;
      case 'type':
        type = value[0] ?? 0;
        break;
      case 'startoffset':
        startOffset = parseNumber(value);
        break;
      case 'endoffset':
        endOffset = parseNumber(value);
    }
  }
  if (name === undefined) return 'no file name';
  if (seq === 0n) return 'no sequence number, or one of 0';
  if (type === 0) return 'no type';
  const kind = TYPES[String.fromCharCode(type)];
  if (kind === undefined)
    return new UnknownType(`a type of ${formatQuoted(Uint8Array.of(type))}, where b, h or i is wanted`);
  // Servers fail later, when they open it as a file, which they never do with history.
  if (name.length === 0 && kind !== 'history') return 'an empty file name';
  const offsets = { ...(startOffset !== undefined && { startOffset }), ...(endOffset !== undefined && { endOffset }) };
  return { name: decodePath(name), seq, type: kind, ...offsets };
}

/** Why pairs make no entry, where that is a rule of its own. */
class UnknownType {
  constructor(readonly why: string) {}
}

const SLASH = 0x2f;
const BACKSLASH = 0x5c;
const TYPES: Readonly<Record<string, ManifestEntry['type']>> = { b: 'base', h: 'history', i: 'incr' };

function withoutNul(bytes: Uint8Array): Uint8Array {
  const nul = bytes.indexOf(0);
  return nul < 0 ? bytes : bytes.subarray(0, nul);
}

/** The rule among entries that one more would break. */
function brokenRule(entry: ManifestEntry, before: readonly ManifestEntry[]): string | undefined {
  if (entry.type === 'base') return before.some(({ type }) => type === 'base') ? 'a second base' : undefined;
  if (entry.type === 'history') return undefined;
  const last = before.findLast(({ type }) => type === 'incr')?.seq ?? 0n;
  return entry.seq > last ? undefined : `seq ${entry.seq} of an incr, where more than ${last} is wanted`;
}

function formatLine(entry: ManifestEntry): string {
  const { name, seq, type, startOffset, endOffset } = entry;
  let rest = ` seq ${seq} type ${type[0]}`;
  if (startOffset !== undefined) rest += ` startoffset ${startOffset}`;
  if (endOffset !== undefined) rest += ` endoffset ${endOffset}`;
  const room = MAX_MANIFEST_LINE - 'file '.length - rest.length - 1;
  const shown = formatName(encodePath(name), room);
  if (shown === undefined) throw new EncodeError(`the line of ${name} would have more than ${MAX_MANIFEST_LINE} bytes`);
  return `file ${shown}${rest}\n`;
}
