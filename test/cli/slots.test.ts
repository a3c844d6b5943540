/** `slots`: by slot, by node, by hash tag. */
import { expect, it } from 'vitest';
import { keyRecord, rdbFile, str } from '../support/file-builder.js';
import { fixturePath } from '../support/fixtures.js';
import { cli, jsonLines, linesOf, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();

// foo: 12182, bar: 5061, {x}…: 16287
const FILE = rdbFile(
  'REDIS0011',
  ['foo', 'bar', '{x}1', '{x}2', '{x}3'].map((name) => keyRecord(0, name, str('value'))),
);
const NODES = 'node-a 0-8191\nnode-b 8192-16000\n';

it('prints spread, nodes, slots and tags', async () => {
  const path = directory.write('slots.rdb', FILE);
  const nodes = directory.write('nodes.txt', NODES);
  const { code, stdout, stderr } = await cli(['slots', path, '--nodes', nodes, '-f', 'table', '-l', '2']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(linesOf(stdout)).toEqual([
    path,
    '  5 keys in 3 of 16,384 slots, 30 B of values',
    '',
    '  spread          mean  most  most/mean  Gini',
    '  keys per slot    0.0     3     9830.4  1.00',
    '  bytes per slot   0.0  18 B     9830.4  1.00',
    '  keys per node    1.0     1        1.0  0.00',
    '  bytes per node   6.0   6 B        1.0  0.00',
    '',
    '  node        slots  keys  in the file   share',
    '  node-a      8,192     1          6 B  20.0 %  ███▎',
    '  node-b      7,809     1          6 B  20.0 %  ███▎',
    '  unassigned    383     3         18 B  60.0 %  █████████▋',
    '',
    '  largest slots  keys  in the file   share',
    '          16287     3         18 B  60.0 %  █████████▋',
    '           5061     1          6 B  20.0 %  ███▎',
    '',
    '  hash tag   slot  keys  in the file   share',
    '  x         16287     3         18 B  60.0 %  █████████▋',
    '  3 keys (60.0 %) with a hash tag',
  ]);
});

it('has a row for every slot that has keys, and everything in one object', async () => {
  const path = directory.write('slots.rdb', FILE);
  const nodes = directory.write('nodes.txt', NODES);
  expect(jsonLines((await cli(['slots', path])).stdout)).toEqual([
    { slot: 5061, keys: 1, bytes: 6 },
    { slot: 12182, keys: 1, bytes: 6 },
    { slot: 16287, keys: 3, bytes: 18 },
  ]);
  const csv = linesOf((await cli(['slots', path, '-f', 'csv', '--nodes', nodes])).stdout);
  expect(csv).toEqual(['slot,node,keys,bytes', '5061,node-a,1,6', '12182,node-b,1,6', '16287,,3,18']);
  const report = JSON.parse((await cli(['slots', path, '--json', '--nodes', nodes])).stdout);
  expect(report).toMatchObject({
    schema: 'rdb-inspect/slots@1',
    sources: [path],
    keys: 5,
    usedSlots: 3,
    nodes: [
      { node: 'node-a', slots: 8192, keys: 1 },
      { node: 'node-b', slots: 7809, keys: 1 },
    ],
    unassigned: { keys: 3 },
    nodeSkew: { keys: { mean: 1, max: 1, maxOverMean: 1, gini: 0 } },
    taggedKeys: 3,
    tags: [{ tag: 'x', slot: 16287, keys: 3, bytes: 18 }],
    keysBeyondDb0: 0,
  });
  expect(report.slots).toHaveLength(3);
});

it('remarks on databases that a cluster does not have', async () => {
  const { stdout } = await cli(['slots', fixturePath('redis-7.0/types'), '-f', 'table']);
  expect(stdout).toContain('! 24 keys in databases other than 0');
});

it.each<[string, string, string]>([
  ['no ranges', 'a\n', 'line 1: a without slots'],
  ['two owners of a slot', 'a 0-10\nb 10-20\n', 'slot 10 belongs to a and to b'],
])('refuses nodes with %s', async (_, text, message) => {
  const nodes = directory.write('bad-nodes.txt', text);
  const { code, stdout, stderr } = await cli(['slots', 'x', '--nodes', nodes]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
});
