/** What a real server makes of a directory when it starts, and while it rewrites, is what we say about it. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isLogCurrent, type OpenedAofLog, openAofLog } from '../../src/aof/directory/directory.js';
import { formatManifest, parseManifest } from '../../src/aof/directory/manifest.js';
import { readAof } from '../../src/aof/read.js';
import { FormatError } from '../../src/bytes/errors.js';
import { nodeFiles } from '../../src/bytes/files-node.js';
import { logged } from '../support/aof-files.js';
import { type LiveServer, startServer } from '../support/live-server.js';

const F = 'appendonly.aof';
const ARGS = ['--appendonly', 'yes', '--save', ''];

let dir: string;
let within: string;
const started: LiveServer[] = [];
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-aofstart-'));
  within = path.join(dir, 'appendonlydir');
});
afterEach(async () => {
  for (const server of started.splice(0)) await server.stop();
  fs.rmSync(dir, { recursive: true, force: true });
});

/** A server on the directory, which ends with the test at the latest. */
async function start(args: readonly string[] = ARGS): Promise<LiveServer> {
  const server = await startServer({ dir, args });
  started.push(server);
  return server;
}

/** Files by path under the data directory; a name that ends with `/` is a directory. */
function lay(files: Readonly<Record<string, Uint8Array | string>>): void {
  for (const [name, content] of Object.entries(files)) {
    const place = path.join(dir, name);
    fs.mkdirSync(name.endsWith('/') ? place : path.dirname(place), { recursive: true });
    if (!name.endsWith('/')) fs.writeFileSync(place, content);
  }
}

const OLD = logged('SET', 'from', 'old');
const OTHER = logged('SET', 'from', 'base');
const manifestOf = (lines: string): Record<string, string> => ({ [`appendonlydir/${F}.manifest`]: lines });

interface Situation {
  readonly name: string;
  readonly files: Readonly<Record<string, Uint8Array | string>>;
  readonly situation: 'upgrade' | 'multi-part' | 'empty';
  /** What the server answers to GET from. */
  readonly from: string | null;
}

const SITUATIONS: readonly Situation[] = [
  { name: 'an old file alone', files: { [F]: OLD }, situation: 'upgrade', from: 'old' },
  {
    name: 'one beside an empty directory',
    files: { [F]: OLD, 'appendonlydir/': '' },
    situation: 'upgrade',
    from: 'old',
  },
  { name: 'an empty one', files: { [F]: '' }, situation: 'upgrade', from: null },
  {
    name: 'one beside a manifest of comments',
    files: { [F]: OLD, ...manifestOf('# nothing\n') },
    situation: 'upgrade',
    from: 'old',
  },
  {
    name: 'one beside history alone',
    files: { [F]: OLD, ...manifestOf(`file x seq 3 type h\n`) },
    situation: 'upgrade',
    from: 'old',
  },
  {
    name: 'one that was listed and not moved',
    files: { [F]: OLD, ...manifestOf(`file ${F} seq 7 type b\n`) },
    situation: 'upgrade',
    from: 'old',
  },
  {
    name: 'one that was moved, and another',
    files: { [F]: OLD, ...manifestOf(`file ${F} seq 1 type b\n`), [`appendonlydir/${F}`]: OTHER },
    situation: 'multi-part',
    from: 'base',
  },
  {
    name: 'one beside a base of another name',
    files: { [F]: OLD, ...manifestOf('file b seq 1 type b\n'), 'appendonlydir/b': OTHER },
    situation: 'multi-part',
    from: 'base',
  },
  {
    name: 'one beside an increment',
    files: { [F]: OLD, ...manifestOf(`file i seq 1 type i\n`), 'appendonlydir/i': OTHER },
    situation: 'multi-part',
    from: 'base',
  },
  { name: 'nothing', files: { 'appendonlydir/': '' }, situation: 'empty', from: null },
];

