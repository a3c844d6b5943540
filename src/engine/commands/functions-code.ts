/** The code of libraries of functions: its first line, and payloads of several. */
import { type ByteString, fromByteString, toByteString } from '../../bytes/byte-string.js';
import { crc64 } from '../../bytes/crc64.js';
import { RedisFileError } from '../../bytes/errors.js';
import { FIRST_VALKEY_VERSION, OPCODE } from '../../rdb/constants.js';
import { DUMP_FOOTER_SIZE } from '../../rdb/dump.js';
import { readRdbSync } from '../../rdb/read.js';
import type { Engine, FunctionLibrary } from '../engine.js';
import { CommandError } from '../reply.js';

/** From code that begins `#!<engine> name=<library>`. Throws as FUNCTION LOAD does about that line. */
export function parseLibrary(code: ByteString): FunctionLibrary {
  if (!code.startsWith('#!')) throw new CommandError('ERR Missing library metadata');
  const lineEnd = code.indexOf('\n');
  const words = lineEnd < 0 ? undefined : splitWords(code.slice(0, lineEnd));
  if (words === undefined || words.length === 0) throw new CommandError('ERR Invalid library metadata');
  let name: ByteString | undefined;
  for (const word of words.slice(1)) {
    if (word.slice(0, NAME.length).toLowerCase() !== NAME)
      throw new CommandError(`ERR Invalid metadata value given: ${word}`);
    if (name !== undefined)
      throw new CommandError('ERR Invalid metadata value, name argument was given multiple times');
    name = word.slice(NAME.length);
  }
  if (name === undefined) throw new CommandError('ERR Library name was not given');
  if (!/^\w+$/.test(name))
    throw new CommandError(
      'ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one character long',
    );
  const engine = words[0]!.slice(2);
  if (engine.toLowerCase() !== 'lua') throw new CommandError(`ERR Engine '${engine}' not found`);
  return { name, engine, code };
}

const NAME = 'name=';

/**
 * The libraries of a payload of FUNCTION DUMP: function records of a dump, then version and checksum as a DUMP payload has
 * them. They are read as the dump that they are a part of.
 */
export function decodeLibraries(payload: ByteString, { settings, isLoading }: Engine): FunctionLibrary[] {
  const bytes = fromByteString(payload);
  const end = bytes.length - DUMP_FOOTER_SIZE;
  if (end < 0) throw wrongPayload();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const version = view.getUint16(end, true);
  if (version > settings.target.version && !isLoading) throw wrongPayload();
  if (view.getBigUint64(end + 2, true) !== crc64(bytes, 0, end + 2)) throw wrongPayload();
  const magic = version >= FIRST_VALKEY_VERSION ? 'VALKEY' : 'REDIS';
  const header = magic + String(version).padStart(HEADER_BYTES - magic.length, '0');
  const file = new Uint8Array(header.length + end + 1 + CHECKSUM_BYTES);
  file.set(fromByteString(header));
  file.set(bytes.subarray(0, end), header.length);
  file[header.length + end] = OPCODE.EOF;
  return librariesIn(file);
}

const HEADER_BYTES = 9;
/** Zeros: there is none. */
const CHECKSUM_BYTES = 8;

function librariesIn(file: Uint8Array): FunctionLibrary[] {
  const libraries: FunctionLibrary[] = [];
  try {
    for (const entry of readRdbSync(file)) {
      if (entry.kind === 'header' || entry.kind === 'end') continue;
      if (entry.kind !== 'function') throw new CommandError('ERR given type is not a function');
      const { name = '', engine = '', code } = entry;
      libraries.push({ name, engine, code: toByteString(code) });
    }
  } catch (error) {
    if (!(error instanceof RedisFileError)) throw error;
    throw new CommandError('ERR failed loading the given functions payload');
  }
  return libraries;
}

function wrongPayload(): CommandError {
  return new CommandError('ERR DUMP payload version or checksum are wrong');
}

const BLANK = /[ \n\r\t\v\f]/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' };

/** Words between blanks, parts of them perhaps in quotes (sdssplitargs); undefined where a quote is not closed. */
function splitWords(line: ByteString): ByteString[] | undefined {
  const words: ByteString[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && BLANK.test(line[at]!)) at++;
    if (at >= line.length) return words;
    let word = '';
    while (at < line.length && !BLANK.test(line[at]!)) {
      const quote = line[at]!;
      if (quote !== '"' && quote !== "'") {
        word += line[at++];
        continue;
      }
      const quoted = unquote(line, at + 1, quote);
      if (quoted === undefined) return undefined;
      word += quoted.text;
      at = quoted.end;
    }
    words.push(word);
  }
}

/** From behind a quote to behind the one that closes it, which must end the word. */
function unquote(line: ByteString, start: number, quote: string): { text: ByteString; end: number } | undefined {
  let text = '';
  for (let at = start; at < line.length; at++) {
    const char = line[at]!;
    if (char === quote) return at + 1 < line.length && !BLANK.test(line[at + 1]!) ? undefined : { text, end: at + 1 };
    const next = line[at + 1];
    if (char !== '\\' || next === undefined || (quote === "'" && next !== "'")) {
      text += char;
      continue;
    }
    const hex = quote === '"' ? /^x[0-9a-f]{2}/i.exec(line.slice(at + 1, at + 4)) : null;
    if (hex !== null) text += String.fromCharCode(Number.parseInt(hex[0].slice(1), 16));
    else text += quote === '"' ? (ESCAPES[next] ?? next) : next;
    at += hex !== null ? 3 : 1;
  }
  return undefined;
}
