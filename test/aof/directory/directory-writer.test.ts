/** Writing a directory: in which order, and what is there when something fails. */
import { describe, expect, it } from 'vitest';
import { openAofLog } from '../../../src/aof/directory/directory.js';
import { AofDirectoryWriter, writeManifest } from '../../../src/aof/directory/directory-writer.js';
import { parseManifest } from '../../../src/aof/directory/manifest.js';
import { readAof } from '../../../src/aof/read.js';
import { EncodeError } from '../../../src/bytes/errors.js';
import { logged } from '../../support/aof-files.js';
import { MemoryFiles } from '../../support/memory-files.js';

const SET = logged('SET', 'k', 'v');

function writeTo(files: MemoryFiles, path = 'aof', fileName?: string): void {
  const writer = new AofDirectoryWriter(path, files, { base: 'aof', ...(fileName !== undefined && { fileName }) });
  try {
    writer.write(SET, 0, SET.length);
    writer.commit();
  } catch (error) {
    writer.discard();
    throw error;
  }
}

describe('AofDirectoryWriter', () => {
  it('syncs everything before it can be seen', () => {
    const files = new MemoryFiles();
    writeTo(files);
    expect(files.steps).toEqual([
      'mkdir temp-aof-1',
      'create temp-aof-1/appendonly.aof.1.base.aof',
      `write temp-aof-1/appendonly.aof.1.base.aof ${SET.length}`,
      'sync temp-aof-1/appendonly.aof.1.base.aof',
      'create temp-aof-1/appendonly.aof.1.incr.aof',
      'sync temp-aof-1/appendonly.aof.1.incr.aof',
      'create temp-aof-1/temp-appendonly.aof.manifest',
      'write temp-aof-1/temp-appendonly.aof.manifest 88',
      'sync temp-aof-1/temp-appendonly.aof.manifest',
      'rename temp-aof-1/temp-appendonly.aof.manifest temp-aof-1/appendonly.aof.manifest',
      'syncdir temp-aof-1',
      'rename temp-aof-1 aof',
      'syncdir .',
    ]);
  });

  it('is read as it was written', async () => {
    const files = new MemoryFiles();
    writeTo(files, 'data/aof', 'we ird');
    const log = openAofLog('data/aof', files);
    expect(log.files.map(({ role, path }) => [role, path])).toEqual([
      ['base', 'data/aof/we ird.1.base.aof'],
      ['incr', 'data/aof/we ird.1.incr.aof'],
    ]);
    const kinds: string[] = [];
    for await (const { kind } of readAof(log)) kinds.push(kind);
    expect(kinds).toEqual(['file', 'command', 'file-end', 'file', 'file-end']);
  });

  it('leaves nothing behind, whatever fails', () => {
    for (let failAt = 0; ; failAt++) {
      const files = new MemoryFiles();
      files.failAt = failAt;
      try {
        writeTo(files);
        expect(failAt).toBe(13);
        return;
      } catch (error) {
        expect((error as { code?: string }).code).toBe('EIO');
      }
      // The rename of the directory was the last thing that could undo it.
      if (files.stat('aof') === undefined) expect([...files.nodes.keys()]).toEqual([]);
      else expect(failAt).toBe(12);
    }
  });

  it('never touches what is there', () => {
    const files = new MemoryFiles();
    files.makeDirectory('aof');
    expect(() => writeTo(files)).toThrow(/EEXIST/);
    expect([...files.nodes.keys()]).toEqual(['aof']);
  });

  it('nor what came meanwhile', () => {
    const files = new MemoryFiles();
    const writer = new AofDirectoryWriter('aof', files, { base: 'rdb' });
    files.makeDirectory('aof');
    expect(() => writer.commit()).toThrow(/EEXIST/);
    writer.discard();
    expect([...files.nodes.keys()]).toEqual(['aof']);
  });

  it('passes by what another one left', () => {
    const files = new MemoryFiles();
    files.makeDirectory('temp-aof-1');
    writeTo(files);
    expect(files.list('aof')).toHaveLength(3);
    expect(files.stat('temp-aof-1')).toBeDefined();
  });

  it('refuses a name that no manifest holds before there is anything', () => {
    const files = new MemoryFiles();
    expect(() => writeTo(files, 'aof', 'a/b')).toThrow(EncodeError);
    expect(files.steps).toEqual([]);
  });
});

describe('writeManifest', () => {
  it('replaces the old one at once, and a temporary one that was left', () => {
    const files = new MemoryFiles();
    writeTo(files);
    files.create('aof/temp-appendonly.aof.manifest');
    files.steps.length = 0;
    writeManifest('aof', 'appendonly.aof', { entries: [{ name: 'x', seq: 1n, type: 'incr' }] }, files);
    expect(files.steps).toEqual([
      'remove aof/temp-appendonly.aof.manifest',
      'create aof/temp-appendonly.aof.manifest',
      'write aof/temp-appendonly.aof.manifest 20',
      'sync aof/temp-appendonly.aof.manifest',
      'rename aof/temp-appendonly.aof.manifest aof/appendonly.aof.manifest',
      'syncdir aof',
    ]);
    expect(parseManifest(files.nodes.get('aof/appendonly.aof.manifest')!).entries).toHaveLength(1);
  });
});
