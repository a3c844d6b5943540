/** What a start loads: little, and nothing that the command line does not need. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { VERSION } from '../../src/cli/version.js';
import { fixturePath } from '../support/fixtures.js';
import { cli, temporaryDirectory } from './run-cli.js';

const directory = temporaryDirectory();
const BIN = fileURLToPath(new URL('../../bin/rdb-inspect.js', import.meta.url));
const MAIN = fileURLToPath(new URL('../../dist/cli/main.cjs', import.meta.url));
const hasCompileCache = 'enableCompileCache' in process.getBuiltinModule('node:module');

/** The files that are loaded with a file of the build, and the packages and modules of Node that they name. */
function loadedWith(file: string, files = new Set<string>(), modules = new Set<string>()): [Set<string>, Set<string>] {
  if (files.has(file)) return [files, modules];
  files.add(file);
  for (const [, name] of fs
    .readFileSync(file, 'utf8')
    .matchAll(/^(?:var \w+ = )?(?:\w+\()?require\(['"]([^'"]+)['"]\)/gm)) {
    if (name!.startsWith('.')) loadedWith(path.resolve(path.dirname(file), name!), files, modules);
    else modules.add(name!);
  }
  return [files, modules];
}

describe('the version alone', () => {
  it('needs a handful of files, and nothing but node:fs', () => {
    const [files, modules] = loadedWith(MAIN);
    expect([...modules]).toEqual(['fs']);
    expect(files.size).toBeLessThanOrEqual(6);
    const bytes = [...files].reduce((sum, file) => sum + fs.statSync(file).size, 0);
    expect(bytes).toBeLessThan(16 * 1024);
  });

  it.each(['--version', '-V'])('%s prints it', async (flag) => {
    expect(await cli([flag])).toMatchObject({ code: 0, stdout: `${VERSION}\n`, stderr: '' });
  });

  it.each([
    ['--version', 'info'],
    ['info', '--version'],
    ['--version', '--json'],
  ])('%s %s is answered by the parser of command lines', async (...args) => {
    expect(await cli(args)).toMatchObject({ code: 0, stdout: `${VERSION}\n`, stderr: '' });
  });

  it('ends quietly where nobody reads it', async () => {
    const { code, stderr } = await cli(['--version'], { running: (child) => child.stdout.destroy() });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it.runIf(process.platform === 'linux')('says so where it cannot be written', async () => {
    const full = fs.openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [BIN, '--version'], { stdio: ['ignore', full, 'pipe'] });
    let stderr = '';
    child.stderr!.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    fs.closeSync(full);
    expect(code).toBe(70);
    expect(stderr).toBe('rdb-inspect: cannot write standard output: no space left on device\n');
  });
});

describe('a command', () => {
  const program = (argv: string[]): string[] =>
    createProgram({ signal: new AbortController().signal, nowMs: 0, exitCode: 0 }, argv).commands.map((one) =>
      one.name(),
    );

  it.each([
    [['check', 'x'], ['check']],
    [['aof', 'cat', 'x'], ['aof']],
  ])('is the only one that is defined for %j', (argv, names) => {
    expect(program(argv)).toEqual(names);
  });

  it.each([[['help', 'info']], [['chek', 'x']], [['--no-color', 'info', 'x']], [[]], [['constructor']]])(
    'is one of all for %j',
    (argv) => {
      expect(program(argv)).toEqual(program([]));
      expect(program(argv).length).toBeGreaterThan(20);
    },
  );

  it('of a group is the only one of it', () => {
    const { commands } = createProgram({ signal: new AbortController().signal, nowMs: 0, exitCode: 0 }, ['aof', 'cat']);
    expect(commands[0]!.commands.map((one) => one.name())).toEqual(['cat']);
  });
});

describe.runIf(hasCompileCache)('what was compiled', () => {
  const cached = (name: string): boolean => fs.existsSync(path.join(directory.path(name), 'rdb-inspect', 'compiled'));
  const run = async (name: string, env: NodeJS.ProcessEnv): Promise<void> => {
    const { code, stderr } = await cli(['check', fixturePath('redis-7.0/types')], {
      env: { XDG_CACHE_HOME: directory.path(name), NODE_COMPILE_CACHE: undefined, ...env },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  };

  it("is kept in the user's cache", async () => {
    await run('kept', {});
    expect(cached('kept')).toBe(true);
    await run('kept', {});
  });

  it('is not kept where that is not wanted, or not possible', async () => {
    await run('unwanted', { NODE_DISABLE_COMPILE_CACHE: '1' });
    expect(cached('unwanted')).toBe(false);
    directory.write('file', '');
    await run('file', {});
    expect(cached('file')).toBe(false);
  });
});
