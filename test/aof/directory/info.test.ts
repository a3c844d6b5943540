/** What is in a log. */
import { describe, expect, it } from 'vitest';
import { openAofLog } from '../../../src/aof/directory/directory.js';
import { describeLog } from '../../../src/aof/directory/info.js';
import { readAof } from '../../../src/aof/read.js';
import { nodeFiles } from '../../../src/bytes/files-node.js';
import { listAofFixtures, logged, text } from '../../support/aof-files.js';
import { readFixture } from '../../support/fixtures.js';
import { MemoryFiles } from '../../support/memory-files.js';
import { memoryLog } from '../../support/memory-log.js';

const SET = logged('SET', 'k', 'v');
const dump = readFixture('redis-7.0/types');
const glue = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

describe('describeLog', () => {
  it('counts commands by database, transactions, times', async () => {
    const file = glue(
      text('#TS:100\r\n'),
      ...[SET, logged('SELECT', '3'), logged('MULTI'), SET, SET, logged('EXEC')],
      text('#TS:200\r\n#note\r\n'),
      ...[logged('select', '0'), SET],
    );
    const [info] = await describeLog(memoryLog([file]));
    expect(info).toEqual({
      name: 'file0',
      role: 'single',
      seq: undefined,
      form: 'resp',
      sizeBytes: file.length,
      compression: undefined,
      head: undefined,
      rdbBytes: 0,
      rdbKeys: 0,
      commands: 8,
      transactions: 1,
      annotations: 3,
      firstSeconds: 100,
      lastSeconds: 200,
      dbs: [
        { db: 0, keys: 0, commands: 2 },
        { db: 3, keys: 0, commands: 2 },
      ],
      error: undefined,
      isGrowing: false,
    });
  });

  it('tells forms apart', async () => {
    const infos = await describeLog(memoryLog([dump, glue(dump, SET), SET, new Uint8Array(0)]));
    expect(infos.map(({ form }) => form)).toEqual(['rdb', 'rdb+resp', 'resp', 'empty']);
    expect(infos[1]).toMatchObject({ head: { magic: 'REDIS', version: 10 }, rdbBytes: dump.length, rdbKeys: 238 });
    expect(infos[1]!.dbs[0]).toEqual({ db: 0, keys: 214, commands: 1 });
  });

  it('describes damaged files up to the damage, and the others all the same', async () => {
    const files = [glue(SET, SET.subarray(0, 9)), glue(logged('MULTI'), SET), text('junk'), dump.subarray(0, 500), SET];
    const infos = await describeLog(memoryLog(files));
    expect(infos.map(({ error, commands }) => [error?.code, commands])).toEqual([
      ['TRUNCATED', 1],
      ['OPEN_TRANSACTION', 2],
      ['BAD_COMMAND', 0],
      ['TRUNCATED', 0],
      [undefined, 1],
    ]);
  });

  it('has missing files', async () => {
    const files = new MemoryFiles();
    files.nodes.set('d', undefined);
    files.nodes.set('d/f.manifest', text('file b seq 1 type b\n'));
    const [info] = await describeLog(openAofLog('d', files));
    expect(info).toMatchObject({ form: 'missing', error: { code: 'MISSING_FILE' } });
  });

  it('takes a last file that has just been written, or has grown, for one that is being written', async () => {
    const files = new MemoryFiles();
    files.nodes.set('d', undefined);
    files.nodes.set('d/f', SET.subarray(0, 9));
    const log = openAofLog('d/f', files);
    const growing = async (now: number): Promise<boolean> =>
      (await describeLog(log, { files, now: () => now }))[0]!.isGrowing;
    expect(await growing(1000)).toBe(true);
    expect(await growing(3000)).toBe(false);
    const stat = files.stat.bind(files);
    files.stat = (path) => ({ ...stat(path)!, sizeBytes: 100 });
    expect(await growing(3000)).toBe(true);
    expect((await describeLog(log))[0]!.isGrowing).toBe(false);
  });

  it.each(listAofFixtures())('agrees with what is read of $name', async ({ path }) => {
    const log = openAofLog(path, nodeFiles);
    const [info] = await describeLog(log);
    let [commands, keys] = [0, 0];
    for await (const entry of readAof(log)) {
      if (entry.kind === 'command') commands++;
      else if (entry.kind === 'rdb' && entry.entry.kind === 'key') keys++;
    }
    expect(info).toMatchObject({ commands, rdbKeys: keys, error: undefined, sizeBytes: log.files[0]!.sizeBytes });
    expect(info!.dbs.reduce((sum, db) => sum + db.keys, 0)).toBe(keys);
  });
});
