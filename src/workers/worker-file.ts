/** Where the code of the workers is: a file of its own in the built package. */

/** The file `name` of the folder `dist`, seen from any module there, or from one below `src` of the same package. */
export function workerFile(name: string): URL {
  const here = import.meta.url;
  const folder = Math.max(here.lastIndexOf('/dist/'), here.lastIndexOf('/src/'));
  return new URL(`${here.slice(0, folder)}/dist/${name}`);
}
