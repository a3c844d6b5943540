/** `get` by an index in which two keys have the same hash: the key in the record decides. */
import fs from 'node:fs';
import { expect, it } from 'vitest';
import { keyRecord, rdbFile, str } from '../support/file-builder.js';
import { withHashOf } from '../support/forged-index.js';
import { cli, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();

// In one of the two the other key comes first.
it.each([
  ['one', 'two'],
  ['two', 'one'],
])('takes the key that was asked for: %s, not %s', async (wanted, other) => {
  const records = ['one', 'two'].map((name) => keyRecord(0, name, str(`value of ${name}`)));
  const file = directory.write(`${wanted}.rdb`, rdbFile('REDIS0011', 0xfe, 0, records));
  expect((await cli(['get', file, wanted, '--index'])).stdout).toBe(`value of ${wanted}`);
  const index = fs.readFileSync(`${file}.rdbx`);
  fs.writeFileSync(`${file}.rdbx`, withHashOf(index, other, wanted));
  expect(await cli(['get', file, wanted])).toEqual({
    code: 0,
    signal: null,
    bytes: Buffer.from(`value of ${wanted}`),
    stdout: `value of ${wanted}`,
    stderr: '',
  });
});

it('says that a key is not there which only its hash is', async () => {
  const file = directory.write('alone.rdb', rdbFile('REDIS0011', 0xfe, 0, keyRecord(0, 'other', str('v'))));
  expect((await cli(['get', file, 'other', '--index'])).stdout).toBe('v');
  fs.writeFileSync(`${file}.rdbx`, withHashOf(fs.readFileSync(`${file}.rdbx`), 'other', 'wanted'));
  const { code, stdout, stderr } = await cli(['get', file, 'wanted']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('there is no key wanted');
});
