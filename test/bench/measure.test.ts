import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Command, measureInterleaved, median, runOnce, type Sample, summarize } from '../../bench/measure.js';
import { chooseMeter, parseTimeReport, TimeMeter, timeDialect } from '../../bench/meter.js';
import { FakePrograms } from './fake-programs.js';

const MB = 1_000_000;

let fakes: FakePrograms;

beforeEach(() => {
  fakes = new FakePrograms();
});
afterEach(() => fakes.remove());

function node(code: string): Command {
  return { program: process.execPath, args: ['-e', code] };
}

describe('one run', () => {
  it.each([
    [
      'an exit code and the line that names the error',
      'console.error("noise\\nerror: bad file\\nmore"); process.exitCode = 3',
      'exit 3 error: bad file',
    ],
    ['a signal', 'process.kill(process.pid, "SIGTERM"); setTimeout(() => {}, 60000)', 'exit SIGTERM'],
  ])('fails with %s', async (_what, code, failure) => {
    expect((await runOnce(node(code))).failure).toBe(failure);
  });

  it('fails for a program that is not there', async () => {
    expect((await runOnce({ program: '/nowhere/at-all', args: [] })).failure).toContain('ENOENT');
  });

  it('takes a complaint for a failure, whatever the exit code', async () => {
    const command = { ...node('console.log("working"); console.log("error: it broke")'), complaint: /^error: .*$/m };
    expect((await runOnce(command)).failure).toBe('error: it broke');
    expect((await runOnce({ ...command, complaint: /^no such line$/m })).failure).toBeUndefined();
  });

  it('ends a program that has said what it was to say, and what that has started', async () => {
    const pidFile = path.join(fakes.folder, 'pid');
    const program = fakes.add('server', `sleep 600 & echo $! > '${pidFile}'; echo 'all loaded'; wait`);
    expect((await runOnce({ program, args: [], until: 'all loaded' })).failure).toBeUndefined();
    const pid = fs.readFileSync(pidFile, 'utf8').trim();
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it.runIf(process.platform === 'linux')('sees CPU time and peak memory', async () => {
    const busy =
      'const block = Buffer.alloc(300e6, 1); const end = process.cpuUsage().user + 3e5; while (process.cpuUsage().user < end);';
    const sample = await runOnce(node(`${busy} if (block[5] !== 1) process.exit(1)`));
    expect(sample.failure).toBeUndefined();
    expect(sample.cpuMs).toBeGreaterThanOrEqual(290);
    expect(sample.peakRssBytes).toBeGreaterThan(300 * MB);
    expect((await runOnce(node('0'))).peakRssBytes).toBeLessThan(200 * MB);
  });
});

describe('rounds', () => {
  it('runs commands in turn, and one that fails only once', async () => {
    const log = path.join(fakes.folder, 'order');
    const program = fakes.add('note', `echo "$1" >> '${log}'; exit "$2"`);
    const commands = [
      { program, args: ['a', '0'] },
      { program, args: ['b', '1'] },
      { program, args: ['c', '0'] },
    ];
    const measured = await measureInterleaved(commands, 3);
    expect(fs.readFileSync(log, 'utf8').trim().split('\n').join('')).toBe('abcacac');
    expect(measured.map(({ runs }) => runs)).toEqual([3, 1, 3]);
    expect(measured[1]?.failure).toBe('exit 1');
  });

  it('keeps median, extremes, every round, and the highest peak', () => {
    const sample = (wallMs: number, cpuMs: number, peakRssBytes: number): Sample => ({
      wallMs,
      cpuMs,
      peakRssBytes,
      failure: undefined,
    });
    expect(summarize([sample(30, 20, 5), sample(10, 60, 9), sample(20, 30, 7)])).toEqual({
      runs: 3,
      wallMs: 20,
      minWallMs: 10,
      maxWallMs: 30,
      rounds: [30, 10, 20],
      cpuMs: 30,
      peakRssBytes: 9,
      failure: undefined,
    });
    expect([median([]), median([4]), median([1, 3]), median([9, 1, 2])]).toEqual([undefined, 4, 2, 2]);
  });
});

describe('time programs, where there is no /proc', () => {
  const macos =
    '        0.62 real         0.41 user         0.19 sys\n           104857600  maximum resident set size\n';
  const freebsd = '        0.62 real         0.41 user         0.19 sys\n     62000  maximum resident set size\n';

  it.each([
    ['GNU', '0.41 0.19 62000\n', 'gnu', 'linux', { cpuMs: 600, peakRssBytes: 62000 * 1024 }],
    [
      'GNU, of a failing command',
      'Command exited with non-zero status 1\n0.41 0.19 9\n',
      'gnu',
      'linux',
      { cpuMs: 600, peakRssBytes: 9216 },
    ],
    ['BSD on macOS', macos, 'bsd', 'darwin', { cpuMs: 600, peakRssBytes: 104857600 }],
    ['BSD', freebsd, 'bsd', 'freebsd', { cpuMs: 600, peakRssBytes: 62000 * 1024 }],
    ['nothing', '', 'gnu', 'linux', { cpuMs: undefined, peakRssBytes: undefined }],
  ] as const)('reads %s', (_name, report, dialect, platform, usage) => {
    expect(parseTimeReport(report, dialect, platform)).toEqual(usage);
  });

  it('tells GNU from BSD by the options that it takes', () => {
    const gnu = fakes.add('gnu', '[ "$1" = -f ]');
    const bsd = fakes.add('bsd', '[ "$1" = -l ]');
    const other = fakes.add('other', 'exit 1');
    expect([gnu, bsd, other, '/nowhere/time'].map(timeDialect)).toEqual(['gnu', 'bsd', undefined, undefined]);
    expect(fakes.calls('gnu')).toEqual(['-f %U %S %M -o /dev/null true']);
  });

  it('puts it before the command, and passes the exit code on', async () => {
    const time = fakes.add('time', 'out=$4; shift 4; "$@"; code=$?; echo "1.50 0.25 2048" > "$out"; exit $code');
    const work = fakes.add('work', 'exit "$1"');
    const meter = new TimeMeter(time, 'gnu');
    const good = await runOnce({ program: work, args: ['0'] }, meter);
    expect(good).toMatchObject({ failure: undefined, cpuMs: 1750, peakRssBytes: 2048 * 1024 });
    expect((await runOnce({ program: work, args: ['7'] }, meter)).failure).toBe('exit 7');
    expect(fakes.calls('work')).toEqual(['0', '7']);
  });

  it('knows nothing of a process that was ended with it', async () => {
    const time = fakes.add('time', 'out=$4; shift 4; "$@"; echo "1.50 0.25 2048" > "$out"');
    const work = fakes.add('work', 'echo ready; exec sleep 600');
    const sample = await runOnce({ program: work, args: [], until: 'ready' }, new TimeMeter(time, 'gnu'));
    expect(sample).toMatchObject({ failure: undefined, cpuMs: undefined, peakRssBytes: undefined });
  });
});

it.runIf(process.platform === 'linux')('needs no other program on Linux', () => {
  expect(chooseMeter().source).toBe('/proc');
});

function isRunning(pid: string): boolean {
  try {
    process.kill(Number(pid), 0);
    // One that nobody has waited for is as good as gone.
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}
