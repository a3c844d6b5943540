/** The file system behind its interface. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFiles } from '../../src/bytes/files-node.js';
import { ascii, latin1 } from '../support/packed.js';

let dir: string;
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-files-'));
});
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }));

const at = (name: string): string => path.join(dir, name);
const content = (name: string): string => fs.readFileSync(at(name), 'latin1');
const code = (step: () => unknown): unknown => {
  try {
    step();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
};

describe('writing', () => {
  it('creates, goes on at the end, cuts', () => {
    const file = nodeFiles.create(at('f'));
    file.write(ascii('..hello..'), 2, 7);
    file.sync();
    file.close();
    file.close();
    expect(content('f')).toBe('hello');
    const more = nodeFiles.append(at('f'));
    more.write(ascii(' world'), 0, 6);
    more.truncate(3);
    more.write(ascii('p!'), 0, 2);
    more.close();
    expect(content('f')).toBe('help!');
    expect(() => more.write(ascii('x'), 0, 1)).toThrow(TypeError);
  });

  it('never takes a name that is there, nor makes one that is not', () => {
    fs.writeFileSync(at('f'), 'kept');
    expect(code(() => nodeFiles.create(at('f')))).toBe('EEXIST');
    expect(code(() => nodeFiles.append(at('g')))).toBe('ENOENT');
    expect(code(() => nodeFiles.makeDirectory(at('f')))).toBe('EEXIST');
    expect(content('f')).toBe('kept');
  });

  it('gives a file the permissions of another', () => {
    fs.writeFileSync(at('old'), '');
    fs.chmodSync(at('old'), 0o604);
    nodeFiles.create(at('new')).close();
    nodeFiles.copyOwnership(at('old'), at('new'));
    expect(fs.statSync(at('new')).mode & 0o777).toBe(0o604);
    expect(fs.statSync(at('new')).uid).toBe(fs.statSync(at('old')).uid);
  });

  it('renames, removes, makes directories, syncs them', () => {
    nodeFiles.makeDirectory(at('d'));
    nodeFiles.create(at('d/f')).close();
    nodeFiles.rename(at('d/f'), at('d/g'));
    nodeFiles.syncDirectory(at('d'));
    expect(nodeFiles.list(at('d'))).toEqual(['g']);
    expect(code(() => nodeFiles.remove(at('d')))).toBe('ENOTEMPTY');
    nodeFiles.remove(at('d/g'));
    nodeFiles.remove(at('d'));
    expect(nodeFiles.stat(at('d'))).toBeUndefined();
    expect(code(() => nodeFiles.syncDirectory(at('d')))).toBe('ENOENT');
  });
});

describe('reading', () => {
  it('stats files, directories and nothing, through links', () => {
    fs.writeFileSync(at('f'), 'abc');
    fs.symlinkSync('f', at('link'));
    fs.symlinkSync('nowhere', at('broken'));
    expect(nodeFiles.stat(at('link'))).toMatchObject({ isFile: true, isDirectory: false, sizeBytes: 3 });
    expect(Math.abs(nodeFiles.stat(at('f'))!.modifiedMs - Date.now())).toBeLessThan(60_000);
    expect(nodeFiles.stat(dir)).toMatchObject({ isFile: false, isDirectory: true });
    expect(nodeFiles.stat(at('broken'))).toBeUndefined();
  });

  it('fixes the size of what it opens', () => {
    fs.writeFileSync(at('f'), 'abc');
    const source = nodeFiles.open(at('f'));
    fs.appendFileSync(at('f'), 'def');
    const bytes = new Uint8Array(8);
    expect(source.read(bytes, 0, 8)).toBe(3);
    expect(source.read(bytes, 0, 8)).toBe(0);
    source.close();
    expect(code(() => nodeFiles.open(at('g')))).toBe('ENOENT');
    expect(code(() => nodeFiles.open(dir))).toBe('UNSUPPORTED_INPUT');
  });
});

describe.skipIf(process.platform !== 'linux')('names that are no UTF-8', () => {
  it('come and go whole', () => {
    const name = Buffer.concat([Buffer.from(`${dir}/`), Buffer.of(0xff, 0x61, 0xe9)]);
    fs.writeFileSync(name, 'abc');
    const [found] = nodeFiles.list(dir);
    expect(found).toBe('\udcffa\udce9');
    expect(nodeFiles.stat(at(found!))?.sizeBytes).toBe(3);
    const source = nodeFiles.open(at(found!));
    const bytes = new Uint8Array(3);
    source.read(bytes, 0, 3);
    source.close();
    expect(latin1(bytes)).toBe('abc');
    nodeFiles.rename(at(found!), at('\udc80'));
    expect(fs.readdirSync(dir, { encoding: 'buffer' })).toEqual([Buffer.of(0x80)]);
    nodeFiles.remove(at('\udc80'));
    expect(nodeFiles.list(dir)).toEqual([]);
  });
});
