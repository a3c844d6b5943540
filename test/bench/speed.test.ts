/** The harness as a whole, on files and programs of this test. */
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compare } from '../../bench/compare.js';
import { type DatasetOptions, stampDataset } from '../../bench/dataset.js';
import { ourJobs } from '../../bench/jobs.js';
import { findPeers } from '../../bench/peers.js';
import {
  beyondStartUpNs,
  describeGrowth,
  formatSizes,
  measureSizes,
  type SizeRow,
  scaleOf,
} from '../../bench/sizes.js';
import { measureSpeed } from '../../bench/speed.js';
import { measureStartUp } from '../../bench/startup.js';
import { COMPARISONS, STAND_INS } from '../../bench/targets.js';
import { FakePrograms, HDT3213_RDB, RDB_CLI } from './fake-programs.js';
import { measured } from './measured.js';

/** Ours: knows --jobs for export, counts keys, and fails at one job. */
const RDB_INSPECT = `
case "$*" in
  'export --help') echo '  --jobs <n>' ;;
  'info --json '*) echo '{"keys":500}' ;;
  'convert '*) echo 'rdb-inspect: broken' >&2; exit 3 ;;
esac`;

let fakes: FakePrograms;
let options: DatasetOptions;

beforeEach(() => {
  fakes = new FakePrograms();
  options = { directory: path.join(fakes.folder, 'data'), scale: 1, server: undefined, log: () => {} };
});
afterEach(() => fakes.remove());

function putDump(directory: string, set: string, scale: number): string {
  fs.mkdirSync(directory, { recursive: true });
  const file = path.join(directory, `${set}.rdb`);
  fs.writeFileSync(file, 'REDIS0010'.padEnd(2000));
  stampDataset(set, directory, { generation: 1, scale, server: '7.0.15' }, [`${set}.rdb`]);
  return file;
}

it('measures ours and every peer on the same file, and compares what did not fail', async () => {
  const file = putDump(options.directory, 'strings', 1);
  const our = { program: fakes.add('rdb-inspect', RDB_INSPECT), first: [] };
  fakes.add('bin/rdb-cli', RDB_CLI);
  fakes.add('bin/rdb', HDT3213_RDB);
  fakes.add('bin/redis-check-rdb', '');
  const peers = findPeers(undefined, () => {}, { PATH: path.join(fakes.folder, 'bin') });
  const jobs = [...peers.flatMap((peer) => peer.jobs), ...ourJobs(our)];
  const { rows, commands } = await measureSpeed('strings', jobs, 2, options);

  expect(fakes.calls('bin/redis-check-rdb')).toEqual([file, file]);
  expect(fakes.calls('bin/rdb-cli').filter((call) => call.endsWith(' resp'))).toHaveLength(2);
  expect(fakes.calls('bin/rdb')).toContain(`-c bigkey -o /dev/null -n 50 ${file}`);
  expect(fakes.calls('rdb-inspect').filter((call) => call === `export -f ndjson ${file} --jobs 2`)).toHaveLength(2);
  expect(commands.map(({ job }) => job)).toEqual(rows.map(({ job }) => job));
  expect(rows.filter(({ failure }) => failure !== undefined).map(({ job, failure }) => [job, failure])).toEqual([
    ['convert', 'exit 3 rdb-inspect: broken'],
  ]);
  const ratios = compare(rows, COMPARISONS, STAND_INS);
  expect(ratios.filter(({ standIn }) => standIn !== undefined)).toEqual([]);
  const pairs = ratios.map(({ job, peer }) => `${job} / ${peer}`);
  expect(pairs).toContain('export ndjson / librdb json');
  expect(pairs).toContain('export resp / librdb resp');
  expect(pairs).toContain('export ndjson --jobs 2 / export ndjson');
  expect(pairs).toContain('memory csv / hdt3213 memory');
  expect(pairs).not.toContain('convert / redis-check-rdb');
});

