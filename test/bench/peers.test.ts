import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runOnce } from '../../bench/measure.js';
import { findPeers, type Peer } from '../../bench/peers.js';
import { FakePrograms, HDT3213_RDB, PYTHON, RDB_CLI, RDB_TOOLS } from './fake-programs.js';

let fakes: FakePrograms;
const told: string[] = [];

beforeEach(() => {
  fakes = new FakePrograms();
  told.length = 0;
});
afterEach(() => fakes.remove());

/** Peers on a PATH of these folders, which also has a shell's own programs but none of the peers. */
function peersOn(folders: readonly string[], more: NodeJS.ProcessEnv = {}): Peer[] {
  const PATH = folders.map((folder) => path.join(fakes.folder, folder)).join(path.delimiter);
  return findPeers(undefined, (line) => told.push(line), { PATH, ...more });
}

function commandLines(peer: Peer | undefined): string[][] {
  return (peer?.jobs ?? []).map(({ name, command }) => [name, ...command('/data/a.rdb').args]);
}

describe('librdb', () => {
  it('is run for every format that its usage names', () => {
    const program = fakes.add('a/rdb-cli', RDB_CLI);
    const [peer] = peersOn(['a']);
    expect(peer).toMatchObject({ name: 'librdb', program, version: '2.1.0' });
    expect(commandLines(peer)).toEqual([
      ['librdb json', '/data/a.rdb', '-l', '/dev/null', 'json'],
      ['librdb resp', '/data/a.rdb', '-l', '/dev/null', 'resp'],
      ['librdb print', '/data/a.rdb', '-l', '/dev/null', 'print'],
    ]);
  });

  it('has no print in an older release', () => {
    fakes.add('a/rdb-cli', RDB_CLI.replace('print|', '').replace('|stat', ''));
    expect(commandLines(peersOn(['a'])[0]).map(([name]) => name)).toEqual(['librdb json', 'librdb resp']);
  });
});

describe('the two programs called rdb', () => {
  it('tells HDT3213 by its help, and knows its commands, options and version', () => {
    fakes.add('a/rdb', HDT3213_RDB);
    const [peer, ...others] = peersOn(['a']);
    expect(others).toEqual([]);
    expect(peer).toMatchObject({ name: 'hdt3213', version: 'v1.3.1' });
    expect(commandLines(peer)).toEqual([
      ['hdt3213 json', '-c', 'json', '-o', '/dev/null', '/data/a.rdb'],
      ['hdt3213 memory', '-c', 'memory', '-o', '/dev/null', '/data/a.rdb'],
      ['hdt3213 bigkey', '-c', 'bigkey', '-o', '/dev/null', '-n', '50', '/data/a.rdb'],
      ['hdt3213 prefix', '-c', 'prefix', '-o', '/dev/null', '-n', '50', '-max-depth', '3', '/data/a.rdb'],
    ]);
  });

  it('asks an HDT3213 without a list of commands for json and memory only', () => {
    fakes.add('a/rdb', HDT3213_RDB.replace(/including: \S+\\n/, 'json\\n').replace('v1.3.1', '(devel)'));
    const [peer] = peersOn(['a']);
    expect(commandLines(peer).map(([name]) => name)).toEqual(['hdt3213 json', 'hdt3213 memory']);
    expect(peer?.version).toBeUndefined();
  });

  it('tells redis-rdb-tools by its help, and asks its interpreter for the version', () => {
    fakes.add('a/rdb', RDB_TOOLS, fakes.add('bin/python3', PYTHON));
    const [peer] = peersOn(['a']);
    expect(peer).toMatchObject({ name: 'redis-rdb-tools', version: '0.1.15' });
    expect(commandLines(peer)).toEqual([
      ['redis-rdb-tools json', '-c', 'json', '/data/a.rdb'],
      ['redis-rdb-tools memory', '-c', 'memory', '/data/a.rdb'],
    ]);
  });

  it('finds both, wherever they stand in PATH, and the first of each', () => {
    fakes.add('a/rdb', RDB_TOOLS);
    fakes.add('b/rdb', HDT3213_RDB);
    fakes.add('c/rdb', HDT3213_RDB);
    const found = peersOn(['a', 'b', 'c']).map(({ name, program }) => [name, path.relative(fakes.folder, program)]);
    expect(found).toEqual([
      ['redis-rdb-tools', 'a/rdb'],
      ['hdt3213', 'b/rdb'],
    ]);
  });

  it('says so of one that is neither, and does not measure it', () => {
    const program = fakes.add('a/rdb', 'echo "usage: rdb [script.rb]"');
    expect(peersOn(['a'])).toEqual([]);
    expect(told).toEqual([`${program} is neither HDT3213's rdb nor that of redis-rdb-tools`]);
  });

  it('takes a program from its variable before PATH', () => {
    fakes.add('a/rdb', HDT3213_RDB);
    const named = fakes.add('b/some-name', HDT3213_RDB);
    expect(peersOn(['a'], { HDT_RDB: named }).map(({ program }) => program)).toEqual([named]);
    expect(() => peersOn(['a'], { HDT_RDB: path.join(fakes.folder, 'none') })).toThrow('which cannot be run');
  });
});

