/** Where the code of the workers is: a file of its own in the built package. */
import { pathToFileURL } from 'node:url';

/** The file `name` of the folder `dist`, seen from any module there, or from one below `src` of the same package. */
export function workerFile(name: string): URL {
  const here = typeof __filename === 'string' ? pathToFileURL(__filename).href : import.meta.url;
  const folder = Math.max(here.lastIndexOf('/dist/'), here.lastIndexOf('/src/'));
  return new URL(`${here.slice(0, folder)}/dist/${name}`);
}
