/** Names, manifests and bytes that a store leaves in a directory, and what it makes of one that it finds: as the server. */
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { digestEngine } from '../../src/engine/digest.js';
import type { StoreChanges } from '../../src/store/index.js';
import { listAofFixtures, logged } from '../support/aof-files.js';
import { chanceOf } from '../support/chance.js';
import { isSameTime } from '../support/engine-replies.js';
import { mixed } from '../support/generators/mixed.js';
import type { LiveServer } from '../support/live-server.js';
import { type ServerGeneration, serverGeneration, serverSettled, settled } from '../support/store-beside-server.js';
import { bytesIn, SitesBeside } from '../support/store-beside-sites.js';
import { until } from '../support/until.js';

const SEED = 20261127;
const F = 'appendonly.aof';

let generation: ServerGeneration;
let site: SitesBeside;

beforeAll(async () => {
  generation = await serverGeneration();
});

beforeEach(() => {
  site = new SitesBeside(generation);
});

afterEach(async () => await site.clear());

/** Names, and the manifest without offsets of replication, which only Redis has as of 8.0. */
function outline(dir: string): { readonly names: string[]; readonly manifest: string | undefined } {
  const files = bytesIn(dir);
  const manifest = files.get(path.join('appendonlydir', `${F}.manifest`))?.toString('latin1');
  return { names: [...files.keys()], manifest: manifest?.replaceAll(/ (?:start|end)offset \d+/g, '') };
}

/** Of a server, when it has removed what is history. */
async function outlineOfServer(server: LiveServer): Promise<ReturnType<typeof outline>> {
  await serverSettled(server);
  const isClean = (manifest: string | undefined): boolean => manifest === undefined || !/ type h\b/.test(manifest);
  return await until(async () => {
    const found = outline(server.dir);
    const counted = found.names.filter((name) => /\.(?:base|incr)\./.test(name)).length;
    const listed = found.manifest?.split('\n').filter((line) => /\.(?:base|incr)\./.test(line)).length ?? 0;
    return isClean(found.manifest) && counted === listed && found;
  });
}

const OLD_FILES = listAofFixtures().filter(({ name }) => name.endsWith(`/${F}`));

describe('the file of a server before 7.0', () => {
  it('is there of several', () => {
    expect(OLD_FILES.length).toBeGreaterThanOrEqual(5);
  });

  it.each(OLD_FILES)('$name becomes the same directory', async ({ path: file }) => {
    const bytes = fs.readFileSync(file);
    // A script of an old log can only be run by a server: nothing is opened, and nothing touched.
    if (bytes.includes('\r\nEVAL\r\n')) {
      const dir = site.laid('ours', { [F]: bytes });
      await expect(site.open(dir)).rejects.toMatchObject({ code: 'UNKNOWN_COMMAND' });
      expect(bytesIn(dir)).toEqual(new Map([[F, bytes]]));
      return;
    }
    const server = await site.serve(site.laid('theirs', { [F]: bytes }));
    const ours = site.laid('ours', { [F]: bytes });
    const store = await site.open(ours);
    expect(outline(ours)).toEqual(await outlineOfServer(server));
    expect(fs.readFileSync(path.join(ours, 'appendonlydir', F))).toEqual(bytes);
    expect(digestEngine(store.engine).digest).toBe(String(await server.send('DEBUG', 'DIGEST')));
    store.client().execute(['BGREWRITEAOF']);
    await settled(store);
    await server.send('BGREWRITEAOF');
    expect(outline(ours)).toEqual(await outlineOfServer(server));
  });
});

type Step = StoreChanges | readonly string[];

