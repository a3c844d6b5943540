/** What the README shows is what happens: every console block, every snippet, the table of codes. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../src/bytes/errors.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const readme = fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8');

function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text]) => text!);
}

describe('console blocks', () => {
  const shown = blocks('console').map((text) => {
    const [line, ...output] = text.split('\n');
    return { command: line!.replace(/^\$ /, ''), output: output.join('\n') };
  });

  it('are there', () => {
    expect(shown.length).toBeGreaterThan(4);
  });

  it.each(shown)('$command', ({ command, output }) => {
    const script = `rdb-inspect() { "${process.execPath}" "${path.join(ROOT, 'bin/rdb-inspect.js')}" "$@"; }\n${command} 2>&1 || true`;
    expect(execFileSync('bash', ['-c', script], { cwd: ROOT, encoding: 'utf8' })).toBe(output);
  });
});

describe('snippets', () => {
  const snippets = blocks('ts').map((text, index) => ({ name: `snippet ${index + 1}`, text }));
  // Inside the package's own folder its name means the package itself, as published.
  const folder = path.join(ROOT, 'node_modules/.readme-snippets');
  beforeAll(() => fs.mkdirSync(folder, { recursive: true }));
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  it.each(snippets)('$name compiles', ({ name, text }) => {
    const file = path.join(folder, `${name.replaceAll(' ', '-')}.mts`);
    fs.writeFileSync(file, text);
    const program = ts.createProgram([file], {
      strict: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      skipLibCheck: true,
      types: ['node'],
      typeRoots: [path.join(ROOT, 'node_modules/@types')],
      paths: {
        'rdb-inspect': [path.join(ROOT, 'src/index.ts')],
        'rdb-inspect/engine': [path.join(ROOT, 'src/engine.ts')],
        'rdb-inspect/*': [path.join(ROOT, 'src/*/index.ts')],
      },
    });
    const messages = ts
      .getPreEmitDiagnostics(program)
      .filter((diagnostic) => diagnostic.file?.fileName.includes('.readme-snippets'))
      .map((diagnostic) => ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
    expect(messages).toEqual([]);
  });

  const { exports: entries } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    exports: Record<string, { import: { default: string } }>;
  };
  it.each(snippets)('$name runs', ({ name, text }) => {
    const output = ts.transpileModule(text, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true },
    }).outputText;
    const file = path.join(folder, `${name.replaceAll(' ', '-')}.mjs`);
    const entry = (_: string, part = ''): string =>
      JSON.stringify(path.join(ROOT, entries[`.${part}`]!.import.default));
    fs.writeFileSync(file, output.replace(/'rdb-inspect(\/\w+)?'/g, entry));
    expect(execFileSync(process.execPath, [file], { cwd: ROOT, encoding: 'utf8' })).not.toBe('');
  });
});

it('lists every error code with its meaning', () => {
  const rows = [...readme.matchAll(/^\| `([A-Z0-9_]+)` \| \w+ \| \d \| (.*) \|$/gm)].map(([, code, text]) => [
    code,
    text,
  ]);
  expect(rows).toEqual(Object.entries(ERROR_CODES));
});
