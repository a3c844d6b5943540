/** Several files as one. */
import { describe, expect, it } from 'vitest';
import { hasItems, joinLog } from '../../../src/aof/directory/join.js';
import { readAof } from '../../../src/aof/read.js';
import { openSource } from '../../../src/bytes/source.js';
import { logged, text } from '../../support/aof-files.js';
import { readFixture } from '../../support/fixtures.js';
import { memoryLog } from '../../support/memory-log.js';
import { latin1 } from '../../support/packed.js';

const SET = logged('SET', 'k', 'v');
const SELECT = (db: number): Uint8Array => logged('SELECT', String(db));
const dump = readFixture('redis-7.0/types');
const empty = new Uint8Array(0);
const glue = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

async function join(files: readonly Uint8Array[], chunk = Infinity) {
  const parts: Uint8Array[] = [];
  let form: string | undefined;
  const summary = await joinLog(memoryLog(files, chunk), {
    write: (bytes, start, end) => parts.push(bytes.slice(start, end)),
    onForm: (found) => {
      expect(parts).toEqual([]);
      form = found;
    },
  });
  const bytes = new Uint8Array(Buffer.concat(parts));
  expect(summary.bytesWritten).toBe(bytes.length);
  return { bytes, form, commands: summary.commands };
}

describe.each([Infinity, 1, 7])('joinLog, %d bytes at a time', (chunk) => {
  it.each<[string, Uint8Array[], Uint8Array, string]>([
    ['nothing', [], empty, 'aof'],
    ['empty files', [empty, empty], empty, 'aof'],
    ['one file', [SET], SET, 'aof'],
    ['empty ones between', [SET, empty, SET], glue(SET, SET), 'aof'],
    ['another database at the end', [glue(SELECT(3), SET), SET], glue(SELECT(3), SET, SELECT(0), SET), 'aof'],
    ['database 0 again', [glue(SELECT(3), SELECT(0)), SET], glue(SELECT(3), SELECT(0), SET), 'aof'],
    ['an annotation without line end', [glue(SET, text('#TS:5')), SET], glue(SET, text('#TS:5\r\n'), SET), 'aof'],
    ['an annotation first', [text('#TS:5\r\n'), SET], glue(text('#TS:5\r\n'), SET), 'aof'],
    ['a dump first', [dump, empty, SET], glue(dump, SET), 'rdb'],
    ['a dump with commands', [glue(dump, SELECT(2)), SET], glue(dump, SELECT(2), SELECT(0), SET), 'rdb'],
  ])('%s', async (_, files, expected, form) => {
    const joined = await join(files, chunk);
    expect(latin1(joined.bytes) === latin1(expected)).toBe(true);
    expect(joined.form).toBe(form);
  });

  it.each<[string, Uint8Array[], string]>([
    ['a dump later', [SET, dump], 'UNSUPPORTED_INPUT'],
    ['a cut', [SET.subarray(0, 9), SET], 'TRUNCATED'],
    ['an open transaction', [SET, glue(logged('MULTI'), SET)], 'OPEN_TRANSACTION'],
    ['damage', [SET, text('junk')], 'BAD_COMMAND'],
    ['a damaged dump', [dump.subarray(0, 1000)], 'TRUNCATED'],
  ])('refuses %s', async (_, files, code) => {
    await expect(join(files, chunk)).rejects.toMatchObject({ code });
  });
});

it('the joined file runs as the log did', async () => {
  const files = [glue(SELECT(1), SET), SET, glue(SELECT(2), SET), SET];
  const dbs = async (log: Uint8Array[]): Promise<number[]> => {
    const found: number[] = [];
    for await (const entry of readAof(memoryLog(log)))
      if (entry.kind === 'command' && entry.args[0]!.length === 3) found.push(entry.db);
    return found;
  };
  expect(await dbs([(await join(files)).bytes])).toEqual(await dbs(files));
});

it.each<[string, Uint8Array, boolean]>([
  ['a dump alone', dump, false],
  ['a dump and a command', glue(dump, SET), true],
  ['a dump and a time', glue(dump, text('#TS:1\r\n')), true],
  ['commands', SET, true],
  ['nothing', empty, false],
])('hasItems of %s', async (_, bytes, expected) => {
  expect(await hasItems(await openSource(bytes))).toBe(expected);
});
