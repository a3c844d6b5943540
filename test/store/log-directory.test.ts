/** A log's directory through rewrites: what is listed is there and whole, whatever stops it. */
import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../src/aof/directory/manifest.js';
import type { Manifest } from '../../src/aof/model.js';
import { LogDirectory } from '../../src/store/log-directory.js';
import { ForgetfulFiles } from '../support/forgetful-files.js';
import { MemoryFiles } from '../support/memory-files.js';

const MANIFEST = 'd/appendonlydir/appendonly.aof.manifest';

function manifestOf(files: MemoryFiles): Manifest | undefined {
  const bytes = files.nodes.get(MANIFEST);
  return bytes === undefined ? undefined : parseManifest(bytes);
}

function listed(files: MemoryFiles): string[] {
  return manifestOf(files)?.entries.map(({ name, type }) => `${type} ${name}`) ?? [];
}

function directoryOn(files: MemoryFiles): LogDirectory {
  return new LogDirectory({ dataDirectory: 'd', files }, manifestOf(files));
}

function fill(text: string, file: { write(bytes: Uint8Array, start: number, end: number): void }): void {
  file.write(Buffer.from(text), 0, text.length);
}

/** A life: a first base, commands, two rewrites. */
function live(files: MemoryFiles, onStep: () => void = () => undefined): void {
  const log = directoryOn(files);
  let current = log.open();
  onStep();
  for (const round of [1, 2]) {
    fill(`commands ${round}`, current.file);
    current.file.syncData();
    onStep();
    if (round > 1) current = log.next();
    onStep();
    const path = log.basePath;
    const file = files.create(path);
    fill(`base ${round}`, file);
    file.sync();
    onStep();
    log.replace({ path, form: 'rdb' }, current);
    onStep();
  }
}

describe('a log’s directory', () => {
  it('has a base and the current increment after a rewrite, and nothing else', () => {
    const files = new MemoryFiles();
    files.makeDirectory('d');
    live(files);
    expect(listed(files)).toEqual(['base appendonly.aof.2.base.rdb', 'incr appendonly.aof.2.incr.aof']);
    expect(files.list('d/appendonlydir')).toEqual([
      'appendonly.aof.2.base.rdb',
      'appendonly.aof.2.incr.aof',
      'appendonly.aof.manifest',
    ]);
    expect(files.list('d')).toEqual(['appendonlydir']);
  });

  it('goes on with the last increment, cut where it ends in a broken command', () => {
    const files = new MemoryFiles();
    files.makeDirectory('d');
    live(files);
    const { file, sizeBytes, name } = directoryOn(files).open();
    expect([sizeBytes, name]).toEqual([0, 'appendonly.aof.2.incr.aof']);
    fill('whole and broken', file);
    const reopened = directoryOn(files);
    reopened.cut(5);
    const again = reopened.open();
    expect(again.sizeBytes).toBe(5);
    expect(Buffer.from(files.nodes.get(`d/appendonlydir/${again.name}`)!).toString()).toBe('whole');
  });

  it('passes by a file that was left from another time', () => {
    const files = new MemoryFiles();
    files.makeDirectory('d');
    files.makeDirectory('d/appendonlydir');
    files.nodes.set('d/appendonlydir/appendonly.aof.1.incr.aof', Buffer.from('old'));
    expect(directoryOn(files).open().name).toBe('appendonly.aof.2.incr.aof');
  });

  it('lists an increment that nobody knew until there is a base for it', () => {
    const files = new MemoryFiles();
    files.makeDirectory('d');
    live(files);
    const log = directoryOn(files);
    fill('lost', log.unlisted().file);
    const increment = log.unlisted();
    fill('since then', increment.file);
    expect(listed(files)).toEqual(['base appendonly.aof.2.base.rdb', 'incr appendonly.aof.2.incr.aof']);
    fill('base', files.create(log.basePath));
    expect(log.replace({ path: log.basePath, form: 'aof' }, increment)).toBe('appendonly.aof.3.incr.aof');
    expect(listed(files)).toEqual(['base appendonly.aof.3.base.aof', 'incr appendonly.aof.3.incr.aof']);
    expect(Buffer.from(files.nodes.get('d/appendonlydir/appendonly.aof.3.incr.aof')!).toString()).toBe('since then');
    expect([files.list('d/appendonlydir').length, files.list('d')]).toEqual([3, ['appendonlydir']]);
  });

  it('moves the one file of an older server in, and does it again where that was stopped', () => {
    const files = new MemoryFiles();
    files.makeDirectory('d');
    files.nodes.set('d/appendonly.aof', Buffer.from('old'));
    files.failAt = files.steps.length + 7;
    expect(() => directoryOn(files).adopt()).toThrow('rename d/appendonly.aof');
    expect([listed(files), files.list('d')]).toEqual([['base appendonly.aof'], ['appendonly.aof', 'appendonlydir']]);
    files.failAt = Infinity;
    directoryOn(files).adopt();
    expect(files.list('d/appendonlydir')).toEqual(['appendonly.aof', 'appendonly.aof.manifest']);
  });

  it('never writes over what is left of a log without its manifest', () => {
    const files = new MemoryFiles();
    files.makeDirectory('d');
    live(files);
    files.nodes.delete(MANIFEST);
    const log = directoryOn(files);
    fill('new', files.create(log.basePath));
    log.replace({ path: log.basePath, form: 'rdb' }, undefined);
    expect([listed(files), log.open().name]).toEqual([['base appendonly.aof.1.base.rdb'], 'appendonly.aof.1.incr.aof']);
    files.nodes.delete(MANIFEST);
    const again = directoryOn(files);
    fill('newer', files.create(again.basePath));
    again.replace({ path: again.basePath, form: 'rdb' }, undefined);
    expect(listed(files)).toEqual(['base appendonly.aof.3.base.rdb']);
    expect(Buffer.from(files.nodes.get('d/appendonlydir/appendonly.aof.1.base.rdb')!).toString()).toBe('new');
    expect(Buffer.from(files.nodes.get('d/appendonlydir/appendonly.aof.2.base.rdb')!).toString()).toBe('base 2');
  });

  it('removes history that an earlier life has left', () => {
    const files = new MemoryFiles();
    files.makeDirectory('d');
    live(files);
    files.nodes.set('d/appendonlydir/old', Buffer.from('x'));
    const lines = Buffer.concat([files.nodes.get(MANIFEST)!, Buffer.from('file old seq 1 type h\n')]);
    files.nodes.set(MANIFEST, lines);
    directoryOn(files).open();
    expect([listed(files).length, files.nodes.has('d/appendonlydir/old')]).toEqual([2, false]);
  });

  it('lists what is there and whole after a power cut at any step', () => {
    const files = new ForgetfulFiles();
    files.makeDirectory('d');
    let checked = 0;
    const check = (): void => {
      for (const left of files.survivors()) {
        for (const { name, type } of manifestOf(left)?.entries ?? []) {
          if (type === 'history') continue;
          const bytes = left.nodes.get(`d/appendonlydir/${name}`);
          expect(bytes, name).toBeDefined();
          if (type === 'base') expect(Buffer.from(bytes!).toString()).toMatch(/^base [12]$/);
          checked++;
        }
      }
    };
    const step = files.steps.push.bind(files.steps);
    files.steps.push = (...steps: string[]): number => {
      check();
      return step(...steps);
    };
    live(files, check);
    expect(checked).toBeGreaterThan(100);
  });
});
