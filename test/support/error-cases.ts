/**
 * Commands that a server refuses, with the text it answered, from test/engine/error-cases/: a file per family. A line is
 * a command as redis-cli would take it, a tab, the text in UTF-8; blank lines and lines beginning with `#` say nothing.
 * All run on the keys of setup.txt, which no error changes: their order means nothing.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ByteString, fromByteString, toByteString } from '../../src/bytes/byte-string.js';
import { splitArguments } from '../../src/bytes/split-arguments.js';
import type { CommandError } from '../../src/engine/reply.js';

export interface ErrorCase {
  /** The file's name, such as `sorted-sets`. */
  readonly family: string;
  /** Which of the file's lines, from 1. */
  readonly line: number;
  /** As it stands in the file. */
  readonly command: string;
  readonly args: readonly ByteString[];
  /** Undefined where none has been recorded yet. */
  readonly error: string | undefined;
}

/** The server that answered. */
export const RECORDED_VERSION = '7.0.15';

/** Sorted names. */
export function errorFamilies(): string[] {
  const names = fs.readdirSync(FOLDER).map((name) => path.basename(name, '.txt'));
  return names.filter((name) => name !== SETUP).sort();
}

export function readErrorCases(family: string): ErrorCase[] {
  return linesOf(family).flatMap((text, index) => {
    if (isSilent(text)) return [];
    const { command, error } = partsOf(text);
    return [{ family, line: index + 1, command, args: parseCommand(command), error }];
  });
}

/** The commands that make the keys. */
export function readErrorSetup(): ByteString[][] {
  return linesOf(SETUP)
    .filter((text) => !isSilent(text))
    .map(parseCommand);
}

/** Puts texts behind the commands, by line, in the place of those that stand there; undefined leaves none. */
export function writeErrorTexts(family: string, texts: ReadonlyMap<number, string | undefined>): void {
  const written = linesOf(family).map((text, index) => {
    if (!texts.has(index + 1)) return text;
    const error = texts.get(index + 1);
    const { command } = partsOf(text);
    return error === undefined ? command : `${command}\t${error}`;
  });
  fs.writeFileSync(fileOf(family), `${written.join('\n')}\n`);
}

/** An error of the engine as it would stand in a file. */
export function errorText({ message }: CommandError): string {
  return new TextDecoder().decode(fromByteString(message));
}

const FOLDER = fileURLToPath(new URL('../engine/error-cases/', import.meta.url));
const SETUP = 'setup';

function fileOf(family: string): string {
  return path.join(FOLDER, `${family}.txt`);
}

/** Blanks at the end of a line belong to its text. */
function linesOf(family: string): string[] {
  return fs.readFileSync(fileOf(family), 'utf8').replace(/\n$/, '').split('\n');
}

function isSilent(text: string): boolean {
  return text.trim() === '' || text.startsWith('#');
}

function partsOf(text: string): { command: string; error: string | undefined } {
  const tab = text.indexOf('\t');
  return tab < 0 ? { command: text, error: undefined } : { command: text.slice(0, tab), error: text.slice(tab + 1) };
}

function parseCommand(command: string): ByteString[] {
  const words = splitArguments(new TextEncoder().encode(command));
  if (words === undefined) throw new Error(`quotes that do not close: ${command}`);
  return words.map((word) => toByteString(word));
}
