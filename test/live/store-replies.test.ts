/** What SAVE and its like answer, whatever goes on at the moment, and what is refused while files are in trouble. */
import fs from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Store, StoreClient } from '../../src/store/index.js';
import { asServerReply, plainReply } from '../support/engine-replies.js';
import type { LiveServer } from '../support/live-server.js';
import { ReplyError } from '../support/resp-client.js';
import { type ServerGeneration, serverGeneration, serverSettled, settled } from '../support/store-beside-server.js';
import { bytesIn, SitesBeside } from '../support/store-beside-sites.js';
import { until } from '../support/until.js';

let generation: ServerGeneration;
let site: SitesBeside;

beforeAll(async () => {
  generation = await serverGeneration();
});

beforeEach(() => {
  site = new SitesBeside(generation);
});

afterEach(async () => await site.clear());

/** A server and a store that are given the same. */
class Pair {
  readonly client: StoreClient;

  constructor(
    readonly server: LiveServer,
    readonly store: Store,
  ) {
    this.client = store.client();
  }

  static async open(appendonly: boolean, save = ''): Promise<Pair> {
    const args = ['--appendonly', appendonly ? 'yes' : 'no', '--save', save, '--rdb-key-save-delay', '0'];
    const server = await site.serve(site.laid('theirs'), args);
    return new Pair(server, await site.open(site.laid('ours'), { appendonly, save }));
  }

  /** Runs a line, words between blanks, on both: the same reply, which is given back as text. */
  async expectSame(line: string): Promise<string> {
    const words = line.split(' ').filter((word) => word !== '');
    const theirs = plainReply(await this.server.send(...words).catch(errorAsValue));
    const ours = plainReply(asServerReply(this.client.execute(words), generation.target));
    this.store.flush();
    // Each has started at a second of its own.
    const isTime = typeof ours === 'number' && ours > 1e9 && typeof theirs === 'number';
    if (isTime) expect(Math.abs(ours - theirs), line).toBeLessThan(60);
    else expect(ours, line).toEqual(line === 'EXEC' ? withTimeOf(theirs, ours) : theirs);
    return JSON.stringify(theirs);
  }
}

/** The same array, with the time that the other has where both have one. */
function withTimeOf(theirs: unknown, ours: unknown): unknown {
  if (!Array.isArray(theirs) || !Array.isArray(ours)) return theirs;
  return theirs.map((part, at) => (Math.min(part as number, ours[at]) > 1e9 ? ours[at] : part));
}

function errorAsValue(error: unknown): ReplyError {
  if (error instanceof ReplyError) return error;
  throw error;
}

const WRONG = [
  ...['SAVE x', 'BGSAVE x', 'BGSAVE SCHEDULE x', 'BGSAVE SCHEDULED', 'LASTSAVE x', 'BGREWRITEAOF x'],
  ...['SHUTDOWN x', 'SHUTDOWN SAVE NOSAVE', 'SHUTDOWN NOSAVE SAVE', 'SHUTDOWN SAVE x', 'SHUTDOWN ABORT SAVE'],
  ...['SHUTDOWN ABORT NOW', 'SHUTDOWN ABORT', 'shutdown abort', 'SHUTDOWN ABORT ABORT', 'SHUTDOWN NOW ABORT'],
  ...['SHUTDOWN NOSAVE NOW FORCE SAVE', 'bgsave schedule x', 'SHUTDOWN NOSAVE NOSAVE x'],
];
const FINE = ['SAVE', 'BGSAVE', 'BGSAVE SCHEDULE', 'bgsave schedule', 'BGREWRITEAOF', 'LASTSAVE', 'SHUTDOWN ABORT'];

describe.each([true, false])('with appendonly %s', (appendonly) => {
  it('wrong arguments, by themselves and in a transaction', async () => {
    const pair = await Pair.open(appendonly);
    for (const line of WRONG) expect(await pair.expectSame(line)).toMatch(/error/);
    for (const line of [...WRONG, 'WATCH k', 'MULTI']) {
      await pair.expectSame('MULTI');
      await pair.expectSame('INCR n');
      await pair.expectSame(line);
      await pair.expectSame('EXEC');
    }
  });

  it.each(FINE)('%s, by itself and in a transaction', async (line) => {
    const pair = await Pair.open(appendonly);
    await pair.expectSame('SET a 1');
    await pair.expectSame(line);
    await serverSettled(pair.server);
    await settled(pair.store);
    await pair.expectSame('MULTI');
    await pair.expectSame('INCR n');
    await pair.expectSame(line);
    await pair.expectSame('INCR n');
    await pair.expectSame('EXEC');
    await serverSettled(pair.server);
    await settled(pair.store);
    await pair.expectSame('LASTSAVE');
    await pair.expectSame('GET n');
  });

  it.each(['BGSAVE', 'BGREWRITEAOF'])('while %s goes on', async (begin) => {
    const pair = await Pair.open(appendonly);
    for (let key = 0; key < 20; key++) await pair.expectSame(`SET key:${key} 1`);
    await pair.server.send('CONFIG', 'SET', 'rdb-key-save-delay', '1000000');
    expect(await pair.expectSame(begin)).toContain('started');
    // Whoever has begun keeps its delay.
    await pair.server.send('CONFIG', 'SET', 'rdb-key-save-delay', '0');
    for (const line of [...FINE, begin, ...FINE]) {
      await pair.expectSame(line);
      await pair.expectSame('MULTI');
      await pair.expectSame(line);
      await pair.expectSame('EXEC');
    }
    const { isSaveScheduled, log } = pair.store.status;
    const isSaving = begin === 'BGSAVE';
    expect([isSaveScheduled, log.isRewriteScheduled]).toEqual([!isSaving, isSaving]);
    expect(String(await pair.server.send('INFO', 'persistence'))).toContain(
      `aof_rewrite_scheduled:${Number(isSaving)}`,
    );
  });
});

