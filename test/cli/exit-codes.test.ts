/** The two tables of exit codes, and how errors read. */
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, type ErrorCode, FormatError, LimitError, TruncatedError } from '../../src/bytes/errors.js';
import { codeToExitCode, errorToExitCode } from '../../src/cli/exit-codes.js';
import { inSource, NotFoundError, OutputError, StoppedBySignal, UsageError, withHint } from '../../src/cli/failures.js';
import { describeError, formatError } from '../../src/cli/report-error.js';
import { TargetError } from '../../src/import/target/target-error.js';
import { bytesOf, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { readFixture } from '../support/fixtures.js';
import { cli, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();
const types = readFixture('redis-7.0/types');

describe('inputs', () => {
  const flipped = bytesOf(types);
  flipped[types.length - 1]! ^= 1;
  it.each<[string, Uint8Array, number, ErrorCode | undefined, string]>([
    ['0 bytes', new Uint8Array(0), 3, 'EMPTY_INPUT', 'hint: an empty file is no dump'],
    ['not an RDB', bytesOf('hello'), 3, 'NOT_RDB', ''],
    ['a zip archive', bytesOf('PK\x03\x04....'), 3, 'NOT_RDB', 'hint: it looks like a zip archive'],
    ['a web page', bytesOf('<!DOCTYPE html><title>404'), 3, 'NOT_RDB', 'hint: it looks like a web page'],
    ['an append-only file', bytesOf('*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n'), 0, undefined, ''],
    ['one with timestamps', bytesOf('#TS:1700000000\r\n'), 0, undefined, ''],
    [
      'one with a script',
      bytesOf('*3\r\n$4\r\nEVAL\r\n$1\r\nx\r\n$1\r\n0\r\n'),
      3,
      'UNKNOWN_COMMAND',
      '--skip-scripts',
    ],
    ['a truncated one', bytesOf('*1\r\n$4\r\nPI'), 1, 'TRUNCATED', '--load-truncated'],
    [
      'a module of the release candidates',
      bytesOf('REDIS0008', keyRecord(6, 'k', str('v'))),
      3,
      'UNSUPPORTED_TYPE',
      '',
    ],
    ['a truncated dump', types.slice(0, 5000), 1, 'TRUNCATED', 'hint: the file is cut short'],
    ['a wrong checksum', flipped, 1, 'CHECKSUM_MISMATCH', 'hint: --no-checksum'],
    ['an unknown type', bytesOf('REDIS0010', 0x2a), 1, 'UNKNOWN_TYPE', 'hint: rdb-inspect explain'],
    ['an unknown type of a newer version', bytesOf('REDIS0099', 0x2a), 3, 'UNSUPPORTED_VERSION', 'rdb-inspect formats'],
    ['a newer version', rdbFile('REDIS0099', keyRecord(0, 'k', str('v'))), 0, undefined, 'version 99 is newer'],
    ['bytes behind the footer', bytesOf(types, 'x'), 0, undefined, '1 byte follows the end of the RDB'],
    ['an AOF tail', bytesOf(types, '*1\r\n$4\r\nPING\r\n'), 0, undefined, ''],
  ])('%s', async (_, content, expected, errorCode, words) => {
    const file = directory.write('input', content);
    const { code, stdout, stderr } = await cli(['export', '-f', 'ndjson', file]);
    expect(code).toBe(expected);
    expect(stderr).toContain(words);
    expect(stdout === '' || stdout.endsWith('\n')).toBe(true);
    if (errorCode === undefined) return;
    expect(stderr).toContain(errorCode);
    const json = await cli(['keys', '--json', file]);
    expect(json.code).toBe(expected);
    const last = JSON.parse(json.stderr.trim().split('\n').at(-1)!) as { error: unknown };
    expect(last.error).toMatchObject({ code: errorCode, message: expect.any(String), source: file });
  });

  it('no such file', async () => {
    const { code, stderr } = await cli(['info', directory.path('nothing.rdb')]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^rdb-inspect: .*nothing\.rdb: no such file or directory\nhint: /);
  });

  it('a file without permission', async () => {
    if (process.getuid?.() === 0) return; // The superuser may read everything.
    const { chmodSync } = await import('node:fs');
    const file = directory.write('secret.rdb', types);
    chmodSync(file, 0);
    expect(await cli(['info', file])).toMatchObject({ code: 3, stderr: expect.stringContaining('hint: ') });
  });

  it('a value beyond the limit, which says nothing about the file', async () => {
    const file = directory.write('limit.rdb', types);
    const { code, stderr } = await cli(['export', '-f', 'ndjson', file, '--max-memory', '100B']);
    expect(code).toBe(3);
    expect(stderr).toContain('hint: raise the limit, for instance with --max-memory 4GB');
  });
});

describe('codes', () => {
  it('every error code has one', () => {
    for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) expect([1, 3]).toContain(codeToExitCode(code));
  });

  it.each<[unknown, number]>([
    [new TruncatedError('cut', 0), 1],
    [new LimitError('LIMIT_MEMORY', 'too much', 0), 3],
    [new UsageError('no'), 2],
    [new NotFoundError('no'), 1],
    [new StoppedBySignal('SIGINT'), 130],
    [new StoppedBySignal('SIGTERM'), 143],
    [new StoppedBySignal('SIGHUP'), 129],
    [new OutputError('out', Object.assign(new Error('x'), { code: 'EPIPE' })), 0],
    [new OutputError('out', Object.assign(new Error('x'), { code: 'ENOSPC' })), 70],
    [Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT', syscall: 'open' }), 3],
    [Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' }), 3],
    [new TargetError('OOM', 'full', '127.0.0.1:6379'), 5],
    [new TargetError('CONNECT', 'no connection', '127.0.0.1:6379', { cause: new Error('refused') }), 5],
    [new TargetError('BAD_URL', 'no', ''), 2],
    [new TypeError('a bug'), 70],
    ['thrown text', 70],
  ])('%s leads to %d', (error, code) => {
    expect(errorToExitCode(error)).toBe(code);
  });
});

describe('sentences', () => {
  const inside = new FormatError('BAD_LISTPACK', 'an entry overruns', 56)
    .inside(1234)
    .under('key "user:1"')
    .under('db 0');

  it('place an error', () => {
    expect(formatError(inSource(inside, 'dump.rdb'), false, false)).toBe(
      'rdb-inspect: dump.rdb: an entry overruns (BAD_LISTPACK at offset 1234 [+56 inside the compressed string], db 0, ' +
        'key "user:1")\nhint: rdb-inspect explain dump.rdb --offset 1234 shows the bytes\n',
    );
  });

  it('are facts for programs', () => {
    expect(describeError(inside)).toEqual({
      code: 'BAD_LISTPACK',
      offset: 1234,
      innerOffset: 56,
      db: 0,
      key: 'user:1',
      message: 'an entry overruns',
      hint: 'rdb-inspect explain dump.rdb --offset 1234 shows the bytes',
      source: 'dump.rdb',
    });
  });

  it('say what to do about a server', () => {
    const error = new TargetError('AUTH', 'WRONGPASS invalid username-password pair', '127.0.0.1:6379');
    expect(formatError(error, false, false)).toBe(
      'rdb-inspect: 127.0.0.1:6379: WRONGPASS invalid username-password pair\n' +
        'hint: give --user and -a, or --askpass, or REDISCLI_AUTH in the environment\n',
    );
    expect(describeError(error)).toMatchObject({ code: 'AUTH', offset: null, key: null, hint: expect.any(String) });
  });

  it('give keys as JSON gives bytes', () => {
    const error = new FormatError('BAD_LISTPACK', 'bad', 1).under('key "a\\n\\xff\\""');
    expect(describeError(error).key).toEqual({ $b64: Buffer.from('a\n\xff"', 'latin1').toString('base64') });
  });

  it('show a stack only of what should not have happened, and only where asked for', () => {
    const bug = new TypeError('undefined is not a function');
    expect(formatError(bug, false, false)).toBe(
      'rdb-inspect: undefined is not a function\nhint: this should not have happened; -v shows where it did\n',
    );
    expect(formatError(bug, false, true)).toContain('at ');
    expect(formatError(withHint(new UsageError('no'), 'yes'), false, true)).toBe('rdb-inspect: no\nhint: yes\n');
  });
});

it('an error names the key and the database', async () => {
  const file = directory.write(
    'bad.rdb',
    rdbFile('REDIS0010', [0xfe, 5], keyRecord(18, 'k\n', [len(1), len(3), str('x')])),
  );
  const { code, stderr } = await cli(['export', '-f', 'ndjson', file, '--json']);
  expect(code).toBe(1);
  expect(JSON.parse(stderr)).toMatchObject({
    error: { code: 'BAD_QUICKLIST', db: 5, key: 'k\n', offset: expect.any(Number) },
  });
});
