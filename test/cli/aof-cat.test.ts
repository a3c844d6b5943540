/** `aof cat` and `aof tail`, as people run them. */
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { joined, logged, text } from '../support/aof-files.js';
import { FIXTURES } from '../support/fixtures.js';
import { cli, jsonLines, linesOf, temporaryDirectory } from './run-cli.js';

const files = temporaryDirectory();

const LOG = joined(
  logged('SELECT', '3'),
  text('#TS:1700000000\r\n'),
  logged('SET', 'user:1', 'a b'),
  logged('MSET', 'user:2', 'x', 'other', 'y'),
  text('#TS:1700000100\r\n'),
  logged('XGROUP', 'CREATE', 'stream', 'group', '0'),
  logged('FLUSHALL'),
  logged('del', 'user:1'),
);

describe('aof cat', () => {
  it('prints a command per line', async () => {
    const { code, stdout, stderr } = await cli(['aof', 'cat', files.write('a.aof', LOG)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(linesOf(stdout)).toEqual([
      '0 [0] SELECT 3',
      '39 2023-11-14T22:13:20Z [3] SET user:1 "a b"',
      '73 2023-11-14T22:13:20Z [3] MSET user:2 x other y',
      expect.stringMatching(/^\d+ 2023-11-14T22:15:00Z \[3\] XGROUP CREATE stream group 0$/),
      expect.stringMatching(/ FLUSHALL$/),
      expect.stringMatching(/ del user:1$/),
    ]);
  });

  it.each([
    [
      ['-c', 'set,DEL'],
      ['SET user:1 "a b"', 'del user:1'],
    ],
    [['-c', 'xgroup'], ['XGROUP CREATE stream group 0']],
    [['-c', 'xgroup create'], ['XGROUP CREATE stream group 0']],
    [
      ['-k', 'user:*'],
      ['SET user:1 "a b"', 'MSET user:2 x other y', 'del user:1'],
    ],
    [
      ['-k', 'user:*', '-K', 'other'],
      ['SET user:1 "a b"', 'del user:1'],
    ],
    [
      ['--key-regex', '^(stream|other)$'],
      ['MSET user:2 x other y', 'XGROUP CREATE stream group 0'],
    ],
    [['-n', '0'], ['SELECT 3']],
    [
      ['--since', '1700000100'],
      ['XGROUP CREATE stream group 0', 'FLUSHALL', 'del user:1'],
    ],
    [
      ['--until', '2023-11-14T22:14:00Z'],
      ['SET user:1 "a b"', 'MSET user:2 x other y'],
    ],
    [
      ['-l', '2'],
      ['SELECT 3', 'SET user:1 "a b"'],
    ],
  ])('with %j prints what passes', async (args, lines) => {
    const { code, stdout } = await cli(['aof', 'cat', files.write('a.aof', LOG), '--bare', ...args]);
    expect(code).toBe(0);
    expect(linesOf(stdout)).toEqual(lines);
  });

  it('reads standard input', async () => {
    const { stdout } = await cli(['aof', 'cat', '-', '-f', 'ndjson', '-l', '1'], { input: LOG });
    expect(jsonLines(stdout)).toEqual([{ file: 'standard input', offset: 0, db: 0, command: ['SELECT', '3'] }]);
  });

  it('reads a directory in the order in which a server loads it', async () => {
    const directory = `${FIXTURES}redis-7.0/aof-rewritten/appendonlydir`;
    const lines = jsonLines<{ file: string }>((await cli(['aof', 'cat', directory, '--json'])).stdout);
    const names = [...new Set(lines.map(({ file }) => file.slice(directory.length + 1)))];
    expect(names).toEqual(['appendonly.aof.2.base.aof', 'appendonly.aof.2.incr.aof']);
  });

  it('prints whole commands of a log that is cut, and says where', async () => {
    const { code, stdout, stderr } = await cli(['aof', 'cat', files.write('cut.aof', LOG.slice(0, -5)), '--bare']);
    expect(code).toBe(1);
    expect(linesOf(stdout).at(-1)).toBe('FLUSHALL');
    expect(stderr).toMatch(/cut\.aof: the log ends at \d+ inside a command.*offset \d+/s);
  });

  it('says that a transaction is open', async () => {
    const { code, stderr } = await cli([
      'aof',
      'cat',
      files.write('open.aof', joined(logged('MULTI'), logged('SET', 'a', '1'))),
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/inside a transaction/);
  });

  it('says what is wrong with the options', async () => {
    const { code, stderr } = await cli(['aof', 'cat', 'x', '--since', 'yesterday']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/'yesterday' is no time/);
  });
});

describe('aof tail', () => {
  it('prints the last commands', async () => {
    const { code, stdout } = await cli(['aof', 'tail', files.write('a.aof', LOG), '--bare', '--lines', '2']);
    expect(code).toBe(0);
    expect(linesOf(stdout)).toEqual(['FLUSHALL', 'del user:1']);
  });

  it('prints the last commands that pass', async () => {
    const args = ['aof', 'tail', files.write('a.aof', LOG), '--bare', '--lines', '1', '-c', 'mset'];
    expect(linesOf((await cli(args)).stdout)).toEqual(['MSET user:2 x other y']);
  });

  it('follows a file, also one that is replaced', async () => {
    const path = files.write('growing.aof', LOG);
    const { code, stdout, stderr } = await cli(['aof', 'tail', '-f', path, '--bare', '--lines', '1'], {
      running: (child) => {
        const steps = [
          () => fs.appendFileSync(path, logged('SET', 'late', '1').slice(0, 20)),
          () => fs.appendFileSync(path, logged('SET', 'late', '1').slice(20)),
          () => {
            fs.writeFileSync(`${path}.new`, joined(logged('SET', 'rewritten', 'x')));
            fs.renameSync(`${path}.new`, path);
          },
          () => fs.appendFileSync(path, logged('SET', 'later', '2')),
          () => child.kill('SIGINT'),
        ];
        child.stdout.once('data', () => {
          for (const [index, step] of steps.entries()) setTimeout(step, 700 * (index + 1));
        });
      },
    });
    expect(code).toBe(130);
    expect(linesOf(stdout)).toEqual(['del user:1', 'SET late 1', 'SET later 2']);
    expect(stderr).toMatch(/was replaced/);
  });
});