describe('what comes with a server', () => {
  const banner = 'echo "Redis server v=7.2.4 sha=00000000:0"';

  it('finds the checkers beside it, with its version, and loads files with it', () => {
    const server = fakes.add('a/redis-server', banner);
    fakes.add('a/redis-check-rdb', '');
    fakes.add('a/redis-check-aof', '');
    const peers = findPeers(server, (line) => told.push(line), { PATH: '' });
    expect(peers.map(({ name, version }) => [name, version])).toEqual([
      ['redis-check-rdb', '7.2.4'],
      ['redis-check-aof', '7.2.4'],
      ['redis-server load', '7.2.4'],
    ]);
    expect(peers[0]?.jobs[0]?.command('x.rdb')).toEqual({
      program: path.join(fakes.folder, 'a/redis-check-rdb'),
      args: ['x.rdb'],
    });
  });

  it('calls the server by the name of a checker where there is none', async () => {
    const server = fakes.add(
      'a/redis-server',
      '[ "$1" = --version ] || basename "$0" > "$1"; echo "Redis server v=7.2.4"',
    );
    const [checker] = findPeers(server, (line) => told.push(line), { PATH: '' });
    const file = path.join(fakes.folder, 'called');
    expect((await runOnce(checker!.jobs[0]!.command(file))).failure).toBeUndefined();
    expect(fs.readFileSync(file, 'utf8').trim()).toBe('redis-check-rdb');
  });

  it('gives a server a directory in which the file is what it loads', () => {
    const server = fakes.add('a/redis-server', banner);
    const load = findPeers(server, (line) => told.push(line), { PATH: '' }).at(-1);
    const dump = load!.jobs[0]!.command('/data/a.rdb');
    const directory = dump.args[dump.args.indexOf('--dir') + 1]!;
    expect(fs.readlinkSync(path.join(directory, 'dump.rdb'))).toBe('/data/a.rdb');
    expect(dump.until).toBe('DB loaded from disk');
    const log = load!.jobs[1]!.command('/data/a.aof');
    const logs = path.join(log.args[log.args.indexOf('--dir') + 1]!, 'appendonlydir');
    expect(fs.readFileSync(path.join(logs, 'appendonly.aof.manifest'), 'utf8')).toBe(
      'file appendonly.aof.1.base.aof seq 1 type b\n',
    );
    expect(fs.readlinkSync(path.join(logs, 'appendonly.aof.1.base.aof'))).toBe('/data/a.aof');
  });
});

it('takes the complaint of a peer that exits with 0 for a failure', async () => {
  fakes.add('a/rdb', HDT3213_RDB);
  const [json] = peersOn(['a'])[0]!.jobs;
  const missing = path.join(fakes.folder, 'missing.rdb');
  expect((await runOnce(json!.command(missing))).failure).toBe(`error: open rdb ${missing} failed`);
  expect((await runOnce(json!.command(path.join(fakes.folder, 'a/rdb')))).failure).toBeUndefined();
  expect(fakes.calls('a/rdb').at(-1)).toBe(`-c json -o /dev/null ${path.join(fakes.folder, 'a/rdb')}`);
});

it('finds nothing where nothing is', () => {
  expect(peersOn(['nowhere'])).toEqual([]);
  expect(told).toEqual([]);
});
