/** The source of an import as a command line names it: read again, replayed once, copied where that is needed. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/bytes/errors.js';
import { sourceOf, UsageError } from '../../src/cli/failures.js';
import { withKeySource } from '../../src/cli/key-source.js';
import { Session, type SharedOptions } from '../../src/cli/session.js';
import type { SourceSpec } from '../../src/cli/source.js';
import { type KeySource, keySourceOf } from '../../src/import/source/key-source.js';
import { TargetError } from '../../src/import/target/target-error.js';
import { keyRecord, rdbFile, str } from '../support/file-builder.js';
import { fixturePath, readFixture } from '../support/fixtures.js';
import { temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();
const types = readFixture('redis-7.0/types');

function sessionWith(options: Partial<SharedOptions> = {}): Session {
  const shared: SharedOptions = { color: 'never', progress: 'never', checksum: true, quiet: true, ...options };
  return new Session(shared, new AbortController().signal, 0);
}

async function withKeys<T>(
  arg: string,
  readsAgain: boolean,
  run: (keys: KeySource) => Promise<T>,
  options: Partial<SharedOptions> = {},
): Promise<T> {
  const session = sessionWith(options);
  return await withKeySource(await session.resolveOne(arg), options, session, readsAgain, run);
}

async function bytesOf(keys: KeySource): Promise<Buffer> {
  const source = await keys.open();
  const pieces: Buffer[] = [];
  for (;;) {
    const piece = Buffer.alloc(10_000);
    const count = await source.read(piece, 0, piece.length);
    if (count === 0) break;
    pieces.push(piece.subarray(0, count));
  }
  await source.close();
  return Buffer.concat(pieces);
}

describe('a file', () => {
  it('is read as often as it takes', async () => {
    const path = fixturePath('redis-7.0/types');
    await withKeys(path, false, async (keys) => {
      expect(keys).toMatchObject({ name: path, isRepeatable: true });
      expect((await bytesOf(keys)).equals(types)).toBe(true);
      expect((await bytesOf(keys)).equals(types)).toBe(true);
      expect(await keys.fingerprint()).toBe(await keySourceOf(path).fingerprint());
    });
  });

  it('is unpacked', async () => {
    const path = directory.write('types.rdb.gz', gzipSync(types));
    await withKeys(path, true, async (keys) => {
      expect((await bytesOf(keys)).equals(types)).toBe(true);
      expect((await bytesOf(keys)).equals(types)).toBe(true);
      expect(await keys.fingerprint()).not.toBe(await keySourceOf(fixturePath('redis-7.0/types')).fingerprint());
    });
  });
});

describe('a log', () => {
  const log = directory.path.bind(directory, 'one.aof');
  const write = (): string =>
    directory.write('one.aof', '*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$1\r\n2\r\n');

  it('is replayed once, and is the same dump each time', async () => {
    write();
    await withKeys(log(), false, async (keys) => {
      const first = await bytesOf(keys);
      fs.rmSync(log());
      expect(keys.isRepeatable).toBe(true);
      expect(first.subarray(0, 5).toString()).toBe('REDIS');
      expect((await bytesOf(keys)).equals(first)).toBe(true);
    });
  });

  it('is another one where something is left out of it', async () => {
    write();
    const fingerprint = async (options: Partial<SharedOptions>): Promise<string> =>
      await withKeys(log(), true, (keys) => keys.fingerprint(), options);
    const all = await Promise.all([{}, { skipScripts: true }, { loadTruncated: true }].map(fingerprint));
    expect(new Set(all).size).toBe(3);
    expect(Math.max(...all.map((text) => text.length))).toBeLessThan(200);
  });
});

describe.skipIf(process.platform === 'win32')('a pipe', () => {
  const piped = async <T>(readsAgain: boolean, run: (keys: KeySource) => Promise<T>): Promise<T> => {
    const path = directory.path(`pipe-${readsAgain}`);
    if (!fs.existsSync(path)) execFileSync('mkfifo', [path]);
    const writing = fs.promises.writeFile(path, types);
    try {
      return await withKeys(path, readsAgain, run);
    } finally {
      await writing;
    }
  };

  it('is read once', async () => {
    await piped(false, async (keys) => {
      expect(keys.isRepeatable).toBe(false);
      expect((await bytesOf(keys)).equals(types)).toBe(true);
      await expect(keys.open()).rejects.toBeInstanceOf(UsageError);
      expect(await keys.fingerprint()).toBe('stream');
    });
  });

  it('is copied where it is read again, and known again', async () => {
    await piped(true, async (keys) => {
      expect(keys.isRepeatable).toBe(true);
      const fingerprint = await keySourceOf(fixturePath('redis-7.0/types')).fingerprint();
      expect(await keys.fingerprint()).toBe(fingerprint);
      expect((await bytesOf(keys)).equals(types)).toBe(true);
      expect((await bytesOf(keys)).equals(types)).toBe(true);
      expect(await keys.fingerprint()).toBe(fingerprint);
    });
  });
});

describe('errors', () => {
  it('of reading name the source', async () => {
    const path = directory.write('bad.rdb', rdbFile('REDIS0011', keyRecord(0, 'k', str('v'))));
    const thrown = withKeys(path, false, async () => {
      throw new FormatError('BAD_LISTPACK', 'bad', 3);
    });
    expect(sourceOf((await thrown.catch((error: unknown) => error)) as Error)).toBe(path);
  });

  it('of a server do not', async () => {
    const error = new TargetError('OOM', 'full', 'host:1');
    const thrown = withKeys(fixturePath('redis-7.0/types'), false, async () => {
      throw error;
    });
    expect(await thrown.catch((one: unknown) => one)).toBe(error);
    expect(sourceOf(error)).toBeUndefined();
  });

  it('of a file that is not there come where it is opened', async () => {
    const spec: SourceSpec = { name: 'nothing.rdb', path: directory.path('nothing.rdb'), url: undefined };
    const opened = withKeySource(spec, {}, sessionWith(), true, (keys) => keys.open());
    await expect(opened).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
