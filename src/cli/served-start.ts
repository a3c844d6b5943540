/** What a server is to start on, from the words behind `serve`: a source, or settings in redis-server's own form. */
import * as fs from 'node:fs';
import { isRdbMagic } from '../aof/driver.js';
import { fromByteString } from '../bytes/byte-string.js';
import { nodeFiles } from '../bytes/files-node.js';
import { formatQuoted } from '../bytes/quote.js';
import type { ByteSource } from '../bytes/source.js';
import { ConfigFileError, readConfigArguments, type StartConfig } from '../serve/index.js';
import { isSystemError } from './exit-codes.js';
import { inSource, UsageError, withHint } from './failures.js';
import { isAof, looksLike } from './recognize.js';
import { printableText } from './render/bytes-text.js';
import { type OpenedSource, openAny, resolveOne, type SourceSpec } from './source.js';

export interface ServedStart {
  readonly config: StartConfig;
  /** Undefined: the data directory of the settings. */
  readonly source: ServedSource | undefined;
}

export interface ServedSource {
  readonly spec: SourceSpec;
  /** Standard input, of which the beginning had to be seen. */
  readonly opened: OpenedSource | undefined;
}

const STDIN_FD = 0;

/** Throws UsageError, and what opening a source throws. `note` hears which file of a directory was chosen. */
export async function startOf(
  words: readonly string[],
  note: (text: string) => void,
  signal: AbortSignal,
): Promise<ServedStart> {
  const [first = '--', ...rest] = words;
  if (first === '-') return await startOfInput(words, rest, signal);
  if (first.startsWith('-') || isConfigFile(first)) return { config: settingsOf(words), source: undefined };
  const spec = await resolveOne(first, undefined, note);
  if (spec.log?.note !== undefined) note(spec.log.note);
  return { config: settingsBehind(rest), source: { spec, opened: undefined } };
}

/** Standard input is a dump or a log, or else settings, as redis-server takes them from there. */
async function startOfInput(
  words: readonly string[],
  rest: readonly string[],
  signal: AbortSignal,
): Promise<ServedStart> {
  const spec: SourceSpec = { name: 'standard input', path: undefined, url: undefined };
  const opened = await openAny(spec, signal);
  if (!isText(opened.head)) return { config: settingsBehind(rest), source: { spec, opened } };
  const text = await readAll(opened.source);
  return { config: settingsOf(words, () => text), source: undefined };
}

/** Those behind a source. Throws UsageError. */
function settingsBehind(words: readonly string[]): StartConfig {
  const [first] = words;
  if (first !== undefined && !first.startsWith('--'))
    throw withHint(new UsageError(`one source is served, and ${first} stands behind it`), HINT);
  return settingsOf(words);
}

/** Throws UsageError, and the system's error for a file that cannot be read. */
function settingsOf(words: readonly string[], readInput = () => fs.readFileSync(STDIN_FD) as Uint8Array): StartConfig {
  try {
    return readConfigArguments(words, { files: nodeFiles, readInput });
  } catch (error) {
    if (!(error instanceof ConfigFileError)) throw error;
    const { path, line, text } = error.place;
    const place = path === undefined ? '' : `${path}${line > 0 ? `, line ${line}` : ''}: `;
    if (isSystemError(error.cause)) throw inSource(error.cause, `${place}${error.message}`);
    const shown = text === '' ? '' : `, in ${shownLine(fromByteString(text))}`;
    throw withHint(new UsageError(`${place}${error.message}${shown}`, { cause: error }), HINT);
  }
}

function shownLine(line: Uint8Array): string {
  const text = printableText(line);
  return text === undefined ? formatQuoted(line, 0, line.length, MOST_SHOWN) : `'${text}'`;
}

const HINT = 'settings are those of redis.conf: rdb-inspect serve --help';
/** Of a line that is not text. */
const MOST_SHOWN = 60;

/** A file that could be a redis.conf, and is no dump and no log by its bytes. */
function isConfigFile(path: string): boolean {
  if (/^https?:\/\//i.test(path)) return false;
  const stat = fs.statSync(path, { throwIfNoEntry: false });
  // What is not there is looked for as what its name says.
  if (stat === undefined) return path.endsWith('.conf');
  if (!stat.isFile()) return stat.isCharacterDevice();
  if (path.endsWith('.conf')) return true;
  return !/\.(rdb|aof|gz|zst|manifest)$/.test(path) && isText(headOf(path));
}

const HEAD_BYTES = 512;

function headOf(path: string): Uint8Array {
  const source = nodeFiles.open(path);
  try {
    const head = new Uint8Array(HEAD_BYTES);
    return head.subarray(0, source.read(head, 0, HEAD_BYTES));
  } finally {
    source.close();
  }
}

/** Lines that people write. */
function isText(head: Uint8Array): boolean {
  if (isRdbMagic(head, 0, head.length) || isAof(head) || looksLike(head) !== undefined) return false;
  return head.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}

async function readAll(source: ByteSource): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const part = new Uint8Array(64 * 1024);
  try {
    for (;;) {
      const count = await source.read(part, 0, part.length);
      if (count === 0) return Buffer.concat(parts);
      parts.push(part.slice(0, count));
    }
  } finally {
    await source.close();
  }
}
