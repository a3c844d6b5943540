/** Commands passed by the kernel against those read one by one: the same report, whatever the log has in it and wherever it ends. */
import fs from 'node:fs';
import { describe, expect, it, vi } from 'vitest';

// Both sides are compared, whatever the environment says.
vi.hoisted(() => vi.stubEnv('RDB_INSPECT_KERNEL', ''));

import { checkFile } from '../../src/aof/check/check-file.js';
import { CheckHandler } from '../../src/aof/check/check-handler.js';
import { singleFileLog } from '../../src/aof/read.js';
import { compress } from '../../src/codecs/lzf.js';
import * as workspace from '../../src/kernels/workspace.js';
import { findTarget, type Target } from '../../src/rdb/versions.js';
import { joined, listAofFixtures, logged, text } from '../support/aof-files.js';
import { prefixes } from '../support/packed.js';
import { random, randomSizes } from '../support/random.js';

const SEED = 20261128;

/** One for all, as only so many may be open; what earlier logs left in its memory must not matter. */
const home = workspace.openWorkspace()!;
// The codec keeps a workspace of its own, which must not become this one.
compress(new Uint8Array(1000));

async function* chunks(log: Uint8Array, size: () => number): AsyncGenerator<Uint8Array> {
  for (let pos = 0; pos < log.length; ) {
    const end = Math.min(log.length, pos + size());
    yield log.subarray(pos, end);
    pos = end;
  }
}

interface Run {
  readonly target?: Target;
  readonly chunk?: () => number;
}

async function report(log: Uint8Array, { target, chunk = () => 65_536 }: Run): Promise<unknown> {
  const { error, ...found } = await checkFile(singleFileLog(chunks(log, chunk)).files[0]!, target && { target });
  return { ...found, error: error && { ...error, message: error.message } };
}

async function expectSame(log: Uint8Array, run: Run = {}): Promise<void> {
  const compiled = await within(home, () => report(log, run));
  expect(compiled).toEqual(await within(undefined, () => report(log, run)));
}

async function within<Result>(opened: typeof home | undefined, run: () => Promise<Result>): Promise<Result> {
  const open = vi.spyOn(workspace, 'openWorkspace').mockReturnValue(opened);
  const result = await run();
  expect(open).toHaveBeenCalled();
  open.mockRestore();
  return result;
}

/** Names of the commands that were looked at one by one. */
async function leftOver(log: Uint8Array): Promise<string[]> {
  const names: string[] = [];
  const { command } = CheckHandler.prototype;
  const spy = vi.spyOn(CheckHandler.prototype, 'command').mockImplementation(function (this: CheckHandler, view) {
    names.push(view.name());
    command.call(this, view);
  });
  await within(home, () => report(log, {}));
  spy.mockRestore();
  return names;
}

const SET = logged('SET', 'k', 'v');
const MULTI = logged('MULTI');
const EXEC = logged('EXEC');
const DB1 = logged('SELECT', '1');
/** After it all of these names are known to the kernel. */
const KNOWN = joined(logged('SELECT', '0'), SET, logged('DEL', 'k'), MULTI, SET, EXEC);

describe('what is passed', () => {
  it('is every plain command but the first of its name', async () => {
    const plain = [SET, logged('DEL', 'k'), logged('SET', 'k', ''), logged('SET', 'k', 'x'.repeat(70_000)), DB1];
    expect(await leftOver(joined(KNOWN, ...plain, MULTI, SET, SET, EXEC, SET))).toEqual([
      'SELECT',
      'SET',
      'DEL',
      'MULTI',
      'EXEC',
    ]);
  });

  it('is a command in lower case, and one with as many arguments as there may be', async () => {
    const many = logged('del', ...Array.from({ length: 1000 }, (_, index) => `key:${index}`));
    expect(await leftOver(joined(many, many, logged('set', 'a', 'b'), logged('set', 'c', 'd')))).toEqual([
      'DEL',
      'SET',
    ]);
  });

  it.each([
    ['a relative time', logged('SET', 'k', 'v', 'EX', '10'), ['SET']],
    ['a relative time in any case', logged('SET', 'k', 'v', 'NX', 'px', '10'), ['SET']],
    ['too few arguments', logged('SET', 'k'), ['SET']],
    ['too many arguments', logged('EXEC', 'k'), ['EXEC']],
    ['a stray EXEC', EXEC, ['EXEC']],
    ['a nested MULTI', joined(MULTI, SET, MULTI, SET, EXEC), ['MULTI', 'MULTI', 'EXEC']],
    ['a transaction that selects', joined(MULTI, DB1, EXEC), ['MULTI', 'SELECT', 'EXEC']],
    ['a transaction without end', joined(MULTI, SET), ['MULTI']],
    ['a database of two digits', logged('SELECT', '12'), ['SELECT']],
    ['an unknown name', logged('SETT', 'k', 'v'), ['SETT']],
    ['a name with a zero behind it', logged('SET\0', 'k', 'v'), ['SET\0']],
    ['a subcommand', logged('XGROUP', 'CREATE', 'k', 'g', '$'), ['XGROUP']],
    ['a time that counts from now', logged('EXPIRE', 'k', '10'), ['EXPIRE']],
    ['zeros in front of a size', text('*3\r\n$03\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n'), ['SET']],
    ['zeros in front of a count', text('*03\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n'), ['SET']],
    ['a missing size', text('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$\r\n\r\n'), ['SET']],
  ])('is not %s', async (_, bytes, names) => {
    const log = joined(KNOWN, bytes, bytes, SET, SET);
    const left = (await leftOver(log)).slice(5);
    expect(left).toEqual(expect.arrayContaining(names));
    await expectSame(log);
  });

  it('is what each target has nothing to say about', async () => {
    const names = ['HSETEX', 'HEXPIRE', 'XADD', 'GEOSEARCHSTORE', 'RESTORE', 'DELEX', 'SPUBLISH', 'COPY', 'GETEX'];
    const log = joined(
      KNOWN,
      ...names.flatMap((name) => [1, 2, 3].map(() => logged(name, 'a', 'b', 'c', 'EX', '5', '6'))),
    );
    for (const name of ['redis:2.8', 'redis:7.0', 'redis:8.0', 'valkey:9.0']) {
      const target = findTarget(name);
      await expectSame(log, target && { target });
    }
  });
});

