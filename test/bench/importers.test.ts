import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Importer, type ImportRun, ourImporters, peerImporters } from '../../bench/importers.js';
import { runOnce } from '../../bench/measure.js';
import { IMPORT_COMPARISONS, IMPORT_NAMES } from '../../bench/targets.js';
import { FakePrograms, RDB_CLI } from './fake-programs.js';

const RUN: ImportRun = { file: '/data/a.rdb', commandsFile: '/data/a.resp', port: 7001 };

let fakes: FakePrograms;
let server: string;

beforeEach(() => {
  fakes = new FakePrograms();
  server = fakes.add('server/redis-server', '');
});
afterEach(() => fakes.remove());

/** Peers with a PATH of these folders. */
function peersOn(folders: readonly string[], more: NodeJS.ProcessEnv = {}): ReturnType<typeof peerImporters> {
  const PATH = folders.map((folder) => path.join(fakes.folder, folder)).join(path.delimiter);
  return peerImporters(server, { PATH, ...more });
}

function commandLines(importers: readonly Importer[], run = RUN): string[][] {
  return importers.map(({ name, command }) => [name, ...command(run).args]);
}

it('imports with our command, as it likes and as commands', () => {
  const importers = ourImporters({ program: 'node', first: ['bin.js'] });
  const args = ['bin.js', 'import', '-q', '/data/a.rdb', '--to', 'redis://127.0.0.1:7001'];
  expect(commandLines(importers)).toEqual([
    ['import', ...args],
    ['import --mode commands', ...args, '--mode', 'commands'],
  ]);
  expect(importers.every(({ isOurs, readsCommands }) => isOurs && !readsCommands)).toBe(true);
});

describe('redis-cli', () => {
  const banner = 'if [ "$1" = --version ]; then echo "redis-cli 7.0.15"; else cat > "$0.fed"; fi';

  it('is that beside the server before that in PATH, and that of its variable before both', () => {
    const inPath = fakes.add('a/redis-cli', banner);
    expect(peersOn(['a']).peers).toMatchObject([{ name: 'redis-cli', program: inPath, version: '7.0.15' }]);
    const beside = fakes.add('server/redis-cli', banner);
    expect(peersOn(['a']).peers[0]?.program).toBe(beside);
    expect(peersOn(['a'], { REDIS_CLI: inPath }).peers[0]?.program).toBe(inPath);
  });

  it('is fed with the commands, whatever the name of their file', async () => {
    const program = fakes.add('server/redis-cli', banner);
    const commandsFile = path.join(fakes.folder, `a "b" $c'd.resp`);
    fs.writeFileSync(commandsFile, 'PING\r\n');
    const [importer] = peersOn([]).importers;
    expect(importer).toMatchObject({ name: IMPORT_NAMES.pipe, isOurs: false, readsCommands: true });
    expect((await runOnce(importer!.command({ ...RUN, commandsFile }))).failure).toBeUndefined();
    expect(fakes.calls('server/redis-cli').at(-1)).toBe('-h 127.0.0.1 -p 7001 --pipe');
    expect(fs.readFileSync(`${program}.fed`, 'utf8')).toBe('PING\r\n');
  });
});

describe('rdb-cli', () => {
  it('writes to the server, and no log', () => {
    fakes.add('a/rdb-cli', RDB_CLI);
    const { importers, peers } = peersOn(['a']);
    expect(peers).toMatchObject([{ name: 'librdb', version: '2.1.0' }]);
    expect(commandLines(importers)).toEqual([
      ['rdb-cli redis', '/data/a.rdb', '-l', '/dev/null', 'redis', '-h', '127.0.0.1', '-p', '7001'],
    ]);
  });

  it('is left out where its usage does not name servers', () => {
    fakes.add('a/rdb-cli', RDB_CLI.replace('|redis', ''));
    expect(peersOn(['a'])).toEqual({ importers: [], peers: [] });
  });
});

it('compares what is measured', () => {
  const names: readonly string[] = Object.values(IMPORT_NAMES);
  expect(ourImporters().map(({ name }) => name)).toEqual([IMPORT_NAMES.auto, IMPORT_NAMES.commands]);
  for (const { job, peer } of IMPORT_COMPARISONS) expect(names).toEqual(expect.arrayContaining([job, peer]));
});
