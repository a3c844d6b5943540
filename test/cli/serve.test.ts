/** `serve <src>`: a dump or a log to be looked at, in each form in which it may be named. */
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FIXTURES, fixturePath, readFixture } from '../support/fixtures.js';
import { clientOf, type ServeOptions, serve, serveInVain } from '../support/served-command.js';
import { temporaryDirectory } from './run-cli.js';

const tmp = temporaryDirectory();
const DUMP = fixturePath('redis-7.0/types');
const LOG = path.join(FIXTURES, 'redis-7.0/aof-preamble/appendonlydir');
const IN_PLACE = 'keys are decoded when they are asked for';
const NOTHING_WRITTEN = "READONLY You can't write against a read only replica.";

describe('a dump', () => {
  it('is read and cannot be written to', async () => {
    const { send, log, end } = await serve([DUMP]);
    expect(log()).toContain(`Opened ${DUMP} read-only in `);
    expect(log()).toContain(IN_PLACE);
    expect(await send('DBSIZE')).toBe(214);
    expect(await send('LRANGE', 'list:long', 0, -1)).toHaveLength(600);
    expect(String(await send('HGET', 'exp:hash', 'a'))).toBe('b');
    for (const write of [['SET', 'a', '1'], ['DEL', 'list:long'], ['FLUSHALL'], ['EXPIRE', 'list:long', '1']])
      await expect(send(...write)).rejects.toThrow(NOTHING_WRITTEN);
    expect(await send('DBSIZE')).toBe(214);
    expect(await end()).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(log()).toMatch(/Received SIGTERM: shutting down\n.* rdb-inspect is now ready to exit, bye bye\.\.\.\n$/);
  });

  it('stays as it is, byte for byte', async () => {
    const copy = tmp.write('same/dump.rdb', readFixture('redis-7.0/types'));
    const { send, end } = await serve([copy]);
    for (const command of ['SAVE', 'BGSAVE', 'BGREWRITEAOF'])
      await expect(send(command)).rejects.toThrow('ERR nothing is saved: the server reads a file and does not write');
    expect(Number(await send('LASTSAVE')) * 1000).toBeGreaterThan(Date.now() - 60_000);
    expect(await end()).toMatchObject({ code: 0 });
    expect(fs.readdirSync(path.dirname(copy))).toEqual(['dump.rdb']);
    expect(fs.readFileSync(copy).equals(readFixture('redis-7.0/types'))).toBe(true);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'is let go by %s, with exit code 0 and clients that wait',
    async (name) => {
      const running = await serve([DUMP]);
      const waiting = await clientOf(running);
      const reply = waiting.send('XREAD', 'BLOCK', 0, 'STREAMS', 'nothing', '$').catch((error: Error) => error.message);
      await running.send('PING');
      expect(await running.end(name)).toMatchObject({ code: 0, signal: null, stderr: '' });
      expect(await reply).toBe('the server closed the connection');
    },
  );

  it('is let go by SHUTDOWN', async () => {
    const running = await serve([DUMP]);
    await expect(running.send('SHUTDOWN')).rejects.toThrow('closed');
    expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
  });
});

interface Form {
  readonly name: string;
  readonly args: readonly string[];
  readonly options?: ServeOptions;
  readonly says: string;
  readonly keys: number;
}

describe('a source', () => {
  const shards = path.dirname(DUMP);
  const forms: readonly Form[] = [
    { name: 'a directory with a dump', args: [shards], says: `Opened ${DUMP} read-only`, keys: 214 },
    { name: 'an append-only directory', args: [LOG], says: 'loaded, since it is a log', keys: 262 },
    {
      name: 'a data directory with both, of which the log counts',
      args: [path.dirname(LOG)],
      says: `reading ${LOG}, `,
      keys: 262,
    },
    { name: 'a manifest', args: [path.join(LOG, 'appendonly.aof.manifest')], says: 'since it is a log', keys: 262 },
    { name: 'a redirected dump', args: ['-'], options: { input: DUMP }, says: 'Opened standard input', keys: 214 },
    {
      name: 'a piped dump',
      args: ['-'],
      options: { input: readFixture('redis-7.0/types') },
      says: 'Opened standard input read-only',
      keys: 214,
    },
    {
      name: 'a piped and compressed dump',
      args: ['-'],
      options: { input: gzipSync(readFixture('redis-7.0/types')) },
      says: 'loaded, since it is compressed (gzip)',
      keys: 214,
    },
    {
      name: 'a piped log',
      args: ['-'],
      options: { input: Buffer.from('*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n') },
      says: 'loaded, since it is a log',
      keys: 1,
    },
  ];

  it.each(forms)('may be $name', async ({ args, options, says, keys }) => {
    const { send, log, end } = await serve(args, options);
    expect(log()).toContain(says);
    expect(await send('DBSIZE')).toBe(keys);
    await expect(send('SET', 'a', '1')).rejects.toThrow(NOTHING_WRITTEN);
    expect(await end()).toMatchObject({ code: 0, stderr: '' });
  });

  it('may be a URL', async () => {
    const site = http.createServer((_, response) => response.end(readFixture('redis-7.0/types')));
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    const { send, end } = await serve([`http://127.0.0.1:${(site.address() as AddressInfo).port}/dump.rdb`]);
    expect(await send('DBSIZE')).toBe(214);
    expect(await end()).toMatchObject({ code: 0, stderr: '' });
    site.close();
  });

  it('takes settings behind it', async () => {
    const { send, end } = await serve([DUMP, '--requirepass', 'secret', '--databases', '300', '--maxclients', '7']);
    await expect(send('DBSIZE')).rejects.toThrow('NOAUTH');
    expect(await send('AUTH', 'secret')).toBe('OK');
    expect(await send('SELECT', 299)).toBe('OK');
    expect(String(await send('CONFIG', 'GET', 'maxclients'))).toBe('maxclients,7');
    expect(await end()).toMatchObject({ code: 0 });
  });
});

describe('a source that is none', () => {
  it('ends with 3 where it is not there', async () => {
    const missing = await serveInVain([tmp.path('nowhere.rdb')]);
    expect(missing.code).toBe(3);
    expect(missing.stderr).toBe(
      `rdb-inspect: ${tmp.path('nowhere.rdb')}: no such file or directory\n` +
        'hint: paths count from the current directory; - is standard input\n',
    );
  });

  it('ends with 3 where a directory holds nothing, or too much', async () => {
    fs.mkdirSync(tmp.path('empty'));
    expect(await serveInVain([tmp.path('empty')])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('is a directory without a dump'),
    });
    for (const name of ['a.rdb', 'b.rdb']) tmp.write(`two/${name}`, readFixture('redis-7.0/lists'));
    expect(await serveInVain([tmp.path('two')])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('holds 2 dumps, and one is wanted'),
    });
  });

  it('ends with 3 where it is neither a dump nor a log', async () => {
    const page = await serveInVain([tmp.write('page.rdb', '<html></html>')]);
    expect(page.code).toBe(3);
    expect(page.stderr).toContain('page.rdb: neither REDIS nor VALKEY stands at the start (NOT_RDB at offset 0)\n');
    expect(page.stderr).toContain('hint: it looks like a web page');
    expect(await serveInVain([tmp.write('nothing.rdb', '')])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('EMPTY_INPUT'),
    });
  });

  it('ends with 2 where there are two', async () => {
    const two = await serveInVain([DUMP, DUMP]);
    expect(two.code).toBe(2);
    expect(two.stderr).toContain(`one source is served, and ${DUMP} stands behind it`);
  });

  it('ends with 1 where it is damaged, and says where', async () => {
    const bytes = readFixture('redis-7.0/types');
    bytes[5000]! ^= 1;
    const damaged = await serveInVain([tmp.write('damaged.rdb', bytes)]);
    expect(damaged.code).toBe(1);
    expect(damaged.stderr).toMatch(
      /damaged\.rdb: the checksum in the file is .* \(CHECKSUM_MISMATCH at offset 165139\)/,
    );
    expect(damaged.stderr).toContain('hint: --rdbchecksum no serves it all the same');

    const { send, end } = await serve([tmp.path('damaged.rdb'), '--rdbchecksum', 'no']);
    expect(await send('DBSIZE')).toBe(214);
    expect(await end()).toMatchObject({ code: 0 });
  });

  it('ends with 1 where it is cut short, and says where', async () => {
    const cut = await serveInVain([tmp.write('cut.rdb', readFixture('redis-7.0/types').subarray(0, 2000))]);
    expect(cut.code).toBe(1);
    expect(cut.stderr).toMatch(/cut\.rdb: the input ends at 2000 .*\(TRUNCATED at offset \d+/);
  });
});