it('measures each size of a data set in a folder of its own, and asks for the number of keys', async () => {
  for (const megabytes of [10, 100]) {
    putDump(path.join(options.directory, `${megabytes}MB`), 'strings', scaleOf('strings', megabytes * 1e6));
  }
  const our = { program: fakes.add('rdb-inspect', RDB_INSPECT), first: [] };
  const jobs = ourJobs(our).filter(({ name }) => name === 'check');
  const rows = await measureSizes('strings', [10, 100], jobs, our, 1, options);
  expect(rows.map(({ job, keys, fileBytes, failure }) => ({ job, keys, fileBytes, failure }))).toEqual([
    { job: 'check', keys: 500, fileBytes: 2000, failure: undefined },
    { job: 'check', keys: 500, fileBytes: 2000, failure: undefined },
  ]);
  expect(fakes.calls('rdb-inspect').filter((call) => call.startsWith('check ') && !call.includes('help'))).toEqual([
    `check ${path.join(options.directory, '10MB/strings.rdb')}`,
    `check ${path.join(options.directory, '100MB/strings.rdb')}`,
  ]);
});

it('knows the scale of a size, and no size of a log', () => {
  expect(scaleOf('strings', 205_700_000)).toBe(1);
  expect(scaleOf('lzf', 30_420_000)).toBe(0.1);
  expect(() => scaleOf('aof', 1e7)).toThrow('strings, mixed, lzf');
});

it('counts costs beyond the start-up, and how memory grows', () => {
  const size = (job: string, fileBytes: number, ms: number, peakRssBytes: number): SizeRow => ({
    ...measured([ms]),
    set: 'strings',
    job,
    isOurs: true,
    fileBytes,
    keys: fileBytes / 100,
    startUpMs: 60,
    peakRssBytes,
  });
  const rows = [
    size('check', 10e6, 70, 60e6),
    size('top', 10e6, 80, 70e6),
    size('check', 1000e6, 1060, 61e6),
    size('top', 1000e6, 2060, 95e6),
  ];
  expect(beyondStartUpNs(rows[2]!, rows[2]!.keys)).toBe(100);
  expect(beyondStartUpNs(rows[2]!, rows[2]!.fileBytes)).toBe(1);
  expect(describeGrowth(rows)).toBe('Peak memory grows by 25 MB at most (top, from 10 to 1000 MB of strings).');
  expect(describeGrowth(rows.filter(({ job }) => job === 'top').map((row) => ({ ...row, peakRssBytes: 70e6 })))).toBe(
    'Peak memory does not grow with the file.',
  );
  const lines = formatSizes(rows, 'text').trimEnd().split('\n').slice(2);
  expect(lines.map((line) => line.trim().split(/\s+/))).toEqual([
    ['strings', 'check', '10', '100,000', '0.070', '0.070', '0.070', '100', '1.00', '60', 'met'],
    ['1000', '10,000,000', '1.06', '1.06', '1.06', '100', '1.00', '61', 'met'],
    ['top', '10', '100,000', '0.080', '0.080', '0.080', '200', '2.00', '70', 'met'],
    ['1000', '10,000,000', '2.06', '2.06', '2.06', '200', '2.00', '95', 'met'],
  ]);
});

it('starts Node and our command in turn, and tells when ours fails', async () => {
  const good = { program: fakes.add('good', ''), first: [] };
  const startUp = await measureStartUp(good, 1);
  expect([startUp.node.runs, startUp.ours.runs]).toEqual([4, 4]);
  expect(fakes.calls('good')).toEqual(Array(4).fill('--version'));
  expect(startUp.times).toBe(startUp.ours.wallMs / startUp.node.wallMs);
  const bad = { program: fakes.add('bad', 'exit 1'), first: [] };
  await expect(measureStartUp(bad, 1)).rejects.toThrow('start-up: exit 1');
});
