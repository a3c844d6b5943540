/**
 * What a server does in the background is done by its own process. One more stands for it meanwhile, as redis-server's child does:
 * whoever looks for it finds it, and whoever ends it ends the save or the rewrite, which has failed then.
 */
import { spawn } from 'node:child_process';
import type { BackgroundWatch } from '../store/index.js';

/** It waits for the end of its input, which comes with the end of the server, whatever that is. */
const WAITS = 'cat';

/** Where there is no such process the job goes on without. */
export const standInProcess: BackgroundWatch = (_kind, giveUp) => {
  const child = spawn(WAITS, [], { stdio: ['pipe', 'ignore', 'ignore'] });
  let isOver = false;
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.on('exit', (_code, signal) => {
    if (!isOver && signal !== null) giveUp(new Error(`its process was ended by ${signal}`));
  });
  child.unref();
  return () => {
    isOver = true;
    child.stdin.end();
    child.kill();
  };
};
