/** Plans and what they do: copies, in place, the manifest, and that nothing else is touched. */
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openAofLog } from '../../../src/aof/directory/directory.js';
import { planRepair, type RepairMode, type RepairPlan } from '../../../src/aof/repair/repair.js';
import { repairInPlace, writeFilePart } from '../../../src/aof/repair/repair-write.js';
import type { Files } from '../../../src/bytes/files.js';
import { nodeFiles } from '../../../src/bytes/files-node.js';
import { cli, temporaryDirectory } from '../../cli/run-cli.js';
import { joined, logged, text } from '../../support/aof-files.js';
import { readFixture } from '../../support/fixtures.js';

const A = logged('SET', 'a', '1');
const B = logged('SET', 'b', '2');
const MULTI = logged('MULTI');
const DAMAGED = joined(A, text('*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$7\r\n1\r\n'), B);
const MANIFEST =
  'file appendonly.aof.1.base.aof seq 1 type b\nfile appendonly.aof.0.incr.aof seq 9 type h\nfile appendonly.aof.1.incr.aof seq 1 type i\nfile appendonly.aof.2.incr.aof seq 2 type i\n';

const { path, write } = temporaryDirectory();
let counter = 0;

describe('a plan', () => {
  it.each<[string, RepairMode, Uint8Array, readonly (readonly [number, number])[], number]>([
    ['nothing to do', 'tail', joined(A, B), [], 0],
    ['half a command', 'tail', joined(A, B.subarray(0, 9)), [[A.length, A.length + 9]], 0],
    [
      'an open transaction, before its MULTI',
      'tail',
      joined(A, MULTI, B),
      [[A.length, A.length + MULTI.length + B.length]],
      2,
    ],
    ['damage: everything behind it', 'tail', DAMAGED, [[A.length, DAMAGED.length]], 0],
    ['damage: only that', 'salvage', DAMAGED, [[A.length, DAMAGED.length - B.length]], 0],
    ['an annotation without end', 'tail', joined(A, text('#TS:1')), [[A.length, A.length + 5]], 0],
  ])('%s (%s)', async (_, mode, bytes, cuts, lost) => {
    const plan = await planOf(old(write('plan.aof', bytes)), mode);
    expect(plan.files[0]!.cuts.map(({ start, end }) => [start, end])).toEqual(cuts);
    expect(plan.commandsLost).toBe(lost);
    expect(plan.files[0]!.sha256 === undefined).toBe(cuts.length === 0);
  });

  it('knows what nothing can mend', async () => {
    const rdb = readFixture('redis-7.0/types');
    await expect(planOf(old(write('head.aof', rdb.subarray(0, 200))), 'tail')).rejects.toMatchObject({
      code: 'TRUNCATED',
    });
    const tail = await planOf(old(write('headed.aof', joined(rdb, A, B.subarray(0, 9)))), 'tail');
    expect(tail.files[0]!.cuts).toMatchObject([{ start: rdb.length + A.length }]);
    const middle = await planOf(old(write('headed2.aof', joined(rdb, DAMAGED))), 'salvage');
    expect(middle.files[0]!.cuts).toMatchObject([{ start: rdb.length + A.length, reason: 'damage' }]);
  });

  it('refuses a file that grows under it', async () => {
    const file = old(write('growing.aof', DAMAGED));
    let looks = 0;
    const files: Files = {
      ...nodeFiles,
      stat: (name) => {
        const stat = nodeFiles.stat(name)!;
        return { ...stat, sizeBytes: stat.sizeBytes + looks++ };
      },
    };
    await expect(planRepair(openAofLog(file, nodeFiles), { mode: 'tail', files })).rejects.toThrow(
      'is being written to',
    );
  });
});

