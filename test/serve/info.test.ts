/** INFO: sections, and what its fields tell of a server. That the names are the real server's stands in the live tests. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { humanSize } from '../../src/serve/info/info-field.js';
import { Rates } from '../../src/serve/info/rates.js';
import { TestClient } from './commands-server.js';
import { ConfiguredServer, infoFields } from './config-server.js';

let test: ConfiguredServer;

beforeEach(async () => {
  test = await ConfiguredServer.open();
});

afterEach(() => test.close());

async function fieldsOf(section: string): Promise<Record<string, string>> {
  const sections = [...infoFields(await test.send('INFO', section)).values()];
  expect(sections).toHaveLength(1);
  return Object.fromEntries(sections[0]!);
}

describe('sections', () => {
  const DEFAULT = 'Server Clients Memory Persistence Stats Replication CPU Modules Errorstats Cluster Keyspace';
  const ALL = DEFAULT.replace('Errorstats', 'Commandstats Errorstats Latencystats');

  it.each([
    [[], DEFAULT],
    [['default'], DEFAULT],
    [['ALL'], ALL],
    [['everything'], ALL],
    [['keyspace', 'Server'], 'Server Keyspace'],
    [['commandstats', 'default'], DEFAULT.replace('Errorstats', 'Commandstats Errorstats')],
    [['nosuch'], ''],
  ])('INFO %s', async (names, titles) => {
    expect([...infoFields(await test.send('INFO', ...names)).keys()].join(' ')).toBe(titles);
  });

  it('are parted by an empty line', async () => {
    expect(await test.send('INFO', 'cluster', 'modules')).toBe('# Modules\r\n\r\n# Cluster\r\ncluster_enabled:0\r\n');
  });
});

describe('fields', () => {
  it('tell of the server and its clients', async () => {
    test.site.nowMs += 90_061_000;
    expect(await fieldsOf('server')).toMatchObject({
      redis_version: '7.0.15',
      tcp_port: '6379',
      uptime_in_seconds: '90061',
      uptime_in_days: '1',
      run_id: expect.stringMatching(/^[0-9a-f]{40}$/),
      process_id: String(process.pid),
    });
    expect((await fieldsOf('server')).run_id).toBe((await fieldsOf('server')).run_id);
    expect(await fieldsOf('clients')).toMatchObject({
      connected_clients: '1',
      maxclients: '10000',
      blocked_clients: '0',
    });
  });

  it('tell of keys', async () => {
    await test.send('MSET', 'a', '1', 'b', '2');
    await test.send('SET', 'c', '3', 'PX', '1000');
    await test.send('SET', 'd', '3', 'PX', '3000');
    await test.send('SELECT', '3');
    await test.send('SET', 'x', '1');
    expect(await fieldsOf('keyspace')).toEqual({
      db0: 'keys=4,expires=2,avg_ttl=2000',
      db3: 'keys=1,expires=0,avg_ttl=0',
    });
  });

  it('tell of files', async () => {
    await test.send('SET', 'a', '1');
    expect(await fieldsOf('persistence')).toMatchObject({
      loading: '0',
      rdb_changes_since_last_save: '1',
      rdb_last_bgsave_status: 'ok',
      aof_enabled: '0',
    });
    await test.send('CONFIG', 'SET', 'appendonly', 'yes');
    test.site.settle();
    await test.send('SET', 'a', '2');
    const { aof_current_size: size, ...others } = await fieldsOf('persistence');
    expect(others).toMatchObject({ aof_enabled: '1', aof_rewrite_in_progress: '0', aof_last_write_status: 'ok' });
    expect(Number(size)).toBeGreaterThan(50);
    test.site.files.refuse = (step) => step.startsWith('write');
    await test.send('BGSAVE');
    test.site.settle();
    expect(await fieldsOf('persistence')).toMatchObject({ rdb_last_bgsave_status: 'err' });
  });

  it('count commands and errors', async () => {
    await test.send('GET', 'a');
    await test.send('GET', 'a', 'b');
    await test.send('LPUSH', 'l', 'x');
    await test.send('GET', 'l');
    const { cmdstat_get: get, ...others } = await fieldsOf('commandstats');
    expect(get).toMatch(/^calls=[23],usec=\d+,usec_per_call=\d+\.\d\d,rejected_calls=[01],failed_calls=[12]$/);
    expect(Object.keys(others)).toEqual(['cmdstat_lpush']);
    expect(await fieldsOf('errorstats')).toEqual({ errorstat_ERR: 'count=1', errorstat_WRONGTYPE: 'count=1' });
    const { total_error_replies: errors, total_commands_processed: commands } = await fieldsOf('stats');
    expect([errors, Number(commands) >= 4]).toEqual(['2', true]);
    await test.send('CONFIG', 'RESETSTAT');
    expect(await fieldsOf('errorstats')).toEqual({});
  });

  it('tell of messages', async () => {
    await new TestClient(test.server, '127.0.0.1:50001').send('SUBSCRIBE a b', 'PSUBSCRIBE c*', 'SSUBSCRIBE d');
    expect(await fieldsOf('stats')).toMatchObject({
      pubsub_channels: '2',
      pubsub_patterns: '1',
      pubsubshard_channels: '1',
      total_connections_received: '2',
    });
  });

  it('tell of memory', async () => {
    const memory = await fieldsOf('memory');
    expect(Number(memory.used_memory)).toBeGreaterThan(1024 * 1024);
    expect(memory.used_memory_human).toMatch(/^\d+\.\d\dM$/);
    expect(Number(memory.used_memory_peak)).toBeGreaterThanOrEqual(Number(memory.used_memory));
    expect(memory).toMatchObject({ maxmemory: '0', maxmemory_human: '0B', maxmemory_policy: 'noeviction' });
    await test.send('CONFIG', 'SET', 'maxmemory', '3gb');
    expect(await fieldsOf('memory')).toMatchObject({ maxmemory: '3221225472', maxmemory_human: '3.00G' });
  });
});

it('measures rates over a second, and over less where nobody has asked before', () => {
  const rates = new Rates(0);
  const totals = (commands: number) => ({ commands, inputBytes: commands * 10, outputBytes: 0 });
  expect(rates.at(50, totals(5)).commands).toBe(0);
  expect(rates.at(500, totals(50))).toEqual({ commands: 100, inputBytes: 1000, outputBytes: 0 });
  expect(rates.at(2000, totals(100)).commands).toBe(50);
  expect(rates.at(3000, totals(130)).commands).toBe(30);
  expect(rates.at(4000, totals(3)).commands).toBe(0);
});

it.each([
  [0, '0B'],
  [1023, '1023B'],
  [1024, '1.00K'],
  [940_936, '918.88K'],
  [12_337_152, '11.77M'],
  [25_276_510_208, '23.54G'],
])('shows %i bytes as %s', (bytes, text) => expect(humanSize(bytes)).toBe(text));