describe('at the start', () => {
  it.each(SITUATIONS)('$name is $situation', async ({ files, situation, from }) => {
    lay(files);
    const before = openAofLog(dir, nodeFiles);
    expect(before.facts?.situation).toBe(situation);
    const values = await lastValues(before);
    expect(values.get('from') ?? null).toBe(from);
    const hadOld = F in files;
    const server = await start();
    expect(await get(server, 'from')).toBe(from);
    await server.stop();
    expect(fs.existsSync(path.join(dir, F))).toBe(hadOld && situation !== 'upgrade');
    expect(before.facts?.ignored !== undefined).toBe(hadOld && situation !== 'upgrade');
    const after = openAofLog(dir, nodeFiles);
    expect(after.facts).toMatchObject({ situation: 'multi-part', missing: [], leftovers: [] });
    expect(formatManifest(after.manifest!)).toEqual(after.facts?.manifestBytes);
    if (situation === 'upgrade') expect(after.manifest?.entries[0]).toEqual({ name: F, seq: 1n, type: 'base' });
  });

  it('an empty manifest is refused, whatever lies beside it', async () => {
    lay({ [F]: OLD, ...manifestOf('') });
    expect(() => openAofLog(dir, nodeFiles)).toThrow(/empty manifest/);
    await expect(start()).rejects.toThrow(/did not come up/);
  });

  it.each([
    ['without a manifest', {}],
    ['with a base alone', { ...manifestOf('file b seq 1 type b\n'), 'appendonlydir/b': '' }],
    ['with an old file', { [F]: OTHER }],
  ])('a stale first increment %s is replayed by the second start', async (_, files) => {
    lay({ ...files, [`appendonlydir/${F}.1.incr.aof`]: logged('SET', 'stale', '1') });
    expect(openAofLog(dir, nodeFiles).facts?.staleNext?.path).toBe(path.join(within, `${F}.1.incr.aof`));
    const replies: unknown[] = [];
    for (const _start of [1, 2]) {
      const server = await start();
      replies.push(await get(server, 'stale'));
      await server.stop();
    }
    expect(replies).toEqual([null, '1']);
  });

  it('a stale second increment is emptied by the rewrite that takes its name', async () => {
    lay({ ...manifestOf('file i seq 1 type i\n'), 'appendonlydir/i': OTHER });
    lay({ [`appendonlydir/${F}.2.incr.aof`]: logged('SET', 'stale', '1') });
    const { facts } = openAofLog(dir, nodeFiles);
    expect(facts?.staleNext).toBeUndefined();
    expect(facts?.unlisted).toHaveLength(1);
    const server = await start();
    await rewrite(server);
    await server.send('DEBUG', 'LOADAOF');
    expect(await get(server, 'stale')).toBeNull();
    await server.stop();
  });
});

