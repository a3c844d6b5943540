/** The source that a command line names, as an import reads it: from its beginning, as often as it takes. */
import { RedisFileError } from '../bytes/errors.js';
import { nodeFiles } from '../bytes/files-node.js';
import { RewoundSource } from '../bytes/rewound-source.js';
import type { ByteSource } from '../bytes/source.js';
import { fingerprintLog, fingerprintSource } from '../import/source/fingerprint.js';
import type { KeySource } from '../import/source/key-source.js';
import { isSystemError } from './exit-codes.js';
import { UsageError } from './failures.js';
import { logOpener } from './log-source.js';
import { copyToTemporary } from './seekable-input.js';
import { about, type Session, type SharedOptions } from './session.js';
import { openAny, type SourceSpec } from './source.js';
import { WatchedSource } from './watched-source.js';

/** What a replay leaves out of a log. */
type ReplayChoice = Pick<SharedOptions, 'skipScripts' | 'loadTruncated'>;

/**
 * Runs with the keys of `spec`. `readsAgain`: they are read more than once, so what comes from a pipe is copied to a
 * temporary file first. Throws what opening throws, and what `run` throws, as errors about this source where they are.
 */
export async function withKeySource<T>(
  spec: SourceSpec,
  options: ReplayChoice,
  session: Session,
  readsAgain: boolean,
  run: (keys: KeySource) => Promise<T>,
): Promise<T> {
  let head: Uint8Array = new Uint8Array(0);
  const onHead = (bytes: Uint8Array): void => {
    head = bytes;
  };
  let copy: ByteSource | undefined;
  try {
    if (isRepeatable(spec)) return await run(namedKeys(spec, options, session, onHead));
    if (!readsAgain) return await run(pipedKeys(spec, session, onHead));
    copy = await session.read(spec, (source) => copyToTemporary(source, spec.name));
    return await run(copiedKeys(spec, copy, session));
  } catch (error) {
    throw isOfReading(error) ? about(error, spec.name, head) : error;
  } finally {
    await copy?.close();
  }
}

/** A file, a directory or a URL, opened anew each time; a log is replayed once, and what it holds is told anew. */
function namedKeys(
  spec: SourceSpec,
  options: ReplayChoice,
  session: Session,
  onHead: (head: Uint8Array) => void,
): KeySource {
  const { name } = spec;
  let again: (() => ByteSource) | undefined;
  return {
    name,
    isRepeatable: true,
    isRemote: spec.url !== undefined,
    async open() {
      if (again !== undefined) return session.watchedUntilClosed(again(), name);
      const { source, head, replayed } = await session.openKeys(spec);
      onHead(head);
      again = replayed?.again;
      return session.watchedUntilClosed(source, name);
    },
    fingerprint: () => fingerprintSpec(spec, options, session.signal),
  };
}

function pipedKeys(spec: SourceSpec, session: Session, onHead: (head: Uint8Array) => void): KeySource {
  let isOpened = false;
  return {
    name: spec.name,
    isRepeatable: false,
    async open() {
      if (isOpened) throw new UsageError(`${spec.name} can be read only once`);
      isOpened = true;
      const { source, head } = await session.openKeys(spec);
      onHead(head);
      return session.watchedUntilClosed(source, spec.name);
    },
    fingerprint: async () => 'stream',
  };
}

function copiedKeys({ name }: SourceSpec, copy: ByteSource, session: Session): KeySource {
  const rewound = RewoundSource.rewinder(copy)!;
  return {
    name,
    isRepeatable: true,
    open: async () => session.watchedUntilClosed(rewound(), name),
    fingerprint: () => fingerprintSource(async () => new LastingSource(copy)),
  };
}

/** The copy stays open: it is gone once it is closed. */
class LastingSource extends WatchedSource {
  constructor(copy: ByteSource) {
    super(copy, new AbortController().signal, () => undefined);
  }

  override close(): void {}
}

/** What a replay leaves out makes another source of a log. */
async function fingerprintSpec(
  spec: SourceSpec,
  { skipScripts = false, loadTruncated = false }: ReplayChoice,
  signal: AbortSignal,
): Promise<string> {
  const log = logOpener(spec, signal);
  const seen =
    log === undefined
      ? await fingerprintSource(async () => (await openAny(spec, signal)).source)
      : await fingerprintLog(log());
  return `${seen}${skipScripts ? ' without scripts' : ''}${loadTruncated ? ' up to where it ends' : ''}`;
}

function isRepeatable({ path, url, log, failure }: SourceSpec): boolean {
  if (path === undefined) return url !== undefined || log !== undefined || failure !== undefined;
  const stat = nodeFiles.stat(path);
  // What is not there is told where it is opened.
  return stat === undefined || stat.isFile;
}

/** Those of the system are about the source: a file that is written has its own. */
function isOfReading(error: unknown): boolean {
  return error instanceof RedisFileError || isSystemError(error);
}
