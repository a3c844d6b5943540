/** Where a log is cut: at times, offsets and commands, in any of its files, never inside of a transaction. */
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openAofLog } from '../../../src/aof/directory/directory.js';
import { planTruncate, type TruncatePlan } from '../../../src/aof/repair/truncate.js';
import type { TruncatePoint } from '../../../src/aof/repair/truncate-point.js';
import { nodeFiles } from '../../../src/bytes/files-node.js';
import { cli, temporaryDirectory } from '../../cli/run-cli.js';
import { joined, logged, text } from '../../support/aof-files.js';
import { readFixture } from '../../support/fixtures.js';

const time = (seconds: number): Uint8Array => text(`#TS:${seconds}\r\n`);
const A = logged('SET', 'a', '1');
const B = logged('SET', 'b', '2');
const FLUSH = logged('flushall');
const MULTI = logged('MULTI');
const EXEC = logged('EXEC');

const { path, write } = temporaryDirectory();

/** A log of pieces; the cut lies before the piece of this number. */
const cases: readonly [string, TruncatePoint, readonly Uint8Array[], number][] = [
  ['a time between', at(150), [time(100), A, time(200), B], 2],
  ['the time itself, which is kept', at(200), [time(100), A, time(200), B, time(201), A], 4],
  ['a time inside of a transaction', at(150), [time(100), A, MULTI, B, time(200), A, EXEC, B], 2],
  ['a time behind the last', at(300), [time(100), A, time(200), B], 4],
  ['annotations of other kinds', at(150), [time(100), text('#hello\r\n'), A, time(200)], 3],
  ['the end of an item', { kind: 'offset', offset: A.length }, [A, B], 1],
  ['inside of an item', { kind: 'offset', offset: A.length + 5 }, [A, B, A], 1],
  [
    'inside of a transaction',
    { kind: 'offset', offset: A.length + MULTI.length + B.length },
    [A, MULTI, B, EXEC, B],
    1,
  ],
  [
    'the end of a transaction',
    { kind: 'offset', offset: A.length + MULTI.length + B.length + EXEC.length },
    [A, MULTI, B, EXEC, B],
    4,
  ],
  ['offset 0', { kind: 'offset', offset: 0 }, [A, B], 0],
  ['beyond the end', { kind: 'offset', offset: 1e9 }, [A, B], 2],
  ['a command, in any case', before('FLUSHALL'), [A, FLUSH, B], 1],
  ['the second of them', before('FLUSHALL', 2), [A, FLUSH, B, FLUSH, B], 3],
  ['a command with arguments', { ...before('SET'), args: words('set', 'b') }, [A, B, A], 1],
  [
    'a command inside of a transaction',
    { ...before('SET'), args: words('SET', 'b', '2') },
    [A, MULTI, A, B, EXEC, B],
    1,
  ],
];

describe('one file', () => {
  it.each(cases)('%s', async (_, point, pieces, index) => {
    const file = write('one.aof', joined(...pieces));
    const plan = await planOf(file, point);
    expect(plan.end.offset).toBe(joined(...pieces.slice(0, index)).length);
    const isCommand = (piece: Uint8Array): boolean => piece[0] === 0x2a;
    expect(plan.commandsLost).toBe(pieces.slice(index).filter(isCommand).length);
  });

  it('leaves out a tail that is not whole', async () => {
    const plan = await planOf(write('tail.aof', joined(time(100), A, MULTI, B)), at(200));
    expect(plan).toMatchObject({
      isWhole: true,
      files: [{ cuts: [{ start: time(100).length + A.length, reason: 'tail' }] }],
    });
  });

  it.each<[string, TruncatePoint, Uint8Array, string]>([
    ['no times', at(100), A, 'times'],
    ['a base that is later', at(50), joined(time(100), A), 'base'],
    ['no such command', before('FLUSHALL'), A, 'command'],
    ['not so many of them', before('FLUSHALL', 2), joined(A, FLUSH), 'command'],
    ['an offset in the dump', { kind: 'offset', offset: 20 }, joined(readFixture('redis-7.0/types'), A), 'offset'],
    ['a dump that is later', at(1_000_000), joined(readFixture('redis-7.0/types'), time(100), A), 'base'],
  ])('says so: %s', async (_, point, bytes, why) => {
    await expect(planOf(write('never.aof', bytes), point)).rejects.toMatchObject({ why });
  });

  it('does not cut a damaged log behind the damage', async () => {
    const file = write('damaged.aof', joined(A, text('nonsense'), FLUSH));
    await expect(planOf(file, before('FLUSHALL'))).rejects.toMatchObject({ code: 'BAD_COMMAND' });
    expect(await planOf(file, before('SET'))).toMatchObject({ end: { offset: 0 } });
  });
});

