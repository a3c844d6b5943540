/** Where the code of the workers is: a file of its own in the built package. */

/**
 * The module `name` of the folder `dist`, seen from any module there, or from one below `src` of the same package: an ES
 * module for an ES module of the build.
 */
export function workerFile(name: string): URL {
  const here = import.meta.url;
  const folder = Math.max(here.lastIndexOf('/dist/'), here.lastIndexOf('/src/'));
  return new URL(`${here.slice(0, folder)}/dist/${name}${here.endsWith('.js') ? '.js' : '.cjs'}`);
}
