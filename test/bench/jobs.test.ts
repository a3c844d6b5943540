import { afterEach, beforeEach, expect, it } from 'vitest';
import { OUR_JOB_NAMES, ourCommand, ourJobs } from '../../bench/jobs.js';
import { COMPARISONS } from '../../bench/targets.js';
import { FakePrograms } from './fake-programs.js';

let fakes: FakePrograms;

beforeEach(() => {
  fakes = new FakePrograms();
});
afterEach(() => fakes.remove());

function commandLine(program: string, name: string): string | undefined {
  const jobs = ourJobs({ program, first: ['entry.js'] });
  return jobs
    .find((job) => job.name === name)
    ?.command('a.rdb')
    .args.join(' ');
}

it('measures two jobs only where the command knows --jobs, and one thread everywhere', () => {
  const program = fakes.add('rdb-inspect', 'case "$2" in export|check) echo "  --jobs <n>   worker threads";; esac');
  expect(commandLine(program, 'export ndjson')).toBe('entry.js export -f ndjson a.rdb --jobs 1');
  expect(commandLine(program, 'export ndjson --jobs 2')).toBe('entry.js export -f ndjson a.rdb --jobs 2');
  expect(commandLine(program, 'check --deep')).toBe('entry.js check --deep a.rdb --jobs 1');
  expect(commandLine(program, 'check --jobs 2')).toBeUndefined();
  expect(commandLine(program, 'stats')).toBe('entry.js stats a.rdb');
  expect(fakes.calls('rdb-inspect')).toContain('entry.js export --help');
});

it('leaves two jobs out where it does not', () => {
  // A word that only begins like the option.
  const program = fakes.add('rdb-inspect', 'echo "  --jobs-file <f>, --njobs"');
  const names = ourJobs({ program, first: [] }).map(({ name }) => name);
  expect(names).toEqual(OUR_JOB_NAMES.filter((name) => name !== 'export ndjson --jobs 2'));
  expect(commandLine(program, 'export ndjson')).toBe('entry.js export -f ndjson a.rdb');
});

it('takes the command of RDB_INSPECT, or that of this checkout', () => {
  expect(ourCommand({ RDB_INSPECT: ' node  /some/where.js --flag ' })).toEqual({
    program: 'node',
    first: ['/some/where.js', '--flag'],
  });
  const own = ourCommand({});
  expect(own.program).toBe(process.execPath);
  expect(own.first[0]).toMatch(/bin.rdb-inspect\.js$/);
});

it('compares only jobs that there are', () => {
  expect(COMPARISONS.map(({ job }) => job).filter((job) => !OUR_JOB_NAMES.includes(job))).toEqual([]);
});
