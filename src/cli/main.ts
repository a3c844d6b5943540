/** The command `rdb-inspect`: arguments in, exit code out. */
import { writeFully } from './sink.js';
import { VERSION } from './version.js';

/** Runs one command line (without the names of Node and the script) and returns its exit code. Never throws. A signal ends the process here. */
export async function main(argv: readonly string[]): Promise<number> {
  // Scripts ask for the version alone, and then nothing else needs to be loaded; other lines with it go the long way.
  const asksVersion = argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V');
  if (asksVersion) {
    try {
      const bytes = new TextEncoder().encode(`${VERSION}\n`);
      writeFully(1, 'standard output', bytes, 0, bytes.length);
      return 0;
    } catch (error) {
      return (await import('./run.js')).fail(error, argv, []);
    }
  }
  keepCompiledCode();
  return await (await import('./run.js')).run(argv);
}

/**
 * From Node 22.1 on V8 can keep what it has compiled: in the user's own directory for caches, since Node's default, one that
 * everybody may write to, is no place for code. Where that cannot be written everything is compiled each time, as before;
 * NODE_DISABLE_COMPILE_CACHE=1 switches it off.
 */
function keepCompiledCode(): void {
  const module = process.getBuiltinModule('node:module') as { enableCompileCache?: (directory: string) => unknown };
  const { XDG_CACHE_HOME, HOME, LOCALAPPDATA } = process.env;
  const caches = XDG_CACHE_HOME || (HOME && `${HOME}/.cache`) || LOCALAPPDATA;
  if (caches) module.enableCompileCache?.(`${caches}/rdb-inspect/compiled`);
}
