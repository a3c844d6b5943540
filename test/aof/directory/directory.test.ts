/** From a path to a log. What a server makes of the same directories: test/live/aof-startup.test.ts. */
import { describe, expect, it } from 'vitest';
import { historyOrder, isLogCurrent, openAofLog } from '../../../src/aof/directory/directory.js';
import { parseManifest } from '../../../src/aof/directory/manifest.js';
import { readAof } from '../../../src/aof/read.js';
import { nodeFiles } from '../../../src/bytes/files-node.js';
import { listAofFixtures, logged, text } from '../../support/aof-files.js';
import { FIXTURES } from '../../support/fixtures.js';
import { MemoryFiles } from '../../support/memory-files.js';

const F = 'appendonly.aof';
const SET = logged('SET', 'k', 'v');
const MANIFEST = text(`file ${F}.1.base.aof seq 1 type b\nfile ${F}.1.incr.aof seq 1 type i\n`);

/** Directories end with `/`. */
function laid(files: Readonly<Record<string, Uint8Array>>): MemoryFiles {
  const memory = new MemoryFiles();
  for (const [path, bytes] of Object.entries(files)) {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1))
      memory.nodes.set(path.slice(0, at), undefined);
    if (!path.endsWith('/')) memory.nodes.set(path, bytes);
  }
  return memory;
}

const WHOLE = {
  [`data/appendonlydir/${F}.manifest`]: MANIFEST,
  [`data/appendonlydir/${F}.1.base.aof`]: SET,
  [`data/appendonlydir/${F}.1.incr.aof`]: new Uint8Array(0),
};

