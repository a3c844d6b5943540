import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatCommands, joinSections, splitSections, writeSection } from '../../bench/results.js';

let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-results-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

describe('RESULTS.md', () => {
  it('gets one section after the other, in an order of its own, each replaced alone', () => {
    const file = path.join(folder, 'RESULTS.md');
    writeSection(file, 'Memory', 'peaks\n\n| a |\n');
    writeSection(file, 'Speed', 'old');
    writeSection(file, 'Speed', 'new\n\n### part\n\nmore');
    const text = fs.readFileSync(file, 'utf8');
    expect(text).toMatch(
      /^# Results\n\n[^#]+\n## Speed\n\nnew\n\n### part\n\nmore\n\n## Memory\n\npeaks\n\n\| a \|\n$/,
    );
    expect(joinSections(splitSections(text))).toBe(text);
  });

  it('is never written over where it holds something else', () => {
    const file = path.join(folder, 'RESULTS.md');
    fs.writeFileSync(file, '# Results\n\n## By hand\n\ntext\n');
    expect(() => writeSection(file, 'Speed', 'new')).toThrow('By hand');
    expect(fs.readFileSync(file, 'utf8')).toContain('## By hand');
  });

  it('can be written into as it stands', () => {
    const committed = fs.readFileSync(fileURLToPath(new URL('../../bench/RESULTS.md', import.meta.url)), 'utf8');
    expect([...splitSections(committed).keys()]).toContain('Speed');
  });
});

it('lists commands as one would type them, each job once, without folders of this machine', () => {
  const server = (directory: string, ...more: string[]) => ({
    program: '/usr/bin/redis-server',
    args: ['--dir', directory, '--save', '', ...more],
  });
  const our = { program: '/opt/node/bin/node', first: ['/home/me/bin/rdb-inspect.js'] };
  const lines = [
    {
      job: 'check',
      input: 'dump' as const,
      command: { program: our.program, args: [...our.first, 'check', '/data/strings.rdb'] },
    },
    {
      job: 'check',
      input: 'dump' as const,
      command: { program: our.program, args: [...our.first, 'check', '/data/mixed.rdb'] },
    },
    {
      job: 'hdt3213 json',
      input: 'dump' as const,
      command: { program: '/usr/bin/rdb', args: ['-c', 'json', '-o', '/dev/null', '/data/x y.rdb'] },
    },
    { job: 'load', input: 'dump' as const, command: server('/tmp/rdb-bench-load-a1B2c3', '--appendonly', 'no') },
    { job: 'load', input: 'log' as const, command: server('/tmp/rdb-bench-load-zzzzzz', '--appendonly', 'yes') },
  ];
  expect(formatCommands(lines, our)).toBe(
    [
      'check         rdb-inspect check mixed.rdb',
      "hdt3213 json  rdb -c json -o /dev/null 'x y.rdb'",
      "load          redis-server --dir rdb-bench-load --save '' --appendonly no",
      "load          redis-server --dir rdb-bench-load --save '' --appendonly yes",
      '',
    ].join('\n'),
  );
});
