/**
 * npm run build:kernels: compiles src/kernels/assembly to src/kernels/wasm-generated.ts, which is committed; a test compiles
 * again and compares.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = path.join(root, 'src', 'kernels');

const FLAGS = [
  'index.as.ts',
  '--baseDir',
  path.join(folder, 'assembly'),
  '-O3',
  '--shrinkLevel',
  '1',
  '--noAssert',
  '--runtime',
  'stub',
  '--enable',
  'simd',
  '--enable',
  'bulk-memory',
];

/**
 * Decorators of functions are no TypeScript: the sources have `// @inline` instead, on a line in front of a function.
 * @param {string} name
 * @param {string} base
 */
function readFile(name, base) {
  try {
    return fs.readFileSync(path.resolve(base, name), 'utf8').replaceAll(/^\/\/ @inline$/gm, '@inline');
  } catch {
    return null; // The compiler tries several names for each import.
  }
}

/** @returns {Promise<string>} the text of wasm-generated.ts */
export async function compileKernels() {
  const { default: asc } = await import('assemblyscript/asc');
  const pages = /MEMORY_PAGES = (0x[0-9a-f]+)/.exec(fs.readFileSync(path.join(folder, 'memory-map.ts'), 'utf8'))?.[1];
  /** @type {Map<string, string | Uint8Array>} */
  const written = new Map();
  const { error, stderr } = await asc.main(
    [
      ...FLAGS,
      '--initialMemory',
      String(Number(pages)),
      '--maximumMemory',
      String(Number(pages)),
      '--outFile',
      'kernels.wasm',
    ],
    { readFile, writeFile: (name, contents) => void written.set(path.basename(name), contents) },
  );
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  const base64 = Buffer.from(/** @type {Uint8Array} */ (written.get('kernels.wasm'))).toString('base64');
  return `/** The compiled kernels: made by npm run build:kernels from assembly/, not by hand. */\nexport const WASM_BASE64 =\n  '${base64}';\n`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const text = await compileKernels();
  fs.writeFileSync(path.join(folder, 'wasm-generated.ts'), text);
  process.stdout.write(`${text.length} characters\n`);
}
