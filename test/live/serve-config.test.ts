/** CONFIG and INFO beside a real server: names, first values, what is taken and what is refused, in its words. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFiles } from '../../src/bytes/files-node.js';
import { readConfigArguments, readConfigFile } from '../../src/serve/config/config-file.js';
import { CONFIG_TABLE, type ConfigRow, namesOf } from '../../src/serve/config/config-table.js';
import { asText, ConfiguredServer, infoFields, pairsIn } from '../serve/config-server.js';
import { type LiveServer, startServer } from '../support/live-server.js';
import { random } from '../support/random.js';
import { ReplyError } from '../support/resp-client.js';

/** Beside those that every live server is started with. */
const OPTIONS = ['--bind', '127.0.0.1', '--save', '', '--logfile', 'server.log', '--enable-debug-command', 'yes'];

let live: LiveServer;
let ours: ConfiguredServer;

beforeAll(async () => {
  live = await startServer();
  const { values } = readConfigArguments([...OPTIONS, '--port', String(live.port), '--dir', live.dir], {
    files: nodeFiles,
    readInput: () => new Uint8Array(0),
  });
  ours = await ConfiguredServer.open({ values });
});

afterAll(async () => {
  await live.stop();
  ours.close();
});

/** One command to both: the same reply, which is given back. */
async function expectSame(...words: readonly string[]): Promise<unknown> {
  const theirs = asText(
    await live.send(...words.map((word) => Buffer.from(word, 'latin1'))).catch((error: unknown) => {
      if (error instanceof ReplyError) return error;
      throw error;
    }),
  );
  expect(await ours.send(...words), words.join(' ')).toEqual(theirs);
  return theirs;
}

/** CONFIG SET of one value, and what CONFIG GET makes of it. */
async function expectSameValue(name: string, value: string): Promise<void> {
  await expectSame('CONFIG', 'SET', name, value);
  await expectSame('CONFIG', 'GET', name);
}

it('has every setting with its first value', async () => {
  const theirs = pairsIn(asText(await live.send('CONFIG', 'GET', '*')));
  const own = pairsIn(await ours.send('CONFIG', 'GET', '*'));
  expect(own.size).toBeGreaterThan(190);
  expect([...own].sort()).toEqual([...theirs].sort());
});

/** Sockets, files and passwords: what a real server does there is of another kind. */
const OWN_WAYS: ReadonlySet<string> = new Set(['port', 'tls-port', 'bind', 'dir', 'dbfilename', 'requirepass']);
/** What the machine has to agree to. */
const OF_THE_MACHINE =
  /^(maxclients|tls-|oom-score-adj$|activedefrag|appendonly|proc-title|jemalloc|latency-tracking$)/;

const LONG = String(2n ** 63n - 1n);
const UNSIGNED = String(2n ** 64n - 1n);

/** By kind, both sides of what is taken. */
function valuesFor({ kind }: ConfigRow): readonly string[] {
  switch (kind.name) {
    case 'yes-no':
      return ['yes', 'NO', '', 'true', '1', ' yes'];
    case 'int':
    case 'size': {
      const bounds = [kind.least - 1n, kind.least, kind.most, kind.most + 1n].map(String);
      const others = [
        '',
        'x',
        '1x',
        '+1',
        ' 1',
        '1 ',
        '01',
        '-0',
        '5kb',
        '3MB',
        '1g',
        '1b',
        '1%',
        '1.5',
        LONG,
        UNSIGNED,
      ];
      return [...others, ...bounds, '99999999999999999999', '2'];
    }
    case 'one-of':
      return [...kind.words, kind.words[0]!.toUpperCase(), '', 'nosuch', `${kind.words[0]} `];
    case 'any-of':
      return [
        'save',
        'nosave now',
        'NOW force',
        'save nosave',
        'save save',
        '',
        'default now',
        'x',
        ' save',
        'default',
      ];
    default:
      return SPECIAL[kind.name] ?? [];
  }
}

