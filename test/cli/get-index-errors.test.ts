/** `get` by an index: what is wrong is said as it is said without one. */
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { cli, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();

/** Before `bad` stands enough for its offset to be another one in a dump of its record alone. */
function damagedValue(): Uint8Array {
  const pad = keyRecord(0, 'pad', str('x'.repeat(5000)));
  const bad = keyRecord(0, 'bad', [0xc3, len(3), len(100), 0xff, 0xff, 0xff]);
  return rdbFile('REDIS0011', 0xfe, 0, pad, bad, keyRecord(0, 'good', str('v')));
}

it('names the file and the place in it where the value is damaged', async () => {
  const file = directory.write('damaged.rdb', damagedValue());
  const without = await cli(['get', file, 'bad', '--no-index']);
  expect(without).toMatchObject({ code: 1, stdout: '' });
  expect((await cli(['get', file, 'good', '--index'])).stdout).toBe('v');
  expect(await cli(['get', file, 'bad'])).toEqual(without);
  expect(await cli(['get', file, 'bad', '--index'])).toEqual(without);
});

describe('with --index', () => {
  it('a dump that is not there, or is cut short, is named as without', async () => {
    const missing = directory.path('missing.rdb');
    expect(await cli(['get', missing, 'k', '--index'])).toEqual(await cli(['get', missing, 'k']));
    const cut = directory.write('cut.rdb', damagedValue().subarray(0, 3000));
    expect(await cli(['get', cut, 'good', '--index'])).toEqual(await cli(['get', cut, 'good']));
    expect(fs.existsSync(`${cut}.rdbx`)).toBe(false);
  });
});

it('says that an index is there and not used, in one line that --quiet leaves out', async () => {
  const file = directory.write('stale.rdb', damagedValue());
  await cli(['get', file, 'good', '--index']);
  fs.utimesSync(file, 1, 1);
  const { code, stdout, stderr } = await cli(['get', file, 'good']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'v' });
  expect(stderr).toBe(
    `rdb-inspect: ${file}.rdbx is damaged, or not of this state of the dump, and is not used; --index makes it anew\n`,
  );
  expect((await cli(['get', file, 'good', '--quiet'])).stderr).toBe('');
  expect((await cli(['get', file, 'good', '--no-index'])).stderr).toBe('');
  expect(await cli(['get', file, 'good', '--index'])).toMatchObject({ code: 0, stdout: 'v', stderr: '' });
  expect((await cli(['get', file, 'good'])).stderr).toBe('');
});
