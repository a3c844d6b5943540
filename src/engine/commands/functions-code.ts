/** The code of libraries of functions: its first line, and payloads of several. */
import { type ByteString, fromByteString, toByteString } from '../../bytes/byte-string.js';
import { crc64 } from '../../bytes/crc64.js';
import { RedisFileError } from '../../bytes/errors.js';
import { splitArguments } from '../../bytes/split-arguments.js';
import { FIRST_VALKEY_VERSION, OPCODE } from '../../rdb/constants.js';
import { DUMP_FOOTER_SIZE } from '../../rdb/dump.js';
import { readRdbSync } from '../../rdb/read.js';
import type { Engine, FunctionLibrary } from '../engine.js';
import { CommandError } from '../reply.js';

/** From code that begins `#!<engine> name=<library>`. Throws as FUNCTION LOAD does about that line. */
export function parseLibrary(code: ByteString): FunctionLibrary {
  if (!code.startsWith('#!')) throw new CommandError('ERR Missing library metadata');
  const lineEnd = code.indexOf('\n');
  const words =
    lineEnd < 0 ? undefined : splitArguments(fromByteString(code.slice(0, lineEnd)))?.map((word) => toByteString(word));
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

/** What a library says that it registers. */
export interface RegisteredFunction {
  readonly name: ByteString;
  readonly description: ByteString | undefined;
  readonly flags: readonly string[];
}

/**
 * The functions that the code of a library registers, as far as their names stand in it as they are: code that makes up a
 * name would have to be run.
 */
export function functionsIn(code: ByteString): RegisteredFunction[] {
  const found: RegisteredFunction[] = [];
  for (const [, , plain, fields] of code.matchAll(REGISTRATION)) {
    const name = plain ?? stringField(fields!, 'function_name');
    if (name === undefined) continue;
    const flags = /\bflags\s*=\s*\{([^}]*)\}/.exec(fields ?? '')?.[1] ?? '';
    found.push({
      name,
      description: fields === undefined ? undefined : stringField(fields, 'description'),
      flags: [...flags.matchAll(/(['"])([\w-]+)\1/g)].map(([, , flag]) => flag!),
    });
  }
  return found;
}

/** `register_function('name', …)`, or with named arguments: `register_function{function_name = 'name', …}`. */
const REGISTRATION = /\bregister_function\s*(?:\(\s*(['"])(\w+)\1\s*,|\(?\s*\{([^}]*(?:\{[^}]*\}[^}]*)*)\})/g;

function stringField(fields: ByteString, name: string): ByteString | undefined {
  return new RegExp(`\\b${name}\\s*=\\s*(['"])(.*?)\\1`).exec(fields)?.[2];
}

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
  return librariesIn(file, bytes[0]!).map((library) => (isLoading ? library : parseLibrary(library.code)));
}

const HEADER_BYTES = 9;
/** Zeros: there is none. */
const CHECKSUM_BYTES = 8;

function librariesIn(file: Uint8Array, opcode: number): FunctionLibrary[] {
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
    throw new CommandError(`ERR ${UNREADABLE.get(opcode) ?? 'given type is not a function'}`);
  }
  return libraries;
}

/** What a server finds missing first in records that it cannot read, by their opcodes. */
const UNREADABLE: ReadonlyMap<number, string> = new Map([
  [OPCODE.FUNCTION2, 'Failed loading library payload'],
  [OPCODE.FUNCTION_PRE_GA, 'Failed loading engine name'],
]);

function wrongPayload(): CommandError {
  return new CommandError('ERR DUMP payload version or checksum are wrong');
}
