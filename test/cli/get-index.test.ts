/** `get` by the index beside a dump: the same answers. */
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { keyRecord, rdbFile, str } from '../support/file-builder.js';
import { fixturePath, readFixture } from '../support/fixtures.js';
import { cli, linesOf, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();
const KEYS = ['no such key', 'str:hello', 'hash:small', 'list:mixed', 'zset:small'];

async function answer(args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await cli(['get', ...args]);
  return { code, stdout, stderr };
}

describe.each(['redis-2.4/types', 'redis-7.0/types', 'redis-8.6/types', 'valkey-9.1/types'])('%s', (name) => {
  it('says the same with an index and without', async () => {
    const file = directory.write(`${name.replace('/', '-')}.rdb`, readFixture(name));
    const listed = linesOf((await cli(['keys', file, '-l', '400'])).stdout);
    // `get` takes the names as `keys` prints them.
    const keys = listed.filter((_, index) => index % 40 === 0);
    const without: unknown[] = [];
    for (const key of [...KEYS, ...keys]) without.push(await answer([file, key, '--json']));
    const made = await cli(['get', file, keys[0]!, '--index', '--json']);
    expect(made.code).toBe(0);
    expect(fs.existsSync(`${file}.rdbx`)).toBe(true);
    const withIndex: unknown[] = [];
    for (const key of [...KEYS, ...keys]) withIndex.push(await answer([file, key, '--json']));
    expect(withIndex).toEqual(without);
  });
});

function twoDatabases(value: string): Uint8Array {
  const record = (text: string): Uint8Array => keyRecord(0, 'twice', str(text));
  return rdbFile('REDIS0011', 0xfe, 0, record(value), 0xfe, 5, record('other'));
}

it('tells of the other databases, and takes the one that was asked for', async () => {
  const file = directory.write('two.rdb', twoDatabases('first'));
  const without = [await answer([file, 'twice']), await answer([file, 'twice', '-n', '5'])];
  const made = await cli(['get', file, 'twice', '--index']);
  expect(made.stdout).toBe('first');
  expect([await answer([file, 'twice']), await answer([file, 'twice', '-n', '5'])]).toEqual(without);
});

it('makes a new one where the dump has changed, or the index', async () => {
  const file = directory.write('changing.rdb', twoDatabases('before'));
  expect((await cli(['get', file, 'twice', '--index'])).stdout).toBe('before');
  fs.writeFileSync(file, twoDatabases('later, and longer'));
  // An index that is there is not believed, and --index makes another.
  expect((await cli(['get', file, 'twice'])).stdout).toBe('later, and longer');
  expect((await cli(['get', file, 'twice', '--index'])).stdout).toBe('later, and longer');
  const bytes = fs.readFileSync(`${file}.rdbx`);
  fs.writeFileSync(
    `${file}.rdbx`,
    bytes.map((byte, at) => (at === 80 ? byte ^ 0xff : byte)),
  );
  expect((await cli(['get', file, 'twice'])).stdout).toBe('later, and longer');
  expect((await cli(['get', file, 'twice', '--index'])).stdout).toBe('later, and longer');
  expect(fs.readFileSync(`${file}.rdbx`).equals(bytes)).toBe(true);
});

it('is not looked at with --no-index', async () => {
  const file = directory.write('unused.rdb', twoDatabases('value'));
  fs.writeFileSync(`${file}.rdbx`, 'no index at all');
  expect((await cli(['get', file, 'twice'])).stdout).toBe('value');
  expect((await cli(['get', file, 'twice', '--no-index'])).stdout).toBe('value');
  expect(fs.readFileSync(`${file}.rdbx`, 'latin1')).toBe('no index at all');
});

it('refuses to make one of what is no plain dump in a file', async () => {
  const piped = await cli(['get', '-', 'twice', '--index'], { input: twoDatabases('x') });
  expect(piped.code).toBe(2);
  expect(piped.stderr).toContain('--index');
  const text = directory.write('notes.txt', 'some text');
  expect((await cli(['get', text, 'twice', '--index'])).code).toBe(2);
});

it('says where it cannot be written, and leaves nothing', async () => {
  const file = directory.write('locked/dump.rdb', twoDatabases('x'));
  fs.mkdirSync(`${file}.rdbx`);
  const { code, stderr } = await cli(['get', file, 'twice', '--index']);
  expect(code).toBe(70);
  expect(stderr).toContain('cannot write');
  expect(fs.readdirSync(directory.path('locked')).sort()).toEqual(['dump.rdb', 'dump.rdb.rdbx']);
});

it('leaves the dump alone', async () => {
  const before = fs.statSync(fixturePath('redis-7.0/types'));
  await cli(['get', fixturePath('redis-7.0/types'), 'str:hello']);
  expect(fs.statSync(fixturePath('redis-7.0/types')).mtimeMs).toBe(before.mtimeMs);
});
