/** From arguments to opened dumps. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { UnsupportedError } from '../bytes/errors.js';
import type { ByteSource } from '../bytes/source.js';
import { stdinSource } from '../bytes/source-file.js';
import { peekSource } from '../bytes/source-plain.js';
import type { LogWriter } from '../engine/generation.js';
import { openRdbSource } from '../rdb/open.js';
import type { Target } from '../rdb/versions.js';
import { inSource, UsageError, withHint } from './failures.js';
import { LOOK_BYTES } from './recognize.js';
import type { LogChoice, SourceKind } from './source-directory.js';

const STDIN_FD = 0;

/** One dump that was asked for, not yet opened. */
export interface SourceSpec {
  /** For messages. */
  readonly name: string;
  /** A file that must not be overwritten. */
  readonly path: string | undefined;
  readonly url: string | undefined;
  /** Why it stands for no dump: thrown when it is opened, so that others are read all the same. */
  readonly failure?: unknown;
  /** An append-only file or its directory, in place of a dump. */
  readonly log?: LogChoice;
}

/** An opened input, plain: compression is taken off. */
export interface OpenedSource {
  readonly source: ByteSource;
  /** Its first bytes. */
  readonly head: Uint8Array;
  /** Of a log that was replayed: whose dump it has become. */
  readonly replayed?: ReplayedLog;
}

export interface ReplayedLog {
  readonly generation: Target;
  readonly writer: LogWriter;
  /** The same keys once more from their beginning. */
  readonly again: () => ByteSource;
}

/** `-`, URLs, files and directories; a directory may stand for several dumps. `note` hears what was chosen. */
export async function resolveSources(
  args: readonly string[],
  kind: SourceKind | undefined,
  note: (text: string) => void,
): Promise<SourceSpec[]> {
  const specs: SourceSpec[] = [];
  for (const arg of args) specs.push(...(await resolveSource(arg, kind, note)));
  if (specs.filter(isStdin).length > 1) throw new UsageError('standard input can be read only once');
  return specs;
}

/** For commands that read one dump. */
export async function resolveOne(
  arg: string,
  kind: SourceKind | undefined,
  note: (text: string) => void,
): Promise<SourceSpec> {
  const specs = await resolveSources([arg], kind, note);
  if (specs.length === 1) return specs[0]!;
  const names = specs.map(({ name }) => name).join(', ');
  const error = new UnsupportedError('UNSUPPORTED_INPUT', `${arg} holds ${specs.length} dumps, and one is wanted`, 0);
  throw withHint(error, `name one of ${names}`);
}

/** The files that it is read from, which no output may overwrite. */
export function pathsOf({ path, log }: SourceSpec): string[] {
  return path !== undefined ? [path] : log === undefined ? [] : filesBelow(log.path);
}

/** The file itself, or what a directory holds. */
function filesBelow(path: string): string[] {
  if (!fs.statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  return fs.readdirSync(path).map((name) => join(path, name));
}

/** Opens and takes compression off. Throws what opening throws, as errors about this source. */
export async function openAny(spec: SourceSpec, signal: AbortSignal): Promise<OpenedSource> {
  if (spec.failure !== undefined) throw spec.failure;
  let source: ByteSource | undefined;
  try {
    source = await openRdbSource(isStdin(spec) ? standardInput() : (spec.url ?? spec.path!), { signal });
    const head = new Uint8Array(LOOK_BYTES);
    const peeked = await peekSource(source, head);
    return { source: peeked.source, head: head.subarray(0, peeked.size) };
  } catch (error) {
    await source?.close();
    throw inSource(explainOpening(error, spec), spec.name);
  }
}

/**
 * A redirected file has a size. What may keep us waiting goes through Node's stream: a read in the thread pool could not
 * be called back when a signal comes, and the process could not end.
 */
export function standardInput(): ByteSource | NodeJS.ReadStream {
  return fs.fstatSync(STDIN_FD).isFile() ? stdinSource() : process.stdin;
}

function isStdin({ path, url, failure, log }: SourceSpec): boolean {
  return path === undefined && url === undefined && failure === undefined && log === undefined;
}

async function resolveSource(
  arg: string,
  kind: SourceKind | undefined,
  note: (text: string) => void,
): Promise<SourceSpec[]> {
  if (arg === '-') return [{ name: 'standard input', path: undefined, url: undefined }];
  if (/^https?:\/\//i.test(arg)) return [{ name: withoutCredentials(arg), path: undefined, url: arg }];
  const stat = fs.statSync(arg, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return [fileSpec(arg)];
  try {
    const { chooseInDirectory } = await import('./source-directory.js');
    const choice = chooseInDirectory(arg, kind);
    const { log } = choice;
    if (log !== undefined) return [{ name: arg, path: undefined, url: undefined, log }];
    if (choice.note !== undefined) note(choice.note);
    return choice.paths.map(fileSpec);
  } catch (error) {
    return [{ name: arg, path: undefined, url: undefined, failure: inSource(error, arg) }];
  }
}

function fileSpec(path: string): SourceSpec {
  return { name: path, path, url: undefined };
}

export function withoutCredentials(text: string): string {
  if (!URL.canParse(text)) throw new UsageError(`${text} is no URL`);
  const url = new URL(text);
  url.username = '';
  url.password = '';
  return url.href;
}

function explainOpening(error: unknown, spec: SourceSpec): unknown {
  if (!(error instanceof Error) || spec.path === undefined) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return withHint(error, 'paths count from the current directory; - is standard input');
  if (code === 'EACCES') return withHint(error, 'dumps often belong to the server’s user: try sudo, or copy the file');
  return error;
}
