/** Logs as entries: every fixture, any chunks, every cut, commands larger than the window. */
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AofEntry, AofLog, LogFile } from '../../src/aof/model.js';
import { type AofReadOptions, readAof, singleFileLog } from '../../src/aof/read.js';
import type { RdbInput } from '../../src/bytes/source.js';
import { decodeCommand, skipCommand } from '../../src/codecs/resp.js';
import { joined, listAofFixtures, logged, text } from '../support/aof-files.js';
import { latin1 } from '../support/packed.js';
import { randomSizes } from '../support/random.js';

const SEED = 20261125;

async function entriesOf(input: RdbInput | AofLog, options: AofReadOptions = {}): Promise<AofEntry[]> {
  const entries: AofEntry[] = [];
  for await (const entry of readAof(input, options)) entries.push(entry);
  return entries;
}

function commandsOf(entries: readonly AofEntry[]): string[][] {
  return entries.flatMap((entry) => (entry.kind === 'command' ? [entry.args.map(latin1)] : []));
}

function* chunks(bytes: Uint8Array, size: () => number): Generator<Uint8Array> {
  for (let pos = 0; pos < bytes.length; ) {
    const end = Math.min(bytes.length, pos + size());
    yield bytes.slice(pos, end);
    pos = end;
  }
}

/** Without what depends on where a file came from. */
function shown(entries: readonly AofEntry[]): string[] {
  return entries
    .filter(({ kind }) => kind !== 'file')
    .map((entry) =>
      JSON.stringify(entry, (_key, value: unknown) => {
        if (value instanceof Uint8Array) return latin1(value);
        return typeof value === 'bigint' ? `${value}` : value;
      }),
    );
}

describe.each(listAofFixtures())('$name', ({ path }) => {
  const bytes = new Uint8Array(fs.readFileSync(path));

  it('is read to its end, command by command', async () => {
    const entries = await entriesOf(bytes);
    const end = entries.at(-1)!;
    if (end.kind !== 'file-end') throw new Error('no end');
    expect(end).toMatchObject({ okUpTo: bytes.length, cut: undefined });
    const expected: string[][] = [];
    for (let pos = end.rdbBytes; pos < bytes.length; ) {
      if (bytes[pos] === 0x23) {
        pos = bytes.indexOf(0x0a, pos) + 1;
        continue;
      }
      const next = skipCommand(bytes, pos, bytes.length);
      expected.push(decodeCommand(bytes, pos, bytes.length).map(latin1));
      pos = next;
    }
    expect(commandsOf(entries)).toEqual(expected);
    expect(end.commands).toBe(expected.length);
  });

  it('gives the same in chunks of any size', async () => {
    const whole = shown(await entriesOf(bytes));
    expect(shown(await entriesOf(chunks(bytes, () => 4096)))).toEqual(whole);
    expect(shown(await entriesOf(chunks(bytes, randomSizes(SEED, 5000))))).toEqual(whole);
    expect(shown(await entriesOf(chunks(bytes, () => 61)))).toEqual(whole);
  });
});

it('reads the files of a log in order, history first where that is asked for', async () => {
  const file = (role: LogFile['role'], key: string): LogFile => ({
    ...singleFileLog(logged('SET', key, '1')).files[0]!,
    role,
    name: key,
  });
  const log: AofLog = {
    name: 'log',
    files: [file('base', 'a'), file('incr', 'b')],
    history: [file('history', 'h')],
    manifest: undefined,
  };
  const keysOf = async (options: AofReadOptions): Promise<string[]> =>
    commandsOf(await entriesOf(log, options)).map(([, key]) => key!);
  expect(await keysOf({})).toEqual(['a', 'b']);
  expect(await keysOf({ history: true })).toEqual(['h', 'a', 'b']);
});

const SMALL = joined(
  text('#TS:1700000000\r\n'),
  logged('SELECT', '3'),
  logged('SET', 'a', '1'),
  logged('MULTI'),
  logged('SET', 'b', '2'),
  text('#TS:1700000001\r\n'),
  logged('INCR', 'a'),
  logged('EXEC'),
  logged('select', '0'),
  logged('DEL', 'b'),
);

describe('state', () => {
  it('gives database, time and transaction of every command', async () => {
    const entries = await entriesOf(SMALL);
    const facts = entries.flatMap((entry) =>
      entry.kind === 'command' ? [[latin1(entry.args[0]!), entry.db, entry.timeSeconds, entry.multiOffset]] : [],
    );
    const multi =
      SMALL.length -
      joined(
        logged('MULTI'),
        logged('SET', 'b', '2'),
        text('#TS:1700000001\r\n'),
        logged('INCR', 'a'),
        logged('EXEC'),
        logged('select', '0'),
        logged('DEL', 'b'),
      ).length;
    expect(facts).toEqual([
      ['SELECT', 0, 1_700_000_000, undefined],
      ['SET', 3, 1_700_000_000, undefined],
      ['MULTI', 3, 1_700_000_000, undefined],
      ['SET', 3, 1_700_000_000, multi],
      ['INCR', 3, 1_700_000_001, multi],
      ['EXEC', 3, 1_700_000_001, undefined],
      ['select', 3, 1_700_000_001, undefined],
      ['DEL', 0, 1_700_000_001, undefined],
    ]);
  });
});