/** Commands, or what is set at run time; after each both directories are the same. */
const STORIES: readonly { name: string; appendonly: boolean; aofUseRdbPreamble?: boolean; steps: readonly Step[] }[] = [
  {
    name: 'a log through rewrites, switched off and on',
    appendonly: true,
    steps: [
      ['SET', 'a', '1'],
      ['BGREWRITEAOF'],
      ['SET', 'b', '2'],
      ['BGREWRITEAOF'],
      { appendonly: false },
      ['SET', 'c', '3'],
      { appendonly: true },
      ['SET', 'd', '4'],
      ['BGREWRITEAOF'],
    ],
  },
  {
    name: 'a log with bases of commands',
    appendonly: true,
    aofUseRdbPreamble: false,
    steps: [['RPUSH', 'l', 'x'], ['BGREWRITEAOF'], { aofUseRdbPreamble: true }, ['BGREWRITEAOF']],
  },
  {
    name: 'a log that is switched on for the first time',
    appendonly: false,
    steps: [['SET', 'a', '1'], { appendonly: true }, ['SET', 'b', '2'], { appendonly: false }, { appendonly: true }],
  },
  {
    name: 'rewrites without a log, and a log then',
    appendonly: false,
    steps: [['SET', 'a', '1'], ['BGREWRITEAOF'], ['BGREWRITEAOF'], { appendonly: true }, ['SET', 'b', '2']],
  },
];

const NAMES: Readonly<Record<string, string>> = {
  appendonly: 'appendonly',
  aofUseRdbPreamble: 'aof-use-rdb-preamble',
};

describe('names and manifest', () => {
  it.each(STORIES)('of $name', async ({ appendonly, aofUseRdbPreamble = true, steps }) => {
    const yesNo = (is: unknown): string => (is ? 'yes' : 'no');
    const args = ['--appendonly', yesNo(appendonly), '--aof-use-rdb-preamble', yesNo(aofUseRdbPreamble)];
    let server = await site.serve(site.laid('theirs'), args);
    let own = await site.open(site.laid('ours'), { appendonly, aofUseRdbPreamble });
    let isOn = appendonly;
    expect(outline(own.settings.dir), 'at the start').toEqual(await outlineOfServer(server));
    for (const step of steps) {
      if (isCommand(step)) {
        own.client().execute(step);
        await server.send(...step);
      } else {
        own.configure(step);
        for (const [name, is] of Object.entries(step)) await server.send('CONFIG', 'SET', NAMES[name]!, yesNo(is));
        isOn = step.appendonly ?? isOn;
      }
      own.flush();
      await settled(own);
      expect(outline(own.settings.dir), JSON.stringify(step)).toEqual(await outlineOfServer(server));
    }
    const digest = String(await server.send('DEBUG', 'DIGEST'));
    own.shutdown();
    await server.stop();
    server = await site.serve(server.dir);
    own = await site.open(own.settings.dir);
    expect(outline(own.settings.dir), 'at the next start').toEqual(await outlineOfServer(server));
    expect(digestEngine(own.engine).digest).toBe(isOn ? digest : String(await server.send('DEBUG', 'DIGEST')));
  });

  it('of a log that is switched off before it was there', async () => {
    const server = await site.serve(site.laid('theirs'), ['--appendonly', 'no', '--rdb-key-save-delay', '1000000']);
    const own = await site.open(site.laid('ours'), { appendonly: false });
    for (const key of ['a', 'b', 'c', 'd']) {
      own.client().execute(['SET', key, '1']);
      await server.send('SET', key, '1');
    }
    own.configure({ appendonly: true });
    await server.send('CONFIG', 'SET', 'appendonly', 'yes');
    const unlisted = path.join('appendonlydir', `temp-${F}.incr`);
    expect(outline(own.settings.dir).names).toContain(unlisted);
    expect(outline(server.dir).names).toContain(unlisted);
    own.configure({ appendonly: false });
    await server.send('CONFIG', 'SET', 'appendonly', 'no');
    // The server leaves it until the next time.
    expect(outline(own.settings.dir)).toEqual({ names: [], manifest: undefined });
    await until(async () => !outline(server.dir).names.some((name) => name.startsWith('temp-')));
    expect(outline(server.dir)).toEqual({ names: [unlisted], manifest: undefined });
    own.configure({ appendonly: true });
    await settled(own);
    await server.send('CONFIG', 'SET', 'rdb-key-save-delay', '0');
    await server.send('CONFIG', 'SET', 'appendonly', 'yes');
    expect(outline(own.settings.dir)).toEqual(await outlineOfServer(server));
  });
});

