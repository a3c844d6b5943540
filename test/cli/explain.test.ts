/** `explain`: annotated hex, and the same as data. */
import { describe, expect, it } from 'vitest';
import { BytesSource } from '../../src/bytes/source-plain.js';
import { formatExplanation } from '../../src/cli/render/hex.js';
import { createStyle } from '../../src/cli/render/style.js';
import { encodeListpack } from '../../src/codecs/listpack.js';
import { explainAt } from '../../src/inspect/explain.js';
import { bytesOf, keyRecord, rdbFile, str } from '../support/file-builder.js';
import { fixturePath } from '../support/fixtures.js';
import { cli, jsonLines, linesOf, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();
const plain = createStyle('never', false, {});
const file = rdbFile(
  'REDIS0010',
  keyRecord(16, 'user:1', str(encodeListpack(['name', 'Ada'].map((text) => bytesOf(text))))),
);

it('annotates every byte', async () => {
  const { code, stdout, stderr } = await cli(['explain', directory.write('hash.rdb', file), '--key', 'user:1']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = linesOf(stdout);
  expect(lines[0]).toBe('HASH_LISTPACK, key user:1 in db 0, 27 B at offset 9');
  expect(lines[1]).toMatch(/^00000009 {2}10 {24}type {12,}HASH_LISTPACK \(16\)$/);
  expect(lines.some((line) => /^0000000b {2}75 73 65 72 3a 31 {11}data +"user:1"$/.test(line))).toBe(true);
  expect(lines.some((line) => line.includes('"name"'))).toBe(true);
});

it('marks the place that was asked for', async () => {
  const { stdout } = await cli(['explain', directory.write('hash.rdb', file), '--offset', '0xc']);
  const [marked, ...others] = linesOf(stdout).filter((line) => line.includes('▶'));
  expect(marked).toMatch(/^0000000b .*▶ +data/);
  expect(others).toEqual([]);
});

it('explains any place of a real dump', async () => {
  for (const offset of ['0', '9', '100', '1000', '20000', '100000', '165140']) {
    const { code, stdout } = await cli(['explain', fixturePath('redis-7.0/types'), '--offset', offset]);
    expect({ offset, code }).toEqual({ offset, code: 0 });
    expect(stdout).toContain('▶');
  }
});

it('gives spans with hex as JSON', async () => {
  const [explanation] = jsonLines(
    (await cli(['explain', directory.write('hash.rdb', file), '--key', 'user:1', '--json'])).stdout,
  );
  expect(explanation).toMatchObject({
    schema: 'rdb-inspect/explain@1',
    record: { offset: 9, size: 27, key: 'user:1', db: 0 },
  });
  expect((explanation!.spans as object[])[0]).toMatchObject({ offset: 9, size: 1, label: 'type', hex: '10' });
});

describe('what is not there', () => {
  it.each([
    [['--key', 'nobody'], 1],
    [['--key', 'user:1', '-n', '3'], 1],
    [['--offset', '99999'], 1],
    [['--offset', '-3'], 2],
    [['--key', 'user:1', '-n', '0,1'], 2],
  ])('%j', async (args, expected) => {
    const { code, stdout } = await cli(['explain', directory.write('hash.rdb', file), ...args]);
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
  });
});

describe('lines', () => {
  it('never show what moves the cursor, and fit the terminal', async () => {
    const record = keyRecord(0, '\x1b[2Jkey', str('v'.repeat(1000)));
    const explanation = await explainAt(new BytesSource(rdbFile('REDIS0010', record)), { offset: 12 });
    const text = formatExplanation(explanation, plain, 80);
    expect(text).not.toContain('\x1b');
    for (const line of text.split('\n').slice(1)) expect(line.length).toBeLessThanOrEqual(80);
    expect(text).toContain('… 968 B more');
  });

  it('show the position inside a compressed string with a plus', async () => {
    const { stdout } = await cli(['explain', fixturePath('redis-7.0/types'), '--key', 'str:lzf:runs']);
    expect(stdout).toMatch(/^\+?[0-9a-f]{7,8} /m);
  });
});