const SPECIAL: Readonly<Record<string, readonly string[]>> = {
  text: ['abc', 'a b "c', '\xe9\xff', ''],
  'host-name': ['a.b-c', 'a_b', 'x'.repeat(255), 'x'.repeat(256), ''],
  'size-or-percent': ['10%', '0%', '100%', '101%', '5kb', '', '-1', '1 %', UNSIGNED, LONG, String(2n ** 63n), '%', '0'],
  'save-points': [
    '10 20 30 40',
    '10',
    ' 1 2',
    '1  2',
    '10 ',
    '0 1',
    '1 0',
    '1 -1',
    '1 2x',
    'a b',
    '+1 2',
    '99999999999 1',
    '',
  ],
  'output-limits': [
    'normal 1mb 2mb 60',
    'replica 1 2 3 pubsub 4kb 5 6',
    'SLAVE 7 8 9',
    'normal 1 2 3 normal 4 5 6',
    'normal 1 2',
    'nosuch 1 2 3',
    'master 1 2 3',
    'normal x 2 3',
    'normal 1 2 -3',
    'normal -1 2 3',
    'normal 1 2 3 nosuch 1 2 3',
    '',
    'normal 0 0 0 slave 256mb 64mb 60 pubsub 32mb 8mb 60',
  ],
  events: ['', 'K', 'KEA', 'AKE', 'g$lshzxetdKE', 'nKEg', 'mn', 'gx', 'Kq', 'A ', 'KEAnm', 'dtexzhsl$g', ''],
  percentiles: ['50', '', '99.99 1e1', '0 100', '101', '-1', 'x', '1  2', '50 99 99.9'],
  'oom-scores': ['1 2 3', '-2000 0 2000', '1 2', '1 2 3 4', '2001 1 1', '1 x 3', '', '0 200 800'],
};

describe('CONFIG SET', () => {
  const changeable = CONFIG_TABLE.filter(({ name }) => !OWN_WAYS.has(name) && !OF_THE_MACHINE.test(name));

  it.each(changeable)('$name', async (row) => {
    const { initial } = row;
    for (const name of namesOf(row)) for (const value of valuesFor(row)) await expectSameValue(name, value);
    await expectSame('CONFIG', 'SET', row.name, initial);
  });

  it('knows every combination of events', async () => {
    const next = random(11);
    for (let round = 0; round < 200; round++) {
      const letters = [...'Ag$lshzxeKEtmdn'].filter(() => next() < 0.6);
      await expectSameValue('notify-keyspace-events', (next() < 0.5 ? letters : letters.reverse()).join(''));
    }
    await expectSame('CONFIG', 'SET', 'notify-keyspace-events', '');
  });

  it.each([
    ['maxclients', '1', 'timeout', 'zz'],
    ['timeout', 'zz', 'nosuch', '1'],
    ['nosuch', '1', 'timeout', 'zz'],
    ['databases', '1', 'nosuch', '1'],
    ['nosuch', '1', 'databases', '1'],
    ['timeout', '1', 'timeout', '2'],
    ['timeout', '1', 'TIMEOUT', '2'],
    ['timeout', '1', 'timeout', '2', 'nosuch', '1'],
    ['hash-max-ziplist-entries', '5', 'hash-max-listpack-entries', '6'],
    ['dir', '/tmp'],
    ['dbfilename', 'x'],
    ['timeout', '1', 'hz'],
    ['timeout'],
    [],
    ['TimeOut', '7', 'HZ', '12'],
    ['timeout', '0', 'hz', '10', 'hash-max-listpack-entries', '512'],
  ])('%s %s %s %s', async (...words) => {
    await expectSame('CONFIG', 'SET', ...words.filter((word) => word !== undefined));
    await expectSame('CONFIG', 'GET', 'timeout');
    await expectSame('CONFIG', 'GET', 'hash-max-listpack-entries');
  });

  it('takes a log on and off again', async () => {
    for (const value of ['YES', 'x', 'no']) await expectSameValue('appendonly', value);
  });
});

it.each([
  ['timeout'],
  ['TimeOut'],
  ['timeout', 'timeout'],
  ['TIMEOUT', 'timeout'],
  ['TIME*', 'time*'],
  ['timeou[t]'],
  ['timeou?'],
  ['timeout', 'nosuch'],
  ['nosuch'],
  [''],
  ['*nosuch*'],
])('CONFIG GET %s %s', async (...patterns) => {
  await expectSame('CONFIG', 'GET', ...patterns.filter((pattern) => pattern !== undefined));
});