function isCommand(step: Step): step is readonly string[] {
  return Array.isArray(step);
}

describe('bytes of the log', () => {
  it.each([false, true])('are those of the server, with timestamps: %s', { timeout: 120_000 }, async (hasTimes) => {
    const timed = ['--aof-timestamp-enabled', hasTimes ? 'yes' : 'no'];
    const server = await site.serve(site.laid('theirs'), ['--appendonly', 'yes', ...timed]);
    const own = await site.open(site.laid('ours'), { aofTimestampEnabled: hasTimes });
    const chance = chanceOf(SEED, own.engine, (command) => generation.commands.has(command.toUpperCase()));
    const generate = mixed();
    const client = own.client();
    const replies: Promise<unknown>[] = [];
    for (let done = 0; done < 4000; done++) {
      const generated = generate(chance);
      const isPlain = !('args' in generated);
      // What draws by chance is another draw here.
      if (!isPlain && generated.follow !== undefined) continue;
      const args = (isPlain ? generated : generated.args).map(String);
      client.execute(args);
      replies.push(server.send(...args.map((arg) => Buffer.from(arg, 'latin1'))).catch(() => undefined));
      if (done % 50 === 49) own.flush();
    }
    own.flush();
    await Promise.all(replies);
    await server.send('PING');
    const [ours, theirs] = [own.settings.dir, server.dir].map((dir) => incrementIn(dir));
    expect(ours!.length).toBeGreaterThan(50_000);
    for (const text of [ours!, theirs!]) expect(timesIn(text).length > 0).toBe(hasTimes);
    expectSameText(withoutTimes(ours!), withoutTimes(theirs!));
  });
});

const ANNOTATION = /(?<=\r\n|^)#TS:(\d+)\r\n(?=\*|#|$)/g;

function incrementIn(dir: string): string {
  return fs.readFileSync(path.join(dir, 'appendonlydir', `${F}.1.incr.aof`), 'latin1');
}

/** Unix seconds, which never go back. */
function timesIn(text: string): number[] {
  const times = [...text.matchAll(ANNOTATION)].map(([, seconds]) => Number(seconds));
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  for (const seconds of times) expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(600);
  return times;
}

function withoutTimes(text: string): string {
  return text.replaceAll(ANNOTATION, '');
}

/** But for times that were counted from now on: each has a clock of its own. */
function expectSameText(ours: string, theirs: string): void {
  const [left, right] = [ours, theirs].map((text) => text.split(/(\b\d{13}\b)/));
  const at = left!.findIndex((part, index) => {
    const other = right![index];
    return part !== other && !(index % 2 === 1 && isSameTime(Number(part), Number(other)));
  });
  const around = (parts: readonly string[]): string =>
    parts
      .slice(Math.max(0, at - 2), at + 1)
      .join('')
      .slice(-2000);
  if (at >= 0) expect(around(left!)).toBe(around(right!));
  expect(left!.length).toBe(right!.length);
}

describe('an earlier file that ends early', () => {
  it.each(['base', 'incr'])('the %s: nothing is opened, and nothing touched', async (short) => {
    const whole = logged('SET', 'a', '1');
    const cut = whole.subarray(0, -3);
    const dir = site.laid('ours', {
      [`appendonlydir/${F}.1.base.aof`]: short === 'base' ? cut : whole,
      [`appendonlydir/${F}.1.incr.aof`]: short === 'incr' ? cut : whole,
      [`appendonlydir/${F}.2.incr.aof`]: whole,
      [`appendonlydir/${F}.manifest`]: [
        `file ${F}.1.base.aof seq 1 type b\n`,
        `file ${F}.1.incr.aof seq 1 type i\n`,
        `file ${F}.2.incr.aof seq 2 type i\n`,
      ].join(''),
    });
    const before = bytesIn(dir);
    await expect(site.open(dir)).rejects.toMatchObject({ code: 'TRUNCATED' });
    expect(bytesIn(dir)).toEqual(before);
    await expect(site.serve(dir)).rejects.toThrow(/did not come up/);
  });
});