describe.each(['60 1000', ''])('at the end, with save points %j', (save) => {
  it.each(['SHUTDOWN', 'SHUTDOWN SAVE', 'SHUTDOWN NOSAVE', 'shutdown nosave force', 'SHUTDOWN NOW'])(
    '%s',
    async (line) => {
      const pair = await Pair.open(true, save);
      await pair.expectSame('SET a 1');
      await expect(pair.server.send(...line.split(' '))).rejects.toThrow('closed');
      pair.client.execute(line.split(' '));
      expect(pair.store.hasEnded).toBe(true);
      expect(() => pair.client.execute(['PING'])).toThrow();
      await pair.server.stop();
      const [ours, theirs] = [pair.store.settings.dir, pair.server.dir].map((dir) => [...bytesIn(dir).keys()]);
      expect(ours).toEqual(theirs);
      expect(ours!.includes('dump.rdb')).toBe(/NOSAVE/i.test(line) ? false : /SAVE/.test(line) || save !== '');
    },
  );
});

it('BGSAVE CANCEL, which Redis does not have', async () => {
  const pair = await Pair.open(false);
  for (const key of ['a', 'b', 'c']) await pair.expectSame(`SET ${key} 1`);
  for (const line of ['BGSAVE CANCEL', 'bgsave cancel', 'BGSAVE CANCEL x']) await pair.expectSame(line);
  await pair.server.send('CONFIG', 'SET', 'rdb-key-save-delay', '1000000');
  await pair.expectSame('BGREWRITEAOF');
  await pair.expectSame('BGSAVE SCHEDULE');
  for (const line of ['BGSAVE CANCEL', 'BGSAVE CANCEL', 'MULTI', 'BGSAVE', 'BGSAVE CANCEL', 'BGSAVE CANCEL', 'EXEC'])
    await pair.expectSame(line);
  // The rewrite goes on with its delay: seconds later it is done.
  await serverSettled(pair.server);
  await settled(pair.store);
  await pair.expectSame('BGSAVE');
  await pair.expectSame('BGSAVE CANCEL');
  if (generation.target.family === 'redis') return;
  await serverSettled(pair.server);
  await settled(pair.store);
  expect(bytesIn(pair.store.settings.dir).has('dump.rdb')).toBe(false);
  expect([...bytesIn(pair.store.settings.dir).keys()]).toEqual([...bytesIn(pair.server.dir).keys()]);
  await pair.expectSame('SET d 1');
  expect(pair.store.status).toMatchObject({ changesSinceLastSave: 4, saves: 0, saveFailure: undefined });
});

describe('while dumps fail', () => {
  const COMMANDS = ['SET a 1', 'GET a', 'DEL nothing', 'FLUSHALL', 'PUBLISH c m', 'FUNCTION FLUSH', 'PING', 'LASTSAVE'];

  it.each(['60 1000', ''])('with save points %j', async (save) => {
    const pair = await Pair.open(false, save);
    await pair.expectSame('SET a 0');
    fs.rmSync(pair.server.dir, { recursive: true });
    fs.rmSync(pair.store.settings.dir, { recursive: true });
    expect(await pair.expectSame('SAVE')).toBe(JSON.stringify({ error: 'ERR' }));
    expect(await pair.expectSame('SET a 1')).toBe(JSON.stringify('OK'));
    await pair.expectSame('BGSAVE');
    await settled(pair.store);
    await until(async () => /rdb_last_bgsave_status:err/.test(String(await pair.server.send('INFO', 'persistence'))));
    expect(pair.store.status.saveFailure).toBeDefined();
    for (const line of COMMANDS) {
      await pair.expectSame(line);
      await pair.expectSame('MULTI');
      await pair.expectSame(line);
      await pair.expectSame('EXEC');
    }
    const refused = await pair.expectSame('SET a 2');
    if (save === '') expect(refused).toBe(JSON.stringify('OK'));
    else expect(refused).toContain('MISCONF');
    await pair.expectSame('SAVE');
    await pair.expectSame('SHUTDOWN SAVE');
    pair.store.configure({ stopWritesOnBgsaveError: false });
    await pair.server.send('CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'no');
    expect(await pair.expectSame('SET a 3')).toBe(JSON.stringify('OK'));
    if (save !== '') await pair.expectSame('SHUTDOWN');
  });
});