it('finds the same names for patterns', async () => {
  for (const pattern of ['*max*', 'hash-*', '*slave*', 'H*', '[ab]*', '???', '*-*-*-*-*'])
    expect([...pairsIn(await ours.send('CONFIG', 'GET', pattern)).keys()].sort(), pattern).toEqual(
      [...pairsIn(asText(await live.send('CONFIG', 'GET', pattern))).keys()].sort(),
    );
});

it.each([
  ['CONFIG'],
  ['CONFIG', 'NOSUCH'],
  ['CONFIG', 'GET'],
  ['CONFIG', 'RESETSTAT', 'x'],
  ['CONFIG', 'RESETSTAT'],
  ['CONFIG', 'REWRITE'],
  ['CONFIG', 'REWRITE', 'x'],
  ['INFO', 'nosuch'],
  ['INFO', 'cluster', 'nosuch'],
  ['INFO', 'modules', 'cluster'],
])('%s %s %s', async (...words) => {
  await expectSame(...words.filter((word) => word !== undefined));
});

it('leaves a file that the server reads as it was meant', async () => {
  const file = path.join(live.dir, 'rewritten.conf');
  fs.writeFileSync(file, '# a comment\nsave 900 1\nhash-max-ziplist-entries 7\nlogfile ""\n');
  const test = await ConfiguredServer.open({ values: readConfigFile(file, nodeFiles), path: file });
  test.config.attach({ engine: test.site.store.engine, store: test.site.store, files: nodeFiles });
  await test.send('CONFIG', 'SET', 'masterauth', 'a "b\\ \n\xe9', 'maxmemory', '3gb', 'notify-keyspace-events', 'KEA');
  await test.send(
    'CONFIG',
    'SET',
    'save',
    '1 2 3 4',
    'client-output-buffer-limit',
    'pubsub 1kb 0 3',
    'maxmemory-clients',
    '5%',
  );
  expect(await test.send('CONFIG', 'REWRITE')).toBe('OK');
  const reader = await startServer({ args: ['--include', file] });
  const names = ['masterauth', 'maxmemory', 'notify-keyspace-events', 'save', 'client-output-buffer-limit'];
  const wanted = ['maxmemory-clients', 'hash-max-listpack-entries', ...names];
  const theirs = pairsIn(asText(await reader.send('CONFIG', 'GET', ...wanted)));
  await reader.stop();
  expect(theirs).toEqual(pairsIn(await test.send('CONFIG', 'GET', ...wanted)));
  expect(theirs.get('save')).toBe('1 2 3 4');
  test.close();
});

/** What stands in INFO of a real server and has nothing to stand for here. */
describe('INFO', () => {
  it('has the sections and the fields of the server, in its order', async () => {
    for (const name of ['default', 'all', 'everything']) {
      const theirs = infoFields(asText(await live.send('INFO', name)));
      const own = infoFields(await ours.send('INFO', name));
      expect([...own.keys()]).toEqual([...theirs.keys()]);
      for (const [title, fields] of theirs)
        if (!/stats$/i.test(title) || title === 'Stats')
          expect([...own.get(title)!.keys()], title).toEqual([...fields.keys()]);
    }
  });

  it('has the fields of a log where there is one', async () => {
    await live.send('CONFIG', 'SET', 'appendonly', 'yes');
    await ours.send('CONFIG', 'SET', 'appendonly', 'yes');
    const theirs = infoFields(asText(await live.send('INFO', 'persistence'))).get('Persistence')!;
    const own = infoFields(await ours.send('INFO', 'persistence')).get('Persistence')!;
    const isKept = (name: string): boolean => !name.startsWith('aof_buffer') || own.has(name);
    expect([...own.keys()].sort()).toEqual([...theirs.keys()].filter(isKept).sort());
  });

  it('gives statistics of commands in the same form', async () => {
    await live.send('GET', 'a');
    await ours.send('GET', 'a');
    const shape = (text: string): string => text.replaceAll(/\d+(\.\d+)?/g, 'n');
    for (const [section, field] of [
      ['Commandstats', 'cmdstat_get'],
      ['Keyspace', 'db0'],
    ] as const) {
      await live.send('SET', 'a', '1');
      await ours.send('SET', 'a', '1');
      const theirs = infoFields(asText(await live.send('INFO', section)))
        .get(section)!
        .get(field)!;
      expect(
        shape(
          infoFields(await ours.send('INFO', section))
            .get(section)!
            .get(field)!,
        ),
      ).toBe(shape(theirs));
    }
  });
});
