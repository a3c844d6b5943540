/**
 * npm run check:docker: whether the Dockerfile does what it is to do, where there is no engine to build it. It is read and validated,
 * its stages are built in folders, and what it would start is started, killed and started again.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { checkContainers } from './check-dockerfile-container.mjs';
import { copyProblems, readDockerfile, readIgnoreFile } from './check-dockerfile-image.mjs';
import { buildStages } from './check-dockerfile-stages.mjs';
import { root as project } from './setup.mjs';

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-docker-'));
process.on('exit', () => fs.rmSync(scratch, { recursive: true, force: true }));

try {
  const image = readDockerfile(fs.readFileSync(path.join(project, 'Dockerfile'), 'utf8'));
  const ignored = readIgnoreFile(fs.readFileSync(path.join(project, '.dockerignore'), 'utf8'));
  const problems = copyProblems(image, project, ignored);
  if (problems.length > 0) throw new Error(`Dockerfile: ${problems.join('; ')}`);
  const root = await buildStages(image, { project, ignored, scratch, say });
  for (const volume of image.volumes)
    if (!fs.existsSync(path.join(root, volume))) throw new Error(`VOLUME ${volume} is nowhere made`);
  say(`the image has ${megabytes(root)} MB beside Node's`);
  await checkContainers({ image, root, scratch, say });
  say('ok');
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

/** @param {string} text */
function say(text) {
  process.stdout.write(`${text}\n`);
}

/** @param {string} folder */
function megabytes(folder) {
  let bytes = 0;
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' }))
    if (entry.isFile()) bytes += fs.statSync(path.join(entry.parentPath, entry.name)).size;
  return Math.ceil(bytes / 1e6);
}
