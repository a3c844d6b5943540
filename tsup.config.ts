import { defineConfig, type Options } from 'tsup';

const library = [
  'src/index.ts',
  'src/aof/index.ts',
  'src/engine.ts',
  'src/inspect/index.ts',
  'src/convert/index.ts',
  'src/import/index.ts',
];

const shared: Options = {
  outDir: 'dist',
  platform: 'node',
  target: 'node20',
  // The code is not minified: maps would triple the package and say little more.
  sourcemap: false,
  // In CJS too: without shared chunks every entry point would carry error classes of its own, and instanceof would fail.
  splitting: true,
  // scripts/setup.mjs empties dist first; the three parts below run side by side and must not clear each other's files.
  clean: false,
};

export default defineConfig([
  { ...shared, entry: [...library, 'src/worker.ts'], format: 'esm' },
  {
    ...shared,
    // The command is CommonJS only: Node 20 loads its dozens of files in two thirds of the time that it takes for ES modules.
    entry: [...library, 'src/worker.ts', 'src/cli/worker.ts', 'src/cli/main.ts'],
    format: 'cjs',
    // Where its workers are is asked of import.meta, which CommonJS has to be given.
    shims: true,
    // They are ES modules only, which CommonJS does not load everywhere.
    noExternal: ['string-width', 'hyparquet-writer'],
    // What makes CommonJS of the chunks would replace these by calls of functions with closures, in the hottest loops too.
    esbuildOptions: (options) => {
      options.supported = { 'optional-chain': false, 'nullish-coalescing': false };
    },
  },
  { ...shared, entry: library, format: ['esm', 'cjs'], dts: { only: true } },
]);