describe('openAofLog', () => {
  it.each(['data', 'data/appendonlydir', `data/appendonlydir/${F}.manifest`])('finds the same log at %s', (path) => {
    const log = openAofLog(path, laid(WHOLE));
    expect(log.files.map(({ role, seq, path: place, sizeBytes }) => [role, seq, place, sizeBytes])).toEqual([
      ['base', 1n, `data/appendonlydir/${F}.1.base.aof`, SET.length],
      ['incr', 1n, `data/appendonlydir/${F}.1.incr.aof`, 0],
    ]);
    expect(log.facts).toMatchObject({
      situation: 'multi-part',
      fileName: F,
      dataDirectory: 'data',
      directory: 'data/appendonlydir',
      manifestPath: `data/appendonlydir/${F}.manifest`,
      missing: [],
      leftovers: [],
      unlisted: [],
    });
  });

  it('takes names from options', () => {
    const files = laid({
      'd/aof/x.manifest': text('file x.1.incr.aof seq 1 type i\n'),
      'd/aof/y.manifest': text('#\n'),
    });
    const log = openAofLog('d', files, { directoryName: 'aof', fileName: 'x' });
    expect(log.facts).toMatchObject({ fileName: 'x', missing: ['x.1.incr.aof'] });
    expect(() => openAofLog('d/aof', files)).toThrow(/several manifests: name one of x.manifest, y.manifest/);
    expect(openAofLog('d/aof/y.manifest', files).facts?.situation).toBe('empty');
  });

  it('does not take a manifest that was left unfinished for one', () => {
    const files = laid({ [`d/temp-${F}.manifest`]: text('file'), [`d/${F}.1.base.rdb`]: SET });
    expect(openAofLog('d', files).facts).toMatchObject({ situation: 'empty', leftovers: [{ kind: 'temp-manifest' }] });
    const odd = laid({
      'd/temp-f.manifest': text('file temp-f.1.incr.aof seq 1 type i\n'),
      'd/temp-f.1.incr.aof': SET,
    });
    expect(openAofLog('d', odd).facts).toMatchObject({ fileName: 'temp-f', missing: [] });
  });

  it('reads a manifest of any name, and knows it by its first line', () => {
    const files = laid({ 'd/copy.txt': text(`# note\n  "FILE" a seq 1 type i\n`), 'd/a': SET });
    expect(openAofLog('d/copy.txt', files).files.map(({ path }) => path)).toEqual(['d/a']);
  });

  it.each<[string, Uint8Array]>([
    ['commands', SET],
    ['an annotation first', text('#TS:1700000000\r\n*1\r\n$4\r\nPING\r\n')],
    ['a dump', text('REDIS0010')],
    ['nothing', new Uint8Array(0)],
    ['something else', text('hello\n')],
  ])('takes any other file for a log by itself: %s', (_, bytes) => {
    const log = openAofLog('d/f', laid({ 'd/f': bytes }));
    expect(log).toMatchObject({ name: 'd/f', history: [], manifest: undefined, facts: undefined });
    expect(log.files).toMatchObject([{ role: 'single', path: 'd/f', sizeBytes: bytes.length }]);
  });

  it('leaves it to whoever opens it that a file is not there', async () => {
    const [file] = openAofLog('nowhere', new MemoryFiles()).files;
    await expect(file!.open()).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('says which files are missing, and opening them throws', async () => {
    const files = laid(WHOLE);
    files.nodes.delete(`data/appendonlydir/${F}.1.base.aof`);
    const log = openAofLog('data', files);
    expect(log.facts?.missing).toEqual([`${F}.1.base.aof`]);
    expect(log.files[0]).toMatchObject({ sizeBytes: undefined });
    await expect(log.files[0]!.open()).rejects.toMatchObject({ code: 'MISSING_FILE' });
  });

  it('tells leftovers, unlisted and repeated files apart', () => {
    const files = laid({
      ...WHOLE,
      [`data/appendonlydir/${F}.manifest`]: text(`file a seq 1 type i\nfile a seq 2 type i\nfile h seq 1 type h\n`),
      'data/appendonlydir/a': SET,
      'data/appendonlydir/h': SET,
      [`data/appendonlydir/temp-${F}.manifest`]: SET,
      [`data/appendonlydir/temp-${F}.incr`]: SET,
      'data/temp-rewriteaof-bg-123.aof': SET,
      'data/temp-rewriteaof-7.aof': SET,
      'data/temp-rewriteaof-x.aof': SET,
      'data/dump.rdb': SET,
      [`data/${F}`]: SET,
    });
    const { facts, history } = openAofLog('data', files);
    expect(facts?.repeated).toEqual(['a']);
    expect(facts?.leftovers.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      `temp-incr data/appendonlydir/temp-${F}.incr`,
      `temp-manifest data/appendonlydir/temp-${F}.manifest`,
      'temp-rewrite data/temp-rewriteaof-7.aof',
      'temp-rewrite data/temp-rewriteaof-bg-123.aof',
    ]);
    expect(facts?.unlisted.map(({ path }) => path)).toEqual([
      `data/appendonlydir/${F}.1.base.aof`,
      `data/appendonlydir/${F}.1.incr.aof`,
    ]);
    expect(facts?.staleNext).toBeUndefined();
    expect(facts?.dump?.path).toBe('data/dump.rdb');
    expect(facts?.ignored?.path).toBe(`data/${F}`);
    expect(history.map(({ path }) => path)).toEqual(['data/appendonlydir/h']);
  });

  it('does without the directory above where that is closed', () => {
    const files = laid(WHOLE);
    const list = files.list.bind(files);
    files.list = (directory) => {
      if (directory === 'data') throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
      return list(directory);
    };
    expect(openAofLog('data/appendonlydir', files).facts).toMatchObject({ situation: 'multi-part', dump: undefined });
  });

  it('looks again where the manifest has changed under way', () => {
    const files = laid({ ...WHOLE, 'data/appendonlydir/b': SET });
    files.nodes.delete(`data/appendonlydir/${F}.1.base.aof`);
    const stat = files.stat.bind(files);
    files.stat = (path) => {
      // As a server that finishes its rewrite at this moment.
      if (path.endsWith('.incr.aof'))
        files.nodes.set(`data/appendonlydir/${F}.manifest`, text('file b seq 2 type b\n'));
      return stat(path);
    };
    const log = openAofLog('data', files);
    expect(log.files.map(({ path }) => path)).toEqual(['data/appendonlydir/b']);
    expect(isLogCurrent(log, files)).toBe(true);
    files.nodes.set(`data/appendonlydir/${F}.manifest`, MANIFEST);
    expect(isLogCurrent(log, files)).toBe(false);
  });

  it('knows a directory without its manifest, and none without anything', () => {
    const files = laid({ [`d/${F}.1.incr.aof`]: SET, 'e/x': SET, [`n/${F}.manifest`]: new Uint8Array(0) });
    expect(openAofLog('d', files)).toMatchObject({ files: [], facts: { situation: 'empty', manifestPath: undefined } });
    expect(() => openAofLog('e', files)).toThrow(/without an append-only file/);
    expect(() => openAofLog('n', files)).toThrow(/empty manifest/);
  });

  it('reads every fixture', async () => {
    const places = new Set(
      listAofFixtures().map(({ path }) => path.slice(FIXTURES.length).split('/').slice(0, 2).join('/')),
    );
    expect(places.size).toBeGreaterThan(10);
    for (const place of places) {
      const log = openAofLog(FIXTURES + place, nodeFiles);
      expect(log.facts, place).toMatchObject({ missing: [], unlisted: [], leftovers: [] });
      expect(log.facts?.situation).toBe(/redis-[2-6]/.test(place) ? 'upgrade' : 'multi-part');
      let commands = 0;
      for await (const entry of readAof(log)) if (entry.kind === 'command') commands++;
      expect(commands, place).toBeGreaterThan(50);
    }
  });
});

it('historyOrder turns what servers put in front around, and puts increments in order', () => {
  const names = ['f.3.incr.aof', 'f.4.incr.aof', 'f.2.base.rdb', 'f.1.incr.aof', 'f.2.incr.aof', 'f.1.base.rdb'];
  const lines = names.map((name) => `file ${name} seq ${/\d+/.exec(name)![0]} type h\n`).join('');
  expect(historyOrder(parseManifest(text(lines))).map(({ name }) => name)).toEqual([
    'f.1.base.rdb',
    'f.1.incr.aof',
    'f.2.incr.aof',
    'f.2.base.rdb',
    'f.3.incr.aof',
    'f.4.incr.aof',
  ]);
});
