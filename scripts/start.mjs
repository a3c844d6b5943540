/**
 * npm start: installs and builds where needed, then is the command: `npm start -- info path/to/dump.rdb`.
 * Nothing but the command writes to stdout.
 */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureReady, root, StepError } from './setup.mjs';

const SETUP_FAILED = 70;

try {
  await ensureReady((doing) => {
    if (process.stderr.isTTY) process.stderr.write(`rdb-inspect: ${doing} …\n`);
  });
  await runCommand(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof StepError)) throw error;
  process.stderr.write(`${error.output}\nrdb-inspect: ${error.message}\n`);
  process.exitCode = SETUP_FAILED;
}

/** @param {string[]} args */
async function runCommand(args) {
  // npm runs scripts in the package's folder; paths count from where the person is.
  const home = process.env.INIT_CWD;
  if (process.env.npm_lifecycle_event === 'start' && home && fs.existsSync(home)) process.chdir(home);
  // In this process: a second Node would cost more than the rest of the start.
  const { main } = await import(pathToFileURL(path.join(root, 'dist', 'cli', 'main.cjs')).href);
  process.exitCode = await main(args.length > 0 ? args : tour());
}

function tour() {
  const dump = path.relative(process.cwd(), path.join(root, 'fixtures', 'redis-7.0', 'types', 'dump.rdb'));
  process.stderr.write(
    'rdb-inspect: no arguments, so here is a bundled dump; yours: npm start -- info path/to/dump.rdb\n',
  );
  return ['info', dump];
}
