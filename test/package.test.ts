/** What `npm publish` would send, installed elsewhere and used as its users do: by import and by require. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entryPoints = Object.keys(manifest.exports).filter((name) => name !== './package.json');
const CLI_PACKAGES = ['commander', 'cli-progress', 'cli-table3', 'string-width'];

let home: string;
let installed: string;
let published: string[];

beforeAll(() => {
  if (!existsSync(join(root, 'dist', 'index.cjs'))) throw new Error('there is no dist: run npm run build first');
  home = mkdtempSync(join(tmpdir(), 'rdb-inspect-package-'));
  installed = join(home, 'node_modules', 'rdb-inspect');
  mkdirSync(installed, { recursive: true });
  const report = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', home], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    // Not the setting of an outer npm, which may be silent.
    env: { ...process.env, npm_config_loglevel: 'error' },
  });
  const [packed] = Object.values(JSON.parse(report)) as { filename: string; files: { path: string }[] }[];
  published = packed?.files.map((file) => file.path) ?? [];
  execFileSync('tar', ['-xzf', join(home, packed?.filename ?? ''), '-C', installed, '--strip-components', '1']);
  for (const name of Object.keys(manifest.dependencies)) {
    mkdirSync(dirname(join(home, 'node_modules', name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(home, 'node_modules', name), 'junction');
  }
});

afterAll(() => {
  if (home) rmSync(home, { recursive: true, force: true });
});

describe('the published files', () => {
  it('are the command, the build and the papers, nothing else', () => {
    const expected =
      /^(bin\/rdb-inspect\.js|dist\/.+\.(js|cjs)(\.map)?|dist\/.+\.d\.(ts|cts)|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;
    expect(published.filter((path) => !expected.test(path))).toEqual([]);
    expect(published).toEqual(
      expect.arrayContaining(['bin/rdb-inspect.js', 'dist/cli/main.cjs', 'LICENSE', 'README.md']),
    );
  });

  it('take less than 8 MB, engine and store in both module systems', () => {
    const sizeBytes = published.reduce((sum, path) => sum + statSync(join(installed, path)).size, 0);
    expect(sizeBytes).toBeLessThan(8_000_000);
  });

  it('hold everything that package.json names', () => {
    const named = JSON.stringify(manifest.exports).match(/\.\/dist\/[^"]+/g) ?? [];
    expect(
      [...named, ...Object.values(manifest.bin)].filter((path) => !existsSync(join(installed, String(path)))),
    ).toEqual([]);
  });
});

describe.each(entryPoints)('entry point %s', (entryPoint) => {
  it('gives import and require the same names', () => {
    const { imported, required } = loadBoth(entryPoint);
    expect(imported.length).toBeGreaterThan(0);
    expect(required).toEqual(imported);
  });

  it('loads no package of the command, and only dependencies that are declared', () => {
    for (const condition of ['import', 'require'] as const) {
      const loaded = packagesLoadedBy(join(installed, manifest.exports[entryPoint][condition].default));
      expect(loaded.filter((name) => CLI_PACKAGES.includes(name))).toEqual([]);
      expect(loaded.filter((name) => !(name in manifest.dependencies))).toEqual([]);
    }
  });
});

/** The root class, as TypeScript declares it or as a bundler writes it. */
const DEFINES_ERRORS = /\bclass RedisFileError\b|\bRedisFileError = (\(\w+ = )?class\b/;

describe('error classes', () => {
  it.each([
    ['import', /\.js$/],
    ['require', /\.cjs$/],
    ['types for import', /\.d\.ts$/],
    ['types for require', /\.d\.cts$/],
  ])('are defined once for %s', (_, extension) => {
    const files = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' });
    const definesErrors = files
      .filter((file) => extension.test(file))
      .filter((file) => DEFINES_ERRORS.test(readFileSync(join(installed, 'dist', file), 'utf8')));
    expect(definesErrors).toHaveLength(1);
  });

  it.each(['import', 'require'])('are one and the same across entry points by %s', (way) => {
    const load =
      way === 'import' ? 'await import(name)' : '(await import("node:module")).createRequire(import.meta.url)(name)';
    const problems = runModule(`
      const modules = [];
      for (const name of ${JSON.stringify(entryPoints.map(specifierOf))}) modules.push(${load});
      const [{ FormatError, RedisFileError }] = modules;
      const error = new FormatError('TRUNCATED', 'it ends early', 7);
      const problems = [];
      if (!(error instanceof RedisFileError)) problems.push('FormatError is no RedisFileError');
      for (const other of modules) {
        for (const [name, value] of Object.entries(other)) {
          if (name in modules[0] && modules[0][name] !== value) problems.push(name + ' differs');
        }
        if (other.RedisFileError && !(error instanceof other.RedisFileError)) problems.push('instanceof fails');
      }
      console.log(JSON.stringify(problems));
    `);
    expect(problems).toEqual([]);
  });
});

describe('the command', () => {
  it('runs from where it is installed', () => {
    const bin = join(installed, manifest.bin['rdb-inspect']);
    const version = execFileSync(process.execPath, [bin, '--version'], { cwd: home, encoding: 'utf8' });
    expect(version.trim()).toBe(manifest.version);
  });
});

function specifierOf(entryPoint: string): string {
  return `rdb-inspect${entryPoint.slice(1)}`;
}

/** The names that an entry point exports, sorted, as each module system sees them. */
function loadBoth(entryPoint: string): { imported: string[]; required: string[] } {
  const name = JSON.stringify(specifierOf(entryPoint));
  return runModule(`
    import { createRequire } from 'node:module';
    const names = (loaded) => Object.keys(loaded).filter((key) => loaded[key] !== undefined).sort();
    const required = names(createRequire(import.meta.url)(${name}));
    console.log(JSON.stringify({ imported: names(await import(${name})), required }));
  `) as { imported: string[]; required: string[] };
}

/** Runs a module in the folder where the package is installed; it prints one line of JSON. */
function runModule(source: string): unknown {
  const args = ['--input-type=module', '--eval', source];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: home, encoding: 'utf8' }));
}

/** Every package that a built file reaches, at once or later by import(); Node's own modules left out. */
function packagesLoadedBy(entry: string): string[] {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const pending = [entry];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const source = readFileSync(file, 'utf8');
    for (const [, name = ''] of source.matchAll(
      /(?<![\w$'"-])(?:from\s*|import\s*\(?\s*|require\(\s*)["']([^"'\n]+)["']/g,
    )) {
      if (name.startsWith('.')) pending.push(resolve(dirname(file), name));
      else if (!name.startsWith('node:') && !builtinModules.includes(name)) packages.add(name);
    }
  }
  expect([...seen].map((file) => relative(installed, file))).not.toContain('dist/cli/main.cjs');
  return [...packages].sort();
}