describe('names', () => {
  it.each(['plain.aof', 'we ird', 'q"uote', 'hash#', '\u00e9t\u00e9', "it's"])(
    '%s as appendfilename',
    async (fileName) => {
      const args = configure(`appendfilename "${fileName.replaceAll('"', '\\"')}"`);
      await (await start(args)).stop();
      const manifest = path.join(within, `${fileName}.manifest`);
      const bytes = new Uint8Array(fs.readFileSync(manifest));
      const again = await start(args).catch(() => undefined);
      await again?.stop();
      if (again !== undefined) {
        const log = openAofLog(dir, nodeFiles);
        expect(log.facts?.fileName).toBe(fileName);
        expect(log.facts?.missing).toEqual([]);
        expect(formatManifest(log.manifest!)).toEqual(bytes);
        return;
      }
      // An apostrophe is written raw by all of them, a double quote by Valkey 8.1, and neither is read so.
      expect(fileName).toMatch(/['"]/);
      expect(() => parseManifest(bytes)).toThrow(FormatError);
      const entries = (['base', 'incr'] as const).map((type) => {
        return { name: `${fileName}.1.${type === 'base' ? 'base.rdb' : 'incr.aof'}`, seq: 1n, type };
      });
      fs.writeFileSync(manifest, formatManifest({ entries }));
      await (await start(args)).stop();
    },
  );

  it('of bytes that are no UTF-8', async () => {
    const server = await start(configure('appendfilename "\\xff\\x01\\t.aof"'));
    await server.send('SET', 'k', 'v');
    await server.stop();
    const log = openAofLog(dir, nodeFiles);
    expect(log.files.map(({ role }) => role)).toEqual(['base', 'incr']);
    expect((await lastValues(log)).get('k')).toBe('v');
    expect(formatManifest(log.manifest!)).toEqual(log.facts?.manifestBytes);
  });
});

describe('while the server rewrites', () => {
  it('every manifest gives a whole log, without gaps', { timeout: 60_000 }, async () => {
    const server = await start([...ARGS, '--aof-disable-auto-gc', 'no']);
    const manifests = new Set<string>();
    let isWriting = true;
    const writing = (async () => {
      for (let value = 1; isWriting; value++) await server.send('SET', 'counter', value);
    })();
    for (let round = 0; round < 4; round++) {
      const rewriting = rewrite(server);
      let isRewriting = true;
      void rewriting.finally(() => (isRewriting = false));
      while (isRewriting) {
        manifests.add(await readCounter());
        await sleep(1); // Reading files never lets go by itself.
      }
      await rewriting;
    }
    isWriting = false;
    await writing;
    await server.stop();
    expect(manifests.size).toBeGreaterThan(3);
  });

  it('history is told from oldest to newest, each base before its increments', async () => {
    const server = await start([...ARGS, '--aof-disable-auto-gc', 'yes']);
    for (const round of [1, 2, 3]) {
      await server.send('SET', 'round', round);
      await rewrite(server);
    }
    await server.stop();
    const { history, manifest, facts } = openAofLog(within, nodeFiles);
    expect(history.map(({ name }) => path.basename(name).slice(F.length + 1))).toEqual([
      '1.base.rdb',
      '1.incr.aof',
      '2.base.rdb',
      '2.incr.aof',
      '3.base.rdb',
      '3.incr.aof',
    ]);
    expect(formatManifest(manifest!)).toEqual(facts?.manifestBytes);
    expect(facts?.unlisted).toEqual([]);
  });
});

/** Arguments for a server with one more line of configuration. */
function configure(line: string): string[] {
  const file = path.join(dir, 'odd.conf');
  fs.writeFileSync(file, `${line}\n`);
  return [...ARGS, '--include', file];
}

async function get(server: LiveServer, key: string): Promise<string | null> {
  const reply = await server.send('GET', key);
  return reply === null ? null : String(reply);
}

/** Reads the log once; the counter never skips a value. Gives the manifest. */
async function readCounter(): Promise<string> {
  for (;;) {
    const log = openAofLog(dir, nodeFiles);
    try {
      let last = 0;
      for await (const entry of readAof(log, { onTruncated: 'stop' })) {
        const value = counterOf(entry);
        if (value === undefined) continue;
        if (last > 0) expect(value).toBe(last + 1);
        last = value;
      }
      return new TextDecoder().decode(log.facts!.manifestBytes);
    } catch (error) {
      // Removed between the look at the manifest and the reading: look again.
      const isGone = error instanceof FormatError && error.code === 'MISSING_FILE';
      if (!isGone || isLogCurrent(log, nodeFiles)) throw error;
      await sleep(1);
    }
  }
}

type Entry = Awaited<ReturnType<ReturnType<typeof readAof>['next']>>['value'];

function counterOf(entry: Entry): number | undefined {
  if (entry?.kind === 'rdb' && entry.entry.kind === 'key' && entry.entry.value.type === 'string')
    return Number(Buffer.from(entry.entry.value.value).toString());
  if (entry?.kind !== 'command' || entry.args.length !== 3) return undefined;
  return Number(Buffer.from(entry.args[2]!).toString());
}

async function lastValues(log: OpenedAofLog): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  for await (const entry of readAof(log)) {
    if (entry.kind !== 'command' || entry.args.length !== 3) continue;
    const [, key, value] = entry.args.map((arg) => Buffer.from(arg).toString('latin1'));
    values.set(key!, value!);
  }
  return values;
}

async function rewrite(server: LiveServer): Promise<void> {
  await server.send('BGREWRITEAOF');
  for (;;) {
    const info = String(await server.send('INFO', 'persistence'));
    if (/aof_rewrite_in_progress:0/.test(info) && /aof_rewrite_scheduled:0/.test(info)) return;
    await sleep(10);
  }
}