describe('several files', () => {
  const files = {
    'appendonly.aof.1.base.aof': joined(time(100), A),
    'appendonly.aof.1.incr.aof': joined(time(110), B),
    'appendonly.aof.2.base.aof': joined(time(200), A, B),
    'appendonly.aof.2.incr.aof': joined(time(210), A, FLUSH, B),
    'appendonly.aof.3.incr.aof': joined(time(300), FLUSH, B),
    'appendonly.aof.manifest':
      'file appendonly.aof.2.base.aof seq 2 type b\nfile appendonly.aof.1.incr.aof seq 1 type h\nfile appendonly.aof.1.base.aof seq 1 type h\nfile appendonly.aof.2.incr.aof seq 2 type i\nfile appendonly.aof.3.incr.aof seq 3 type i\n',
  };
  const BASE = 'appendonly.aof.2.base.aof';
  const FIRST = 'appendonly.aof.2.incr.aof';
  const LAST = 'appendonly.aof.3.incr.aof';

  it.each<[string, readonly string[], Readonly<Record<string, Uint8Array>>]>([
    ['a time in the first increment', ['--to-time', '209'], { [BASE]: files[BASE], [FIRST]: new Uint8Array(0) }],
    [
      'a time between increments',
      ['--to-time', '299'],
      { [BASE]: files[BASE], [FIRST]: files[FIRST], [LAST]: new Uint8Array(0) },
    ],
    [
      'before the second FLUSHALL',
      ['--before-command', 'FLUSHALL', '--nth', '2'],
      { [BASE]: files[BASE], [FIRST]: files[FIRST], [LAST]: time(300) },
    ],
    [
      'at an offset of an earlier file',
      ['--to-offset', String(time(210).length + A.length), '--file', FIRST],
      { [BASE]: files[BASE], [FIRST]: joined(time(210), A) },
    ],
    [
      'at a time of the history',
      ['--to-time', '150', '--history'],
      {
        'appendonly.aof.1.base.aof': files['appendonly.aof.1.base.aof'],
        'appendonly.aof.1.incr.aof': files['appendonly.aof.1.incr.aof'],
        [FIRST]: new Uint8Array(0),
      },
    ],
  ])('%s', async (_, args, wanted) => {
    const source = directory(files);
    const target = `${source}-cut`;
    const done = await cli(['aof', 'truncate', source, ...args, '-o', target, '--json']);
    expect(done.stderr).toBe('');
    expect(done.code).toBe(4);
    const { 'appendonly.aof.manifest': manifest, ...written } = contents(target);
    expect(written).toEqual(
      Object.fromEntries(Object.entries(wanted).map(([name, bytes]) => [name, Buffer.from(bytes).toString('latin1')])),
    );
    const listed = Object.keys(wanted).map(
      (name, index) => `file ${name} seq ${/\.(\d+)\./.exec(name)![1]} type ${index === 0 ? 'b' : 'i'}\n`,
    );
    expect(manifest).toBe(listed.join(''));
    expect((await cli(['aof', 'check', target])).code).toBe(0);
    expect(contents(source)).toEqual(
      Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes).toString('latin1')])),
    );
  });

  it('says what is missing', async () => {
    const source = directory(files);
    const early = await cli(['aof', 'truncate', source, '--to-time', '150', '-o', `${source}-cut`]);
    expect(early.code).toBe(1);
    expect(early.stderr).toContain('which is later');
    expect(early.stderr).toContain('--history');
    const usage: readonly (readonly string[])[] = [
      [],
      ['--to-time', '1', '--to-offset', '2'],
      ['--to-offset', '1', '--nth', '2'],
      ['--before-command', '"', '-o', 'x'],
      ['--to-offset', '1'],
    ];
    for (const args of usage) expect((await cli(['aof', 'truncate', source, ...args])).code).toBe(2);
    expect(fs.existsSync(`${source}-cut`)).toBe(false);
  });

  it('only says where, when asked', async () => {
    const source = directory(files);
    const dry = await cli(['aof', 'truncate', source, '--before-command', 'flushall', '--dry-run', '--json']);
    expect(dry.code).toBe(4);
    expect(JSON.parse(dry.stdout)).toMatchObject({
      schema: 'rdb-inspect/aof-truncate@1',
      end: { offset: time(210).length + A.length },
      lastTime: 210,
      commandsLost: 4,
      omitted: [expect.stringContaining(LAST)],
    });
  });
});

let counter = 0;

function directory(files: Readonly<Record<string, Uint8Array | string>>): string {
  const name = `directory-${counter++}`;
  for (const [file, bytes] of Object.entries(files)) {
    const written = write(`${name}/${file}`, bytes);
    fs.utimesSync(written, 1, 1);
  }
  return path(name);
}

function contents(name: string): Record<string, string> {
  return Object.fromEntries(
    fs
      .readdirSync(name)
      .sort()
      .map((file) => [file, fs.readFileSync(`${name}/${file}`, 'latin1')]),
  );
}

function planOf(file: string, point: TruncatePoint): Promise<TruncatePlan> {
  return planTruncate(openAofLog(file, nodeFiles), { point, files: nodeFiles });
}

function at(seconds: number): TruncatePoint {
  return { kind: 'time', seconds };
}

function before(name: string, nth = 1): TruncatePoint & { readonly kind: 'command' } {
  return { kind: 'command', args: words(name), nth };
}

function words(...args: readonly string[]): Uint8Array[] {
  return args.map(text);
}
