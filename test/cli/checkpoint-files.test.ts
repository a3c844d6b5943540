/** Errors of the file that keeps the state of an import are about that file. */
import { describe, expect, it } from 'vitest';
import { nodeFiles } from '../../src/bytes/files-node.js';
import { checkpointFiles } from '../../src/cli/checkpoint-files.js';
import { OutputError } from '../../src/cli/failures.js';
import { temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();

describe('the state of an import', () => {
  it('is written as any file is', () => {
    const path = directory.path('state.json');
    const files = checkpointFiles(nodeFiles, path);
    const file = files.create(path);
    file.write(new TextEncoder().encode('abcd'), 1, 3);
    file.sync();
    file.close();
    files.rename(path, `${path}.2`);
    const source = files.open(`${path}.2`);
    const bytes = new Uint8Array(4);
    expect(source.read(bytes, 0, 4)).toBe(2);
    source.close();
    files.remove(`${path}.2`);
    expect(files.stat(`${path}.2`)).toBeUndefined();
  });

  it('fails as an output, whatever the call', () => {
    const path = directory.path('none/state.json');
    const files = checkpointFiles(nodeFiles, path);
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      syscall: 'write',
    });
    const stuck = checkpointFiles(
      {
        ...nodeFiles,
        create: () => ({
          position: 0,
          syncAside: () => undefined,
          write: () => {
            throw full;
          },
          sync: () => undefined,
          syncData: () => undefined,
          syncDataAside: () => undefined,
          truncate: () => undefined,
          close: () => undefined,
        }),
      },
      path,
    );
    for (const act of [
      () => files.create(path),
      () => files.rename(path, `${path}.2`),
      () => stuck.create(path).write(new Uint8Array(1), 0, 1),
    ])
      expect(act).toThrow(OutputError);
  });

  it('and lets through what is no error of the system', () => {
    const files = checkpointFiles(
      {
        ...nodeFiles,
        remove: () => {
          throw new TypeError('a bug');
        },
      },
      'x',
    );
    expect(() => files.remove('x')).toThrow(TypeError);
  });
});
