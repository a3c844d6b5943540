/** The Dockerfile as far as that is quick: what it says, and what it starts, by the built command. npm run check:docker builds it. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkContainers, startContainer } from '../scripts/check-dockerfile-container.mjs';
import {
  copyProblems,
  filesToCopy,
  isIgnored,
  readDockerfile,
  readIgnoreFile,
} from '../scripts/check-dockerfile-image.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const image = readDockerfile(fs.readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8'));
const ignored = readIgnoreFile(fs.readFileSync(path.join(ROOT, '.dockerignore'), 'utf8'));

describe('the Dockerfile', () => {
  it('makes an image on Node alone that keeps its data in a volume and is nobody’s root', () => {
    expect(image.stages.map(({ base }) => base)).toEqual(['node:20-slim', 'node:20-slim']);
    expect(image).toMatchObject({
      user: 'node',
      directory: '/data',
      volumes: ['/data'],
      ports: ['6379'],
      stopSignal: 'SIGTERM',
      entrypoint: ['docker-entrypoint.sh'],
      command: ['serve', '--dir', '/data'],
    });
  });

  it('copies what is there and not ignored', () => {
    expect(copyProblems(image, ROOT, ignored)).toEqual([]);
    for (const name of ['src/cli/main.ts', 'scripts/docker-entrypoint.sh', '.npmrc'])
      expect(isIgnored(ignored, name)).toBe(false);
    for (const name of ['node_modules/a/b.js', 'dist/index.js', '.git/config', 'fixtures/README.md', 'test/x.ts'])
      expect(isIgnored(ignored, name)).toBe(true);
  });

  it('copies everything that a build looks at', () => {
    const copied = image.stages.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.kind === 'copy' && step.from === undefined ? step.sources : [])),
    );
    const files = new Set(copied.flatMap((source) => filesToCopy(ROOT, ignored, source)));
    const { files: published } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      files: string[];
    };
    const wanted = ['tsup.config.ts', 'tsconfig.json', 'package-lock.json', 'scripts/build.mjs', 'scripts/setup.mjs'];
    for (const name of [...wanted, 'README.md', 'LICENSE', ...published.filter((name) => name !== 'dist')])
      expect([...files].some((file) => file === name || file.startsWith(`${name}/`))).toBe(true);
  });
});

describe('what is wrong with another one', () => {
  it.each([
    ['FROM node\nCOPPY a b', 'line 2: Unknown instruction: COPPY'],
    ['FROM node\nEXPOSE x', 'line 2: Invalid containerPort: x'],
    ['FROM node\nCOPY a b c', 'line 2: When using COPY with more than one source file'],
    ['FROM node\nADD a b', 'line 2: the check does not know ADD'],
    ['FROM node\nCMD serve', 'is a line for a shell, which would keep signals back'],
  ])('%j', (text, says) => {
    expect(() => readDockerfile(text)).toThrow(says);
  });

  it.each([
    ['FROM node\nCOPY nowhere.txt ./', ['line 2: nowhere.txt is not there, or ignored']],
    ['FROM node\nCOPY fixtures fixtures', ['line 2: fixtures is not there, or ignored']],
    ['FROM node\nCOPY --from=build /a /b', ['line 2: no stage build']],
    ['FROM node AS build\nFROM node\nCOPY --from=build /a /b', []],
  ])('%j', (text, problems) => {
    expect(copyProblems(readDockerfile(text), ROOT, ignored)).toEqual(problems);
  });
});

describe('.dockerignore', () => {
  it.each([
    ['*.md', 'README.md', true],
    ['*.md', 'docs/a.md', false],
    ['**/*.md', 'docs/a/b.md', true],
    ['**/*.md', 'a.md', true],
    ['docs', 'docs/a/b.md', true],
    ['docs/*/b.?d', 'docs/a/b.md', true],
    ['/docs/', 'docs/a', true],
    ['*\n!docs', 'docs/a', false],
    ['*\n!docs\ndocs/a', 'docs/a', true],
    ['# docs', 'docs', false],
    ['a.b', 'axb', false],
  ])('%j about %s', (text, name, is) => {
    expect(isIgnored(readIgnoreFile(text), name)).toBe(is);
  });
});

describe('the image', () => {
  let scratch = '';
  let root = '';
  beforeAll(() => {
    scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-image-'));
    root = path.join(scratch, 'root');
    const programs = path.join(root, 'usr/local/bin');
    fs.mkdirSync(programs, { recursive: true });
    fs.copyFileSync(path.join(ROOT, 'scripts/docker-entrypoint.sh'), path.join(programs, 'docker-entrypoint.sh'));
    fs.symlinkSync(path.join(ROOT, 'bin/rdb-inspect.js'), path.join(programs, 'rdb-inspect'));
  });
  afterAll(() => fs.rmSync(scratch, { recursive: true, force: true }));

  it('serves its volume, is ended and killed, and goes on', async () => {
    const done: string[] = [];
    await checkContainers({ image, root, scratch, say: (text) => done.push(text) });
    expect(done).toHaveLength(7);
  });

  it('ends as the command does', async () => {
    const { code, output } = await startContainer({ image, root, data: scratch }, ['info', 'nowhere.rdb']).ended;
    expect([code, output]).toEqual([3, expect.stringContaining('nowhere.rdb: no such file or directory')]);
  });
});
