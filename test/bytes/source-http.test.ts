import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { UnsupportedError } from '../../src/bytes/errors.js';
import { openSource } from '../../src/bytes/source.js';
import { expectSame, readAll, readUntilError, sampleBytes } from './source-reading.js';

const data = sampleBytes(2_000_003, 3);
let server: Server;
let base = '';
const hungUp: string[] = [];

const answer: RequestListener = (request, response) => {
  const path = request.url ?? '';
  if (path === '/plain') response.writeHead(200, { 'content-length': data.length }).end(data);
  else if (path === '/unsized') response.writeHead(200).end(data);
  else if (path === '/dump.rdb.gz')
    response.writeHead(200, { 'content-length': gzipSync(data).length }).end(gzipSync(data));
  else if (path === '/encoded') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(data));
  else if (path === '/moved') response.writeHead(302, { location: '/plain' }).end();
  else if (path === '/nothing') response.writeHead(204).end();
  else if (path === '/headers') response.end(JSON.stringify(request.headers));
  else if (path === '/slow' || path === '/cut') {
    response.writeHead(200, { 'content-length': data.length }).write(data.subarray(0, 100_000));
    response.on('close', () => hungUp.push(path));
    if (path === '/cut') setTimeout(() => response.destroy(), 20);
  } else response.writeHead(404).end('no such dump');
};

beforeAll(async () => {
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

it('streams a body whose size the server names', async () => {
  const source = await openSource(`${base}/plain`);
  expect([source.name, source.sizeBytes, source.totalBytes]).toEqual([`${base}/plain`, data.length, data.length]);
  expectSame(await readAll(source), data);
  expect(source.consumedBytes).toBe(data.length);
});

it.each(['/unsized', '/moved', '/encoded', '/dump.rdb.gz'])('streams %s', async (path) => {
  const source = await openSource(new URL(path, base));
  expect(source.sizeBytes).toBe(path === '/moved' ? data.length : undefined);
  expect(source.compression).toBe(path === '/dump.rdb.gz' ? 'gzip' : undefined);
  expectSame(await readAll(source), data);
});

it('takes an answer without a body for no bytes', async () => {
  expect((await readAll(await openSource(`${base}/nothing`))).length).toBe(0);
});

it('refuses a status other than 2xx', async () => {
  const opening = openSource(`${base}/missing`);
  await expect(opening).rejects.toThrow(UnsupportedError);
  await expect(opening).rejects.toThrow(/^HTTP 404 Not Found from http:/);
});

it('says why there was no answer', async () => {
  const opening = openSource('http://127.0.0.1:1/x');
  await expect(opening).rejects.toThrow(UnsupportedError);
  await expect(opening).rejects.toThrow(/failed after 0 bytes: (connect ECONNREFUSED|bad port)/);
});

it('a transfer that is cut is an error after the bytes that came', async () => {
  const { bytes, error } = await readUntilError(`${base}/cut`);
  expectSame(bytes, data.subarray(0, bytes.length));
  expect(bytes.length).toBeGreaterThan(0);
  expect(error).toMatchObject({ code: 'UNSUPPORTED_INPUT', offset: bytes.length });
});

it('sends credentials as a header, and shows them to nobody', async () => {
  const source = await openSource(`${base.replace('//', '//me:s%C3%A9cret@')}/headers`);
  expect(source.name).toBe(`${base}/headers`);
  const headers = JSON.parse(new TextDecoder().decode(await readAll(source)));
  expect(headers).toMatchObject({ authorization: `Basic ${Buffer.from('me:sécret').toString('base64')}` });
  expect(headers).toMatchObject({ 'accept-encoding': 'identity' });
});

it('aborts while it waits, and hangs up on close', async () => {
  const reason = new Error('enough');
  const controller = new AbortController();
  const source = await openSource(`${base}/slow`, { signal: controller.signal });
  setTimeout(() => controller.abort(reason), 30);
  await expect(readAll(source)).rejects.toBe(reason);
  const other = await openSource(`${base}/slow`);
  await other.read(new Uint8Array(10), 0, 10);
  await other.close();
  await expect.poll(() => hungUp.filter((path) => path === '/slow').length).toBe(2);
});

it('uses the fetch that it is given', async () => {
  const source = await openSource('https://dumps.test/a.rdb', {
    fetch: async () => new Response(new Uint8Array([1, 2, 3])),
  });
  expect([...(await readAll(source))]).toEqual([1, 2, 3]);
});
