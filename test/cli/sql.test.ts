/** `sql`: queries about dumps, with DuckDB and without. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { int64Le, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { fixturePath } from '../support/fixtures.js';
import { type CliOptions, type CliResult, cli, jsonLines, temporaryDirectory } from './run-cli.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const directory = temporaryDirectory();
const types = fixturePath('redis-7.0/types');

/** With a directory for temporary files of its own, which has to be empty afterwards. */
async function sql(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const TMPDIR = directory.path('tmp');
  fs.mkdirSync(TMPDIR, { recursive: true });
  const result = await cli(['sql', ...args], { ...options, env: { TMPDIR, TZ: 'Asia/Tokyo', ...options.env } });
  expect(fs.readdirSync(TMPDIR)).toEqual([]);
  return result;
}

function sample(): string {
  return directory.write(
    'sample.rdb',
    rdbFile(
      'REDIS0012',
      keyRecord(0, 'plain', str('text'), [0xfc, int64Le(4102444800001n)]),
      keyRecord(0, [0xff, 0x00], str([0x80, 0x81])),
      keyRecord(0, 'esc', str('\x1b[31m')),
      keyRecord(4, 'h', [len(2), str('a'), str('1'), str('b'), str('')]),
    ),
  );
}

describe('a query', () => {
  it('counts what keys counts', async () => {
    const { code, stdout, stderr } = await sql([types, 'select type, count(*) as n from keys group by type']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = jsonLines<{ type: string }>((await cli(['keys', types, '--json'])).stdout);
    const rows = jsonLines<{ type: string; n: number }>(stdout);
    expect(rows).toHaveLength(6);
    for (const { type, n } of rows) expect(n).toBe(lines.filter((line) => line.type === type).length);
  });

  it('joins tables, in whatever case and quotes', async () => {
    const query = `select k.type, count(*) as n from KEYS k join "zset_members" using (db, key) group by all`;
    expect(jsonLines((await sql([types, query])).stdout)).toEqual([{ type: 'zset', n: expect.any(Number) }]);
  });

  it('sees several dumps, or a folder of them, as one', async () => {
    const one = directory.write('shards/1.rdb', rdbFile('REDIS0011', keyRecord(0, 'a', str('1'))));
    const two = directory.write('shards/2.rdb', rdbFile('REDIS0011', keyRecord(0, 'b', str('2'))));
    const query =
      'select key, value, parse_filename(source) as source from keys join strings using (db, key) order by key';
    const expected = [
      { key: 'a', value: '1', source: '1.rdb' },
      { key: 'b', value: '2', source: '2.rdb' },
    ];
    expect(jsonLines((await sql([one, two, query])).stdout)).toEqual(expected);
    expect(jsonLines((await sql([path.dirname(one), query])).stdout)).toEqual(expected);
  });

  it('is about the keys that filters let through, and about logs', async () => {
    const count = 'select count(*) as n from keys';
    expect(jsonLines((await sql([types, count, '-t', 'list'])).stdout)).toEqual([{ n: 19 }]);
    const log = directory.write('a.aof', '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n');
    expect(jsonLines((await sql([log, 'select key, value from strings'])).stdout)).toEqual([{ key: 'k', value: 'v' }]);
  });

  it('may be several statements, and ask for no table', async () => {
    const query = "create table t as select key from strings where key = 'esc'; select key || '!' as k from t";
    expect(jsonLines((await sql([sample(), query])).stdout)).toEqual([{ k: 'esc!' }]);
    const tables = jsonLines<{ name: string }>((await sql([sample(), 'show tables'])).stdout);
    expect(tables.map(({ name }) => name)).toContain('stream_entries');
  });

  it('may stand in standard input’s way, and in a file’s', async () => {
    const target = directory.path('answer.csv');
    const args = ['-', 'select count(*) as n from keys', '-f', 'csv', '-o', target];
    expect(await sql(args, { input: fs.readFileSync(types) })).toMatchObject({ code: 0, stdout: '' });
    expect(fs.readFileSync(target, 'utf8')).toBe('n\n238\n');
  });
});

describe('values', () => {
  const QUERY = `select key, expire_at, key_bytes, value from keys left join strings using (db, key)
    where type = 'string' order by file_offset`;
  const LITERALS = `select 9007199254740993::bigint as big, sum(x) as hugeint, 1.50::decimal(4, 2) as dec, 'inf'::double as inf,
    -0.0::double as zero, null as nothing, '' as empty, true as bool, [1, 2] as list, {'a': 'x,"y'} as struct,
    date '2020-01-02' as day, 'a"b' as quoted, 1 as d, 2 as d from (values (1), (2)) v(x)`;

  it('are JSON as everywhere in this command', async () => {
    expect((await sql([sample(), QUERY])).stdout.split('\n')).toEqual([
      '{"key":"plain","expire_at":4102444800001,"key_bytes":null,"value":"text"}',
      '{"key":"\\"\\\\xff\\\\x00\\"","expire_at":null,"key_bytes":{"$b64":"/wA="},"value":null}',
      '{"key":"esc","expire_at":null,"key_bytes":null,"value":"\\u001b[31m"}',
      '',
    ]);
    expect((await sql([sample(), LITERALS])).stdout).toBe(
      '{"big":"9007199254740993","hugeint":3,"dec":1.50,"inf":"inf","zero":-0,"nothing":null,"empty":"","bool":true,' +
        '"list":[1,2],"struct":{"a":"x,\\"y"},"day":"2020-01-02","quoted":"a\\"b","d":1,"d:1":2}\n',
    );
  });

  it('are one object with --json', async () => {
    const { stdout } = await sql([sample(), QUERY, '--json']);
    const answer = JSON.parse(stdout) as { rows: unknown[] };
    expect(answer).toMatchObject({
      schema: 'rdb-inspect/sql@1',
      columns: [
        { name: 'key', type: 'VARCHAR' },
        { name: 'expire_at', type: 'TIMESTAMP WITH TIME ZONE' },
        { name: 'key_bytes', type: 'BLOB' },
        { name: 'value', type: 'VARCHAR' },
      ],
    });
    expect(answer.rows).toHaveLength(3);
    expect(JSON.parse((await sql([sample(), 'select 1 as a where false', '-f', 'json'])).stdout)).toEqual({
      schema: 'rdb-inspect/sql@1',
      columns: [{ name: 'a', type: 'INTEGER' }],
      rows: [],
    });
  });

  it('are CSV', async () => {
    expect((await sql([sample(), QUERY, '-f', 'csv'])).stdout).toBe(
      'key,expire_at,key_bytes,value\nplain,2100-01-01T00:00:00.001Z,,text\n"""\\xff\\x00""",,ff00,\nesc,,,\x1b[31m\n',
    );
    expect((await sql([sample(), LITERALS, '-f', 'csv'])).stdout.split('\n')[1]).toBe(
      '9007199254740993,3,1.50,inf,-0,,"",true,"[1,2]","{""a"":""x,\\""y""}",2020-01-02,"a""b",1,2',
    );
  });

  it('are a table in which nothing moves a cursor', async () => {
    expect((await sql([sample(), QUERY, '-f', 'table'])).stdout).toBe(
      [
        'key         expire_at                 key_bytes   value',
        'plain       2100-01-01T00:00:00.001Z  NULL        text',
        '"\\xff\\x00"  NULL                      "\\xff\\x00"  NULL',
        'esc         NULL                      NULL        "\\x1b[31m"',
        '',
      ].join('\n'),
    );
    const numbers = `select i * 100 as n, 'x' || i as t from range(3) r(i)`;
    expect((await sql([sample(), numbers, '-f', 'table'])).stdout).toBe('  n  t\n  0  x0\n100  x1\n200  x2\n');
  });

  it('are printed as they come', async () => {
    const { stdout } = await sql([sample(), 'from range(100000) r(i)', '-f', 'table']);
    expect(stdout.split('\n')).toHaveLength(100_002);
  });
});

describe('mistakes', () => {
  it.each([
    ['no SQL', 'selct 1', /^rdb-inspect: Parser Error: syntax error at or near "selct"\n\nLINE 1: selct 1\n {8}\^\n$/],
    ['a column that there is not', 'select kye from keys', /Binder Error: Referenced column "kye" not found/],
    ['a table that there is not', 'from kyes', /Catalog Error: Table with name kyes does not exist/],
    ['a value that is none', "select 'x'::int from keys", /Conversion Error: Could not convert string 'x'/],
    ['nothing', ' -- ', /there is no query in it/],
  ])('%s: exit code 2', async (_, query, message) => {
    const { code, stdout, stderr } = await sql([types, query]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it('are found before anything is read', async () => {
    const { code, stderr } = await sql([directory.path('not-there.rdb'), 'select kye from keys']);
    expect(code).toBe(2);
    expect(stderr).toContain('Binder Error');
  });

  it('in the file are those of the file', async () => {
    const whole = fs.readFileSync(types);
    const cut = directory.write('cut.rdb', whole.subarray(0, whole.length - 100));
    expect(await sql([cut, 'from keys'])).toMatchObject({ code: 1, stdout: '' });
    expect(await sql([directory.path('none.rdb'), 'from keys'])).toMatchObject({ code: 3, stdout: '' });
    expect((await sql([types])).stderr).toContain('a source and a query are wanted');
  });

  it('a signal ends it, and leaves nothing behind', async () => {
    const query = 'select count(*) from keys, range(100000000) a, range(100000000) b where a.range < b.range';
    const running: CliOptions['running'] = (child) => {
      // Until its temporary file is there.
      const timer = setInterval(() => {
        const found = fs.readdirSync(directory.path('tmp'), { recursive: true, encoding: 'utf8' });
        if (!found.some((name) => name.endsWith('keys.parquet'))) return;
        clearInterval(timer);
        child.kill('SIGINT');
      }, 20);
      child.on('close', () => clearInterval(timer));
    };
    expect(await sql([types, query], { running })).toMatchObject({ code: 130, stdout: '' });
  });
});

describe('without DuckDB', () => {
  it('says how to get it', async () => {
    // The package as npm installs it where nobody has asked for DuckDB.
    const home = directory.path('installed');
    const { dependencies } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    for (const part of ['bin', 'dist', 'package.json'])
      fs.cpSync(path.join(ROOT, part), path.join(home, part), { recursive: true });
    for (const name of Object.keys(dependencies)) {
      fs.mkdirSync(path.dirname(path.join(home, 'node_modules', name)), { recursive: true });
      fs.symlinkSync(path.join(ROOT, 'node_modules', name), path.join(home, 'node_modules', name), 'junction');
    }
    const bin = path.join(home, 'bin', 'rdb-inspect.js');
    expect(await cli(['sql', types, 'from keys'], { bin })).toMatchObject({
      code: 2,
      stdout: '',
      stderr:
        'rdb-inspect: sql needs DuckDB, which is not installed\n' +
        'hint: npm install @duckdb/node-api (with -g where rdb-inspect was installed with -g)\n',
    });
    expect((await cli(['keys', sample()], { bin })).code).toBe(0);
  });
});
