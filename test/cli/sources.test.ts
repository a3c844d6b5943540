/** Where dumps come from: files, standard input, URLs, and directories by the rules of a server. */
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAof, looksLike } from '../../src/cli/recognize.js';
import { bytesOf } from '../support/file-builder.js';
import { fixturePath, readFixture } from '../support/fixtures.js';
import { cli, linesOf, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();
const dump = fixturePath('redis-7.0/types');
const content = readFixture('redis-7.0/types');
let keys = '';

beforeAll(async () => {
  keys = (await cli(['keys', dump])).stdout;
});

describe('standard input', () => {
  it.each<[string, Uint8Array]>([
    ['plain', content],
    ['gzipped', gzipSync(content)],
    ['gzipped twice', gzipSync(gzipSync(content))],
  ])('%s', async (_, input) => {
    expect(await cli(['keys', '-'], { input })).toMatchObject({ code: 0, stdout: keys, stderr: '' });
  });
});

describe('URLs', () => {
  let server: http.Server;
  let origin = '';
  beforeAll(async () => {
    server = http.createServer((request, response) => {
      if (request.url === '/gone.rdb') response.writeHead(404).end();
      else if (request.url === '/moved.rdb') response.writeHead(302, { location: '/dump.rdb.gz' }).end();
      else if (request.url === '/secret.rdb' && request.headers.authorization === undefined)
        response.writeHead(401).end();
      else response.end(request.url === '/dump.rdb.gz' ? gzipSync(content) : content);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  it.each(['dump.rdb', 'dump.rdb.gz', 'moved.rdb'])('%s', async (name) => {
    expect(await cli(['keys', `http://${origin}/${name}`])).toMatchObject({ code: 0, stdout: keys });
  });

  it('an error of the server is exit code 3', async () => {
    const { code, stderr } = await cli(['info', `http://${origin}/gone.rdb`]);
    expect(code).toBe(3);
    expect(stderr).toContain('HTTP 404 Not Found');
  });

  it('credentials are used, and never shown', async () => {
    const { code, stdout } = await cli(['info', `http://user:hunter2@${origin}/secret.rdb`]);
    expect(code).toBe(0);
    expect(stdout).not.toContain('hunter2');
    expect((await cli(['info', `http://user:hunter2@${origin}/gone.rdb`])).stderr).not.toContain('hunter2');
  });
});

describe('directories', () => {
  function dataDirectory(name: string, ...parts: ('dump' | 'appendonlydir' | 'appendonly.aof')[]): string {
    if (parts.includes('dump')) directory.write(`${name}/dump.rdb`, content);
    if (parts.includes('appendonly.aof')) directory.write(`${name}/appendonly.aof`, '*1\r\n$4\r\nPING\r\n');
    if (parts.includes('appendonlydir')) {
      directory.write(`${name}/appendonlydir/appendonly.aof.1.base.rdb`, content);
      directory.write(`${name}/appendonlydir/appendonly.aof.manifest`, 'file appendonly.aof.1.base.rdb seq 1 type b\n');
    }
    return directory.path(name);
  }

  it('of shards are all of them, in the order of their names', async () => {
    directory.write('shards/b.rdb', readFixture('redis-7.0/lists'));
    directory.write('shards/a.rdb', content);
    directory.write('shards/notes.txt', 'not a dump');
    const shards = directory.path('shards');
    const lists = (await cli(['keys', fixturePath('redis-7.0/lists')])).stdout;
    expect(await cli(['keys', shards])).toMatchObject({ code: 0, stdout: keys + lists, stderr: '' });
    expect(linesOf((await cli(['keys', shards, '-l', '240'])).stdout)).toHaveLength(240);
    expect(linesOf((await cli(['info', '--json', shards])).stdout)).toHaveLength(2);
    expect(JSON.parse((await cli(['export', '-f', 'json', shards])).stdout)).toHaveLength(linesOf(keys + lists).length);
    expect((await cli(['get', shards, 'list:empties', '--path', '0..0'])).code).toBe(0);
    const explained = await cli(['explain', shards, '--offset', '0']);
    expect(explained.code).toBe(3);
    expect(explained.stderr).toContain('holds 2 dumps, and one is wanted');
  });

  it('of a server stand for its append-only files, as it would load them', async () => {
    for (const parts of [
      ['dump', 'appendonlydir'],
      ['dump', 'appendonly.aof'],
    ] as const) {
      const data = dataDirectory(`data-${parts[1]}`, ...parts);
      for (const command of ['info', 'check', 'keys']) {
        const { code, stderr } = await cli([command, data]);
        expect(code).toBe(0);
        expect(stderr).toMatch(/^rdb-inspect: reading .*appendonly\S+, written \S+Z, as old as .*dump\.rdb\n/);
      }
    }
  });

  it('of a server give their dump where that is asked for, with its age', async () => {
    const data = dataDirectory('data', 'dump', 'appendonlydir');
    const hourAgo = Date.now() / 1000 - 7200;
    fs.utimesSync(directory.path('data/dump.rdb'), hourAgo, hourAgo);
    const { code, stdout, stderr } = await cli(['keys', data, '--source', 'rdb']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: keys });
    expect(stderr).toMatch(/^rdb-inspect: reading .*dump\.rdb, written \S+Z, 2 h older than .*appendonlydir\n$/);
    expect((await cli(['keys', data, '--source', 'rdb', '-q'])).stderr).toBe('');
  });

  it('of append-only files are read as a server would load them', async () => {
    const data = dataDirectory('aof', 'appendonlydir');
    const manifest = `${data}/appendonlydir/appendonly.aof.manifest`;
    for (const name of [data, `${data}/appendonlydir`, manifest]) {
      const { code, stdout } = await cli(['keys', name]);
      expect([code, stdout.split('\n').length]).toEqual([0, keys.split('\n').length]);
      expect((await cli(['info', name])).stdout).toContain('238 keys in the dump that it begins with');
    }
    expect((await cli(['keys', `${data}/appendonlydir`, '--source', 'rdb'])).code).toBe(0);
  });

  it('of no known kind are refused with a hint', async () => {
    directory.write('other/notes.txt', 'nothing');
    const { code, stderr } = await cli(['check', directory.path('other')]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/is a directory without a dump .*\nhint: name a file/);
    expect((await cli(['info', directory.path('other'), '--source', 'aof'])).stderr).toContain(
      'holds no append-only file',
    );
  });
});

describe('what bytes look like', () => {
  it.each([
    ['PK\x03\x04', /zip/],
    ['BZh91AY', /bzip2/],
    ['\xfd7zXZ\0', /xz/],
    [`${'a'.repeat(257)}ustar`, /tar/],
    ['$1234\r\nREDIS0010', /replication/],
    ['$EOF:0123456789abcdef0123456789abcdef01234567\r\n', /replication/],
    ['+OK\r\n', /replies/],
    ['{"a": 1}', /JSON/],
    ['[ [1', /JSON/],
    ['\0'.repeat(100), /zeros/],
    ['version https://git-lfs.github.com/spec/v1', /Git LFS/],
    ['  <?xml version="1.0"?>', /web page/],
  ])('%j', (text, what) => {
    expect(looksLike(bytesOf(text))).toMatch(what);
  });

  it.each(['REDIS0010', 'hello', '', '\0\0'])('%j like nothing', (text) => {
    expect(looksLike(bytesOf(text))).toBeUndefined();
  });

  it.each([
    ['*3\r\n', true],
    ['#TS:1', true],
    ['*', false],
    ['*x', false],
    ['# comment', false],
    ['', false],
  ])('%j an AOF: %s', (text, expected) => {
    expect(isAof(bytesOf(text))).toBe(expected);
  });
});