describe('a log that ends early', () => {
  it('at every byte: whole commands, and those of an open transaction only once they are committed', async () => {
    for (let end = 0; end <= SMALL.length; end++) {
      const entries = await entriesOf(SMALL.slice(0, end), { onTruncated: 'stop', transactions: 'committed' });
      expect(commandsOf(entries), `cut at ${end}`).toEqual(expectedUpTo(end));
      const last = entries.at(-1)!;
      expect(last.kind === 'file-end' && last.okUpTo).toBe(okUpTo(end));
    }
  });

  it('is an error unless asked otherwise', async () => {
    for (let end = 1; end < SMALL.length; end++) {
      const isWhole = okUpTo(end) === end;
      const run = entriesOf(SMALL.slice(0, end));
      if (isWhole) await run;
      else
        await expect(run, `cut at ${end}`).rejects.toMatchObject({
          code: expect.stringMatching(/^(TRUNCATED|OPEN_TRANSACTION)$/),
        });
    }
  });

  it('never swallows damage', async () => {
    const damaged = joined(SMALL, text('damage'), SMALL);
    await expect(entriesOf(damaged, { onTruncated: 'stop' })).rejects.toMatchObject({
      code: 'BAD_COMMAND',
      offset: SMALL.length,
    });
  });
});

/** The items of SMALL, by hand. */
const ITEMS: readonly { readonly end: number; readonly command: string[] | undefined }[] = (() => {
  const items: { end: number; command: string[] | undefined }[] = [];
  for (let pos = 0; pos < SMALL.length; ) {
    if (SMALL[pos] === 0x23) {
      const end = SMALL.indexOf(0x0a, pos) + 1;
      items.push({ end, command: undefined });
      pos = end;
    } else {
      const end = skipCommand(SMALL, pos, SMALL.length);
      items.push({ end, command: decodeCommand(SMALL, pos, SMALL.length).map(latin1) });
      pos = end;
    }
  }
  return items;
})();

function expectedUpTo(cut: number): string[][] {
  const done: string[][] = [];
  let open: string[][] | undefined;
  for (const { end, command } of ITEMS) {
    if (end > cut) break;
    if (command === undefined) continue;
    if (command[0] === 'MULTI') open = [];
    if (open === undefined) done.push(command);
    else open.push(command);
    if (command[0] === 'EXEC') {
      done.push(...open!);
      open = undefined;
    }
  }
  return done;
}

function okUpTo(cut: number): number {
  let ok = 0;
  let isOpen = false;
  // The last annotation counts without its line end: an annotation line may be the last one of a file.
  let start = 0;
  for (const { end, command } of ITEMS) {
    const isCutAnnotation = command === undefined && end > cut && start < cut;
    if (end > cut && !isCutAnnotation) break;
    if (command?.[0] === 'MULTI') isOpen = true;
    if (command?.[0] === 'EXEC') isOpen = false;
    if (!isOpen) ok = Math.min(end, cut);
    start = end;
  }
  return ok;
}

describe('commands larger than the window', () => {
  const big = 'v'.repeat(3_000_000);
  const many = Array.from({ length: 60_000 }, (_, index) => `member ${index} of the set, with a text`);
  const log = joined(SMALL, logged('SET', 'big', big), logged('SADD', 'many', ...many), SMALL);

  it('are held whole', async () => {
    const commands = commandsOf(await entriesOf(log));
    expect(commands).toHaveLength(18);
    expect(commands[8]![2] === big).toBe(true);
    expect(commands[9]!.slice(2)).toEqual(many);
    expect(shown(await entriesOf(chunks(log, randomSizes(SEED, 200_000))))).toEqual(shown(await entriesOf(log)));
  });

  it('end the reading where they are larger than the limit', async () => {
    await expect(entriesOf(log, { limits: { maxBlobBytes: 2_000_000 } })).rejects.toMatchObject({ code: 'LIMIT_BLOB' });
  });

  it('are cut like others', async () => {
    const cut = log.slice(0, SMALL.length + 2_000_000);
    for (const input of [cut, chunks(cut, () => 100_000)]) {
      const entries = await entriesOf(input, { onTruncated: 'stop' });
      const end = entries.at(-1)!;
      expect(end.kind === 'file-end' && end.cut).toMatchObject({ code: 'TRUNCATED', offset: SMALL.length });
      expect(end.kind === 'file-end' && end.okUpTo).toBe(SMALL.length);
    }
  });

  it('lie about nothing: a size beyond the file is found before it is held', async () => {
    const lie = joined(SMALL, text('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$900000000000\r\n'), text('x'.repeat(2_000_000)));
    await expect(entriesOf(lie)).rejects.toMatchObject({ code: 'TRUNCATED', offset: SMALL.length });
    await expect(entriesOf(chunks(lie, () => 65_536))).rejects.toMatchObject({ code: 'LIMIT_BLOB' });
  });
});