describe('what goes wrong on the way', () => {
  /** A disk that is full behind so many writes. */
  function failing(after: number): Files {
    let left = after;
    const use = (): void => {
      if (left-- <= 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    };
    return {
      ...nodeFiles,
      create: (name) => {
        use();
        const file = nodeFiles.create(name);
        return {
          write: (bytes, start, end) => {
            use();
            file.write(bytes, start, end);
          },
          sync: () => {
            use();
            file.sync();
          },
          get position() {
            return file.position;
          },
          syncAside: (done) => file.syncAside(done),
          syncData: () => file.syncData(),
          syncDataAside: (done) => file.syncDataAside(done),
          truncate: (size) => file.truncate(size),
          close: () => file.close(),
        };
      },
      rename: (from, to) => {
        use();
        nodeFiles.rename(from, to);
      },
    };
  }

  it('leaves the log, or what it was, whole at every step', async () => {
    for (let after = 0; after < 20; after++) {
      const file = old(write(`step-${after}/appendonly.aof`, DAMAGED));
      const plan = await planOf(file, 'salvage');
      const isDone = await repairInPlace(plan, undefined, failing(after)).then(
        () => true,
        () => false,
      );
      const now = fs.readFileSync(file);
      if (isDone) {
        expect(now.equals(joined(A, B))).toBe(true);
        expect(fs.readFileSync(`${file}.before-fix`).equals(DAMAGED)).toBe(true);
        return;
      }
      expect(now.equals(DAMAGED)).toBe(true);
      expect(fs.readdirSync(path(`step-${after}`)).filter((name) => name.endsWith('.fix-tmp'))).toEqual([]);
    }
    throw new Error('it never came to an end');
  });

  it('never replaces what is there', async () => {
    const plan = await planOf(old(write('there.aof', DAMAGED)), 'tail');
    const target = write('taken.aof', 'mine');
    await expect(writeFilePart(plan.files[0]!, target, nodeFiles)).rejects.toThrow('is there already');
    expect(fs.readFileSync(target, 'utf8')).toBe('mine');
  });
});

describe('the command', () => {
  it('writes a copy, and says what is lost', async () => {
    const file = old(write('fix.aof', DAMAGED));
    const dry = await cli(['aof', 'fix', file, '--dry-run', '--json']);
    expect(dry.code).toBe(4);
    expect(JSON.parse(dry.stdout)).toMatchObject({
      schema: 'rdb-inspect/aof-fix@1',
      mode: 'tail',
      dryRun: true,
      needed: true,
      files: [
        {
          bytes: DAMAGED.length,
          keptBytes: A.length,
          cuts: [{ reason: 'tail' }],
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        },
      ],
    });
    expect(fs.existsSync(`${file}.fixed`)).toBe(false);
    expect((await cli(['aof', 'fix', file, '--salvage'])).code).toBe(4);
    expect(fs.readFileSync(`${file}.fixed`).equals(joined(A, B))).toBe(true);
    expect(fs.readFileSync(file).equals(DAMAGED)).toBe(true);
    // A second time the copy is there.
    expect((await cli(['aof', 'fix', file, '--salvage'])).code).toBe(3);
  });

  it('finds nothing to fix', async () => {
    const file = old(write('sound.aof', A));
    expect(await cli(['aof', 'fix', file])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Nothing to fix'),
    });
    expect(fs.existsSync(`${file}.fixed`)).toBe(false);
    const copy = path('sound-copy.aof');
    expect((await cli(['aof', 'fix', file, '-o', copy])).code).toBe(0);
    expect(fs.readFileSync(copy).equals(A)).toBe(true);
  });

  it('replaces in place, and keeps each backup', async () => {
    const file = old(write('place.aof', DAMAGED));
    fs.chmodSync(file, 0o640);
    expect((await cli(['aof', 'fix', file, '--in-place'])).code).toBe(4);
    expect(fs.statSync(file).mode & 0o777).toBe(0o640);
    expect(fs.readFileSync(file).equals(A)).toBe(true);
    expect(fs.readFileSync(`${file}.before-fix`).equals(DAMAGED)).toBe(true);
    fs.writeFileSync(file, joined(A, B.subarray(0, 5)));
    old(file);
    expect((await cli(['aof', 'fix', file, '--in-place'])).code).toBe(4);
    expect(fs.readFileSync(`${file}.before-fix.1`).equals(joined(A, B.subarray(0, 5)))).toBe(true);
  });

  it('repairs any file of a directory, and leaves history out of the copy', async () => {
    const name = directory({
      'appendonly.aof.1.base.aof': DAMAGED,
      'appendonly.aof.1.incr.aof': joined(A, MULTI, B),
      'appendonly.aof.2.incr.aof': B,
    });
    const before = contents(name);
    const target = `${name}-repaired`;
    expect((await cli(['aof', 'fix', name, '--salvage', '-o', target])).code).toBe(4);
    expect(contents(name)).toEqual(before);
    expect(contents(target)).toEqual({
      'appendonly.aof.1.base.aof': latin1(joined(A, B)),
      'appendonly.aof.1.incr.aof': latin1(A),
      'appendonly.aof.2.incr.aof': latin1(B),
      'appendonly.aof.manifest': MANIFEST.replace(/.* type h\n/, ''),
    });
    expect((await cli(['aof', 'check', target])).code).toBe(0);
  });

  it('leaves a missing increment out only when it may', async () => {
    const name = directory({ 'appendonly.aof.1.base.aof': A, 'appendonly.aof.2.incr.aof': B });
    const refused = await cli(['aof', 'fix', name]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('--salvage leaves a missing increment out');
    expect((await cli(['aof', 'fix', name, '--salvage', '--in-place'])).code).toBe(4);
    const files = contents(name);
    expect(files['appendonly.aof.manifest']).not.toContain('appendonly.aof.1.incr.aof');
    expect(files['appendonly.aof.manifest']).toContain('type h');
    expect(files['appendonly.aof.manifest.before-fix']).toBe(MANIFEST);
  });

  it('writes the manifest anew that its server refuses', async () => {
    const name = path(`quoted-${counter++}`);
    const file = "it's.aof";
    fs.mkdirSync(name);
    fs.writeFileSync(
      `${name}/${file}.manifest`,
      `file ${file}.1.base.aof seq 1 type b\nfile ${file}.1.incr.aof seq 1 type i\n`,
    );
    fs.writeFileSync(`${name}/${file}.1.base.aof`, A);
    fs.writeFileSync(`${name}/${file}.1.incr.aof`, B);
    for (const one of fs.readdirSync(name)) old(`${name}/${one}`);
    const check = await cli(['aof', 'check', name]);
    expect(check.code).toBe(1);
    expect(check.stdout).toContain('REFUSED_MANIFEST');
    expect((await cli(['aof', 'fix', name, '--in-place'])).code).toBe(0);
    expect(contents(name)[`${file}.manifest`]).toBe(
      `file "${file}.1.base.aof" seq 1 type b\nfile "${file}.1.incr.aof" seq 1 type i\n`,
    );
    expect((await cli(['aof', 'check', name])).code).toBe(0);
  });

  it('refuses what it cannot do', async () => {
    const file = old(write('usage.aof', DAMAGED));
    for (const args of [
      ['--tail', '--salvage'],
      ['--in-place', '-o', 'x'],
      ['-o', '-'],
    ])
      expect((await cli(['aof', 'fix', file, ...args])).code).toBe(2);
    expect((await cli(['aof', 'fix', '-'])).code).toBe(2);
  });

  it('refuses a file that somebody writes to', async () => {
    const file = write('busy.aof', DAMAGED);
    const timer = setInterval(() => fs.appendFileSync(file, A), 100);
    try {
      const result = await cli(['aof', 'fix', file, '--in-place']);
      expect(result.code).toBe(3);
      expect(result.stderr).toContain('is being written to');
    } finally {
      clearInterval(timer);
    }
    expect(fs.existsSync(`${file}.before-fix`)).toBe(false);
  });
});

function planOf(file: string, mode: RepairMode): Promise<RepairPlan> {
  return planRepair(openAofLog(file, nodeFiles), { mode, files: nodeFiles });
}

function directory(files: Readonly<Record<string, Uint8Array>>): string {
  const name = `directory-${counter++}`;
  for (const [file, bytes] of Object.entries(files)) old(write(`${name}/${file}`, bytes));
  write(`${name}/appendonly.aof.manifest`, MANIFEST);
  return path(name);
}

function contents(name: string): Record<string, string> {
  return Object.fromEntries(
    fs
      .readdirSync(name)
      .sort()
      .map((file) => [file, fs.readFileSync(`${name}/${file}`, 'latin1')]),
  );
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

function old(file: string): string {
  const then = Date.now() / 1000 - 3600;
  fs.utimesSync(file, then, then);
  return file;
}
