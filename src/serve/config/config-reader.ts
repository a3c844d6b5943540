/** Directives one by one, from a file or a command line, and the settings that they come to. */
import { type ByteString, fromByteString } from '../../bytes/byte-string.js';
import type { Files } from '../../bytes/files.js';
import { compileGlob } from '../../bytes/glob.js';
import { baseName, decodePath, encodePath, joinPath, parentPath } from '../../bytes/path.js';
import { ConfigFileError, type ConfigPlace } from './config-file-error.js';
import { takesSeveralWords } from './config-kind.js';
import { ConfigRefusal } from './config-refusal.js';
import { type ConfigRow, configRow } from './config-table.js';
import { isComment, linesOf, readConfigText, wordsOfLine } from './config-text.js';
import { type ConfigValues, SettingValues } from './config-values.js';

/** Files in files: one that includes itself ends somewhere. */
const MAX_DEPTH = 16;
const BAD_DIRECTIVE = 'Bad directive or wrong number of arguments';
/** Of servers before 3.2: taken, and without effect. */
const IGNORED: ReadonlySet<string> = new Set(['list-max-ziplist-entries', 'list-max-ziplist-value']);

/** What the server can be told to be and this one is not. */
const UNSUPPORTED: Readonly<Record<string, { readonly isMeant: (value: string) => boolean; readonly what: string }>> = {
  'cluster-enabled': { isMeant: (value) => value === 'yes', what: 'a node of a cluster' },
  'tls-port': { isMeant: (value) => value !== '0', what: 'a server with TLS' },
  replicaof: { isMeant: (value) => value !== '', what: 'a replica' },
  aclfile: { isMeant: (value) => value !== '', what: 'a server with users' },
};

export class ConfigReader {
  private readonly settings = new SettingValues();
  private readonly names = new Set<string>();
  private readonly users: { readonly words: readonly ByteString[]; readonly place: ConfigPlace }[] = [];

  constructor(private readonly files: Files) {}

  /** Throws ConfigFileError. Returns how many line breaks the file has. */
  file(path: string, place: ConfigPlace, depth = 0): number {
    if (depth > MAX_DEPTH) throw new ConfigFileError('UNREADABLE', 'files include each other without end', place);
    let text: Uint8Array;
    try {
      text = readConfigText(path, this.files);
    } catch (cause) {
      throw new ConfigFileError('UNREADABLE', `can't open config file '${path}'`, place, { cause });
    }
    return this.text(text, path, depth);
  }

  /** Throws ConfigFileError. Returns how many line breaks it has. */
  text(text: Uint8Array, path: string | undefined, depth = 0): number {
    const lines = linesOf(text);
    for (const [at, line] of lines.entries()) {
      if (isComment(line)) continue;
      const place = { path, line: at + 1, text: line };
      const words = wordsOfLine(line);
      if (words === undefined)
        throw new ConfigFileError('UNBALANCED_QUOTES', 'Unbalanced quotes in configuration line', place);
      this.directive(words, place, depth);
    }
    return lines.length - 1;
  }

  /** A name and what follows it. Throws ConfigFileError. */
  directive(line: readonly ByteString[], place: ConfigPlace, depth = 0): void {
    const [name = '', ...words] = line;
    const directive = name.toLowerCase();
    const row = configRow(directive);
    if (row !== undefined) this.set(row, words, place);
    else if (directive === 'include' && words.length === 1) this.include(words[0]!, place, depth);
    else if (directive === 'user' && words.length > 0) this.users.push({ words, place });
    else if (directive === 'rename-command' && words.length === 2)
      throw unsupported('commands keep their names: rename-command', place);
    else if (directive === 'loadmodule' && words.length > 0) throw unsupported('modules', place);
    else if (directive === 'sentinel') throw unsupported('a sentinel', place);
    else if (!IGNORED.has(directive) || words.length !== 1)
      throw new ConfigFileError('BAD_DIRECTIVE', BAD_DIRECTIVE, place);
  }

  /** What it comes to. Throws ConfigFileError for users that there cannot be. */
  values(): ConfigValues {
    for (const { words, place } of this.users)
      if (!this.isOnlyUser(words)) throw unsupported('users beside the default one', place);
    return new Map(Array.from(this.names, (name) => [name, this.settings.text(name)]));
  }

  private set(row: ConfigRow, given: readonly ByteString[], place: ConfigPlace): void {
    const { name, kind } = row;
    const only = given.length === 1 ? given[0] : undefined;
    const isInOne = takesSeveralWords(kind) && only !== undefined && only !== '';
    let words = isInOne ? only.split(' ') : given;
    // Save points add up, unless they are none; those of the beginning go with the first.
    if (name === 'save' && this.names.has(name) && !words.includes(''))
      words = [...this.settings.text(name).split(' '), ...words].filter((word) => word !== '');
    try {
      this.settings.put(name, this.settings.normalisedWords(row, words));
    } catch (error) {
      if (!(error instanceof ConfigRefusal)) throw error;
      throw new ConfigFileError('BAD_VALUE', error.message, place);
    }
    const missing = UNSUPPORTED[name];
    if (missing?.isMeant(this.settings.text(name))) throw unsupported(missing.what, place);
    this.names.add(name);
  }

  /** A path, or a pattern for names in a directory. */
  private include(word: ByteString, place: ConfigPlace, depth: number): void {
    const path = decodePath(fromByteString(word));
    for (const each of /[*?[]/.test(baseName(path)) ? this.matching(path) : [path]) this.file(each, place, depth + 1);
  }

  private matching(path: string): string[] {
    const directory = parentPath(path);
    const glob = compileGlob(encodePath(baseName(path)));
    if (this.files.stat(directory)?.isDirectory !== true) return [];
    return this.files
      .list(directory)
      .filter((name) => {
        const bytes = encodePath(name);
        return glob.matches(bytes, 0, bytes.length);
      })
      .map((name) => joinPath(directory, name));
  }

  /** `user default …` as CONFIG REWRITE of a server leaves it: may do everything, with the password of `requirepass` or none. */
  private isOnlyUser([name, ...rules]: readonly ByteString[]): boolean {
    const password = this.settings.text('requirepass') === '' ? /^nopass$/ : /^#[0-9a-f]{64}$/;
    const rights = /^(on|~\*|&\*|\+@all|allkeys|allchannels|allcommands|sanitize-payload)$/;
    return (
      name === 'default' &&
      rules.some((rule) => password.test(rule)) &&
      rules.every((rule) => rights.test(rule) || password.test(rule))
    );
  }
}

export function unsupported(what: string, place: ConfigPlace): ConfigFileError {
  return new ConfigFileError('UNSUPPORTED', `there is no support for ${what}`, place);
}
