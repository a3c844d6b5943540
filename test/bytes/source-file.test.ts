import { execFileSync, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UnsupportedError } from '../../src/bytes/errors.js';
import { openSource } from '../../src/bytes/source.js';
import { openSourceSync } from '../../src/bytes/source-sync.js';
import { codeOf, expectSame, joined, readAll, readAllSync, sampleBytes } from './source-reading.js';

const data = sampleBytes(300_000, 7);
let folder = '';
let files = 0;

beforeAll(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'rdb-inspect-file-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

function newFile(bytes: Uint8Array): string {
  const path = join(folder, `file-${++files}.bin`);
  fs.writeFileSync(path, bytes);
  return path;
}

describe('a file that changes while it is read', () => {
  it('is read as long as it was when it grows', async () => {
    const path = newFile(data);
    const source = await openSource(path);
    const buffer = new Uint8Array(1000);
    await source.read(buffer, 0, 1000);
    fs.appendFileSync(path, data);
    expect(source.sizeBytes).toBe(data.length);
    expectSame(joined([buffer, await readAll(source)]), data);
  });

  it('is read as it was when another takes its name, or none', async () => {
    const path = newFile(data);
    const source = await openSource(path);
    fs.renameSync(newFile(new Uint8Array(10)), path);
    expectSame(await readAll(source), data);
    const removed = newFile(data);
    const other = openSourceSync(removed);
    fs.unlinkSync(removed);
    expectSame(readAllSync(other), data);
  });

  it('ends early when it shrinks, while the size stays what it was', async () => {
    const path = newFile(data);
    const source = await openSource(path);
    fs.truncateSync(path, 100_000);
    expect((await readAll(source)).length).toBe(100_000);
    expect(source.sizeBytes).toBe(data.length);
  });
});

describe('what is no readable file', () => {
  it('a directory is UNSUPPORTED_INPUT', async () => {
    expect(await codeOf(() => openSource(folder))).toBe('UNSUPPORTED_INPUT');
    expect(await codeOf(() => openSourceSync(folder))).toBe('UNSUPPORTED_INPUT');
    await expect(openSource(folder)).rejects.toThrow('is a directory');
  });

  it('a missing file, or one below a file, is the error of the system', async () => {
    const missing = join(folder, 'missing');
    await expect(openSource(missing)).rejects.toMatchObject({ code: 'ENOENT', path: missing });
    expect(() => openSourceSync(missing)).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    await expect(openSource(join(newFile(data), 'x'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it('a file without permission is the error of the system', async () => {
    const path = newFile(data);
    fs.chmodSync(path, 0);
    await asOrdinaryUser(async () => {
      await expect(openSource(path)).rejects.toMatchObject({ code: 'EACCES' });
    });
  });

  it('a URL of another kind is UNSUPPORTED_INPUT', async () => {
    await expect(openSource(new URL('s3://bucket/dump.rdb'))).rejects.toThrow(UnsupportedError);
  });
});

it('a closed file is not read, whoever has its number now', async () => {
  const source = await openSource(newFile(data));
  await source.close();
  await source.close();
  const other = await openSource(newFile(data));
  expect(() => source.read(new Uint8Array(1), 0, 1)).toThrow('closed');
  await other.close();
});

describe.skipIf(process.platform === 'win32')('FIFOs and devices', () => {
  it('a FIFO is a stream of unknown size', async () => {
    const path = join(folder, 'fifo');
    execFileSync('mkfifo', [path]);
    const writer = fs.createWriteStream(path, { highWaterMark: 10_000 });
    writer.end(data);
    const source = await openSource(path);
    expect([source.sizeBytes, source.readAt]).toEqual([undefined, undefined]);
    expectSame(await readAll(source, 7777), data);
  });

  it('an abort does not wait for the writer of a FIFO', async () => {
    const path = join(folder, 'lonely');
    execFileSync('mkfifo', [path]);
    const opening = openSource(path, { signal: AbortSignal.timeout(30) });
    await expect(opening).rejects.toMatchObject({ name: 'TimeoutError' });
    // The open itself goes on until someone comes.
    fs.closeSync(fs.openSync(path, 'w'));
  });

  it('a FIFO cannot be read synchronously', async () => {
    const path = join(folder, 'fifo-sync');
    execFileSync('mkfifo', [path]);
    expect(await codeOf(() => openSourceSync(path))).toBe('UNSUPPORTED_INPUT');
  });

  it('/dev/null is empty, and no end is found in /dev/zero', async () => {
    expect((await readAll(await openSource('/dev/null'))).length).toBe(0);
    const source = await openSource('/dev/zero');
    expect(await source.read(new Uint8Array(5), 0, 5)).toBeGreaterThan(0);
    await source.close();
  });
});

describe.skipIf(process.platform === 'win32')('standard input', () => {
  const program = `
    import { openSource } from '${new URL('../../src/bytes/source.ts', import.meta.url).href}';
    import { stdinSource } from '${new URL('../../src/bytes/source-file.ts', import.meta.url).href}';
    const source = await openSource(stdinSource());
    const buffer = new Uint8Array(50_000);
    let size = 0, sum = 0;
    for (let got; (got = await source.read(buffer, 0, buffer.length)) > 0; size += got) {
      for (let i = 0; i < got; i++) sum = (sum * 31 + buffer[i]) | 0;
    }
    await source.close();
    console.log(JSON.stringify([source.name, size, sum, source.totalBytes ?? null]));
  `;
  const expected = data.reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, 0);

  async function run(stdin: number | 'pipe', feed: Uint8Array[]): Promise<unknown> {
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      stdio: [stdin, 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    for (const part of feed) {
      child.stdin?.write(part);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    child.stdin?.end();
    await new Promise((resolve) => child.on('close', resolve));
    return JSON.parse(text);
  }

  it('a pipe, fed slowly', async () => {
    const parts = [data.subarray(0, 1), data.subarray(1, 90_000), data.subarray(90_000)];
    expect(await run('pipe', parts)).toEqual(['stdin', data.length, expected, null]);
  });

  it('a file', async () => {
    const fd = fs.openSync(newFile(data), 'r');
    expect(await run(fd, [])).toEqual(['stdin', data.length, expected, data.length]);
    fs.closeSync(fd);
  });
});

/** Root may read everything: for its tests it steps down. */
async function asOrdinaryUser(run: () => Promise<void>): Promise<void> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid!(65534);
  try {
    await run();
  } finally {
    if (isRoot) process.seteuid!(0);
  }
}