describe('the same report', () => {
  /** Everything that moves the state, annotations between. */
  const mixed = joined(
    KNOWN,
    text('#TS:1700000000\r\n'),
    DB1,
    MULTI,
    SET,
    text('#TS:1700000001\r\n'),
    EXEC,
    SET,
    logged('SELECT', '0'),
    MULTI,
    logged('SET', 'a', 'EX'),
    logged('DEL', 'k'),
    EXEC,
    logged('HSET', 'h', 'f', 'x'.repeat(123)),
    logged('HSET', 'h', 'f', 'x'.repeat(12)),
    SET,
  );

  it('at every end', async () => {
    for (const log of prefixes(mixed)) await expectSame(log);
    await expectSame(mixed);
  });

  it('for every size of chunks', async () => {
    for (let size = 1; size < 60; size++) await expectSame(mixed, { chunk: () => size });
  });

  it('for every byte of a command', async () => {
    const bytes = joined(SET, SET);
    const from = KNOWN.length + 2 * SET.length;
    for (let at = 0; at < SET.length; at++) {
      for (const byte of [0x00, 0x0a, 0x0d, 0x24, 0x2a, 0x2b, 0x2d, 0x30, 0x31, 0x32, 0x39, 0x3a, 0x20, 0xff]) {
        const log = joined(KNOWN, SET, SET, bytes, SET, EXEC, SET);
        log[from + at] = byte;
        await expectSame(log);
      }
    }
  });

  it('for numbers of all sizes', async () => {
    for (const size of [9, 10, 99, 100, 999, 1000, 9_999, 99_999, 100_000, 999_999, 1_000_000, 5_000_000]) {
      const log = joined(KNOWN, logged('SET', 'k', new Uint8Array(size).fill(0x0d)), SET);
      await expectSame(log, { chunk: () => 1_000_003 });
    }
    for (const size of ['9999999', '99999999', '999999999', '4294967299', '18446744073709551619', '9'.repeat(140)])
      await expectSame(joined(KNOWN, SET, text(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${size}\r\nv\r\n`), SET));
    for (const count of ['0', '1', '-1', '9999999', '4294967299', '9'.repeat(140)])
      await expectSame(joined(KNOWN, SET, text(`*${count}\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n`), SET));
  });

  it(`for random logs, sound and damaged (seed ${SEED})`, async () => {
    const next = random(SEED);
    const parts = [
      SET,
      SET,
      DB1,
      MULTI,
      EXEC,
      logged('DEL', 'a', 'b'),
      logged('SET', 'k', 'v', 'EX', '9'),
      logged('NONE'),
    ];
    parts.push(text('#TS:1700000009\r\n'), logged('ZADD', 'z', '1', 'm'), logged('set', 'k', 'x'.repeat(300)));
    for (let round = 0; round < 300; round++) {
      const chosen = Array.from({ length: 40 }, () => parts[Math.floor(next() * parts.length)]!);
      const log = joined(KNOWN, ...chosen);
      const chunk = randomSizes(round, 200);
      await expectSame(log, { chunk });
      log[Math.floor(next() * log.length)] = next() * 256;
      await expectSame(log, { chunk: randomSizes(round, 200) });
    }
  });

  it.each(listAofFixtures())('$name', async ({ path }) => {
    const log = new Uint8Array(fs.readFileSync(path));
    await expectSame(log);
    await expectSame(log, { chunk: randomSizes(SEED, 9000) });
    const next = random(SEED);
    for (let round = 0; round < 10; round++) {
      const damaged = log.slice();
      damaged[Math.floor(next() * log.length)] = next() * 256;
      await expectSame(damaged);
      await expectSame(log.subarray(0, Math.floor(next() * log.length)));
    }
  });
});
