/** The rules of ARCHITECTURE.md that a machine can check: who may import whom, sizes, names, and who may print. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SRC = path.join(ROOT, 'src');

/** Each folder of src, with the folders that it may import beside itself. */
const IMPORTS: Readonly<Record<string, readonly string[]>> = {
  types: [],
  kernels: [],
  bytes: ['kernels'],
  codecs: ['kernels', 'bytes'],
  rdb: ['kernels', 'bytes', 'codecs'],
  aof: ['kernels', 'bytes', 'codecs', 'rdb'],
  memory: ['bytes', 'codecs', 'rdb'],
  engine: ['bytes', 'codecs', 'rdb', 'aof', 'memory'],
  workers: ['kernels', 'bytes', 'rdb'],
  convert: ['kernels', 'bytes', 'codecs', 'rdb', 'aof', 'engine', 'workers'],
  inspect: ['kernels', 'bytes', 'codecs', 'rdb', 'aof', 'memory', 'workers'],
  import: ['kernels', 'bytes', 'codecs', 'rdb', 'aof', 'engine', 'convert'],
  store: ['bytes', 'codecs', 'rdb', 'aof', 'engine', 'convert'],
  serve: ['bytes', 'codecs', 'rdb', 'aof', 'memory', 'engine', 'convert', 'store'],
  cli: [
    'bytes',
    'codecs',
    'rdb',
    'aof',
    'memory',
    'engine',
    'workers',
    'convert',
    'inspect',
    'import',
    'store',
    'serve',
  ],
};

/** The only files outside src/cli that touch the file system. */
const FILE_SYSTEM = /^bytes\/(source(-[a-z]+)*|files-node)\.ts$/;

/** Packages that the library entry points must not pull in. */
const CLI_PACKAGES = ['commander', 'cli-progress', 'cli-table3', 'string-width'];

interface SourceFile {
  readonly name: string;
  readonly folder: string;
  readonly text: string;
  readonly lines: number;
  readonly ast: ts.SourceFile;
}

function list(directory: string): string[] {
  return fs
    .readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.replaceAll('\\', '/'))
    .sort();
}

function load(base: string, name: string): SourceFile {
  const text = fs.readFileSync(path.join(base, name), 'utf8');
  const ast = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  return {
    name,
    folder: name.includes('/') ? name.slice(0, name.indexOf('/')) : '',
    text,
    lines: text.split('\n').length - 1,
    ast,
  };
}

const sources = list(SRC).map((name) => load(SRC, name));
const tests = list(path.join(ROOT, 'test')).map((name) => load(path.join(ROOT, 'test'), name));

function importsOf(file: SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
      node.moduleSpecifier &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      found.push(node.moduleSpecifier.text);
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments;
      if (specifier && ts.isStringLiteral(specifier)) found.push(specifier.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file.ast);
  return found;
}

/** The text without its comments, which may show what users print. */
function codeOf(file: SourceFile): string {
  return file.text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
}

function targetFolder(file: SourceFile, specifier: string): string | undefined {
  if (!specifier.startsWith('.') || specifier.endsWith('.json')) return undefined;
  const target = path.posix.join(path.posix.dirname(file.name), specifier);
  return target.includes('/') ? target.slice(0, target.indexOf('/')) : '';
}

it('knows every folder', () => {
  expect(
    [...new Set(sources.map((file) => file.folder))].filter((folder) => folder !== '' && !(folder in IMPORTS)),
  ).toEqual([]);
  expect(sources.length).toBeGreaterThan(40);
});

describe.each(sources)('src/$name', (file) => {
  it('imports only from the left', () => {
    if (file.folder === '') return; // The front door re-exports from everywhere.
    const allowed = [file.folder, ...IMPORTS[file.folder]!];
    const wrong = importsOf(file).filter((specifier) => {
      const folder = targetFolder(file, specifier);
      return folder !== undefined && !allowed.includes(folder);
    });
    expect(wrong).toEqual([]);
  });

  it('prints and exits only in cli', () => {
    if (file.folder === 'cli') return;
    expect(codeOf(file).match(/\bconsole\s*[.[]|\bprocess\s*\.\s*(?:exit|stdout|stderr|argv)/g) ?? []).toEqual([]);
    const packages = importsOf(file).filter((specifier) => CLI_PACKAGES.includes(specifier));
    expect(packages).toEqual([]);
  });

  it('touches the file system only where the list says so', () => {
    const uses = importsOf(file).some((specifier) => /^(node:)?fs(\/promises)?$/.test(specifier));
    expect(uses && file.folder !== 'cli' && !FILE_SYSTEM.test(file.name)).toBe(false);
  });

  it('compiles code at run time only in bytes/layout.ts', () => {
    expect(importsOf(file).includes('binary-parser') && file.name !== 'bytes/layout.ts').toBe(false);
    expect(/\bnew Function\(|\beval\(/.test(file.text)).toBe(false);
  });
});

describe.each([
  ...sources.map((file) => ({ ...file, name: `src/${file.name}` })),
  ...tests.map((file) => ({ ...file, name: `test/${file.name}` })),
])('$name', (file) => {
  it('has at most 400 lines', () => {
    expect(file.lines).toBeLessThanOrEqual(400);
  });

  it('has a name that says something', () => {
    expect(path.basename(file.name)).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.d|\.as)?\.ts$/);
    expect(path.basename(file.name)).not.toMatch(/^(utils?|helpers?|common|misc)\./);
  });

  it('has functions of at most 60 lines', () => {
    const long: string[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
        const start = file.ast.getLineAndCharacterOfPosition(node.getStart()).line;
        const end = file.ast.getLineAndCharacterOfPosition(node.end).line;
        // The body of a describe() is a list of tests, not a function to understand as one.
        const isSuite = file.name.endsWith('.test.ts') && ts.isArrowFunction(node) && ts.isCallExpression(node.parent);
        if (end - start + 1 > 60 && !isSuite) long.push(`${start + 1}: ${end - start + 1} lines`);
      }
      ts.forEachChild(node, visit);
    };
    visit(file.ast);
    expect(long).toEqual([]);
  });

  it('has no default export, no enum, no any, no switched-off check', () => {
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      const line = `line ${file.ast.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
      if (node.kind === ts.SyntaxKind.AnyKeyword) found.push(`${line}: any`);
      if (ts.isEnumDeclaration(node)) found.push(`${line}: enum`);
      if (ts.isExportAssignment(node) || node.kind === ts.SyntaxKind.DefaultKeyword) found.push(`${line}: default`);
      ts.forEachChild(node, visit);
    };
    visit(file.ast);
    const switchedOff = new RegExp(`@ts-(?:${['ignore', 'nocheck'].join('|')})`);
    if (switchedOff.test(file.text)) found.push('type check switched off');
    expect(found).toEqual([]);
  });
});

describe('public types', () => {
  it.each(sources.filter((file) => file.folder !== 'cli'))('src/$name exports no Buffer', (file) => {
    const program = file.text
      .split('\n')
      .filter(
        (line) => /^export /.test(line) && /\bBuffer\b/.test(line.replaceAll(/\b(Array|SharedArray)Buffer\b/g, '')),
      );
    expect(program).toEqual([]);
  });
});
