/** npm run build: replaces dist. */
import { build, locked, StepError } from './setup.mjs';

try {
  await locked(build);
} catch (error) {
  if (!(error instanceof StepError)) throw error;
  process.stderr.write(`${error.output}\n${error.message}\n`);
  process.exitCode = 1;
}
