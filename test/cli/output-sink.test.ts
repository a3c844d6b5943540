/** The lowest layer of output: every byte arrives, whatever the system takes at a time. */
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { OutputError } from '../../src/cli/failures.js';
import { type WriteCalls, writeFully } from '../../src/cli/sink.js';
import { keyRecord, rdbFile, str } from '../support/file-builder.js';
import { cli, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();
const BIN = fileURLToPath(new URL('../../bin/rdb-inspect.js', import.meta.url));
const BYTES = Uint8Array.from({ length: 100 }, (_, index) => index);

/** A system that answers each call with the next of `answers`: so many bytes, or an error; then it takes all. */
function scripted(answers: readonly (number | string)[]): WriteCalls & { taken: number[]; waits: number[] } {
  const left = [...answers];
  const taken: number[] = [];
  const waits: number[] = [];
  return {
    taken,
    waits,
    writeSync(_, bytes, pos, length) {
      const answer = left.shift() ?? length;
      if (typeof answer === 'string') throw Object.assign(new Error(`${answer}: no, write`), { code: answer });
      taken.push(...bytes.subarray(pos, pos + answer));
      return answer;
    },
    sleep: (ms) => waits.push(ms),
  };
}

describe('writeFully', () => {
  it.each<[string, (number | string)[], number]>([
    ['everything at once', [], 0],
    ['short writes', [1, 2, 3, 50], 0],
    ['one byte at a time', Array.from({ length: 80 }, () => 1), 0],
    ['a full pipe', ['EAGAIN', 'EAGAIN', 'EAGAIN'], 3],
    ['both, in turn', [10, 'EAGAIN', 1, 'EAGAIN', 'EAGAIN', 30], 3],
  ])('%s', (_, answers, waits) => {
    const calls = scripted(answers);
    writeFully(1, 'it', BYTES, 7, 93, calls);
    expect(calls.taken).toEqual([...BYTES.subarray(7, 93)]);
    expect(calls.waits).toHaveLength(waits);
  });

  it('sleeps longer while nothing is taken, up to a bound, and shortly again once something was', () => {
    const calls = scripted([...Array<string>(10).fill('EAGAIN'), 1, 'EAGAIN']);
    writeFully(1, 'it', BYTES, 0, 100, calls);
    expect(calls.waits).toEqual([0.25, 0.5, 1, 2, 4, 8, 16, 16, 16, 16, 0.25]);
  });

  it('writes nothing where there is nothing', () => {
    const calls = scripted(['ENOSPC']);
    writeFully(1, 'it', BYTES, 5, 5, calls);
    expect(calls.taken).toEqual([]);
  });

  it.each([
    ['ENOSPC', 'cannot write it: no', false],
    ['EPIPE', 'cannot write it: no', true],
    [0, 'cannot write it: nothing was taken', false],
  ])('ends with %s after what was written before', (failure, message, isClosedPipe) => {
    const calls = scripted([3, failure]);
    let thrown: unknown;
    try {
      writeFully(1, 'it', BYTES, 0, 100, calls);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(OutputError);
    expect(thrown).toMatchObject({ message, isClosedPipe });
    expect(calls.taken).toEqual([0, 1, 2]);
  });
});

describe.runIf(process.platform === 'linux')('a pipe that does not block', () => {
  it('gets everything, however slowly it is read', async () => {
    // Some hundred times what a pipe holds, so that writing meets a full one again and again.
    const record = keyRecord(0, 'key', str('v'.repeat(4000)));
    const dump = directory.write('dump.rdb', rdbFile('REDIS0004', ...Array.from({ length: 1500 }, () => record)));
    const fifo = directory.path('fifo');
    execFileSync('mkfifo', [fifo]);
    const { O_RDONLY, O_WRONLY, O_NONBLOCK } = fs.constants;
    const from = fs.openSync(fifo, O_RDONLY | O_NONBLOCK);
    const to = fs.openSync(fifo, O_WRONLY | O_NONBLOCK);
    const child = spawn(process.execPath, [BIN, 'export', '-f', 'ndjson', dump], { stdio: ['ignore', to, 'inherit'] });
    fs.closeSync(to);
    const ended = new Promise((resolve) => child.on('close', resolve));
    const pieces: Buffer[] = [];
    const buffer = Buffer.alloc(100_000);
    for (let turn = 0; ; turn++) {
      const count = readNow(from, buffer);
      if (count === 0) break;
      if (count > 0) pieces.push(Buffer.from(buffer.subarray(0, count)));
      if (turn % 4 === 0 || count < 0) await sleep(1);
    }
    fs.closeSync(from);
    expect(await ended).toBe(0);
    const { bytes } = await cli(['export', '-f', 'ndjson', dump]);
    expect(bytes.length).toBeGreaterThan(5_000_000);
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
  });
});

/** How many bytes there were; 0 at the end, -1 where there are none yet. */
function readNow(fd: number, buffer: Buffer): number {
  try {
    return fs.readSync(fd, buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    return -1;
  }
}
