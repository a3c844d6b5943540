/**
 * A store in a process of its own, to be killed. It goes through its steps (store-steps.ts) from where the files are, several
 * at a time, and prints what it may answer for, a line each, when it has happened:
 *
 *     open 120            the files have been read, which have 120 steps
 *     written 127         steps up to this one have been flushed, and none of it waits for a sync that goes on (everysec)
 *     acked 127           steps up to this one have been flushed
 *     saved 124           a dump is in its place, which began behind that step
 *     rewritten 2         so many rewrites of the log have ended
 */
import { writeSync } from 'node:fs';
import { openStore } from '../../src/store/index.js';
import { random } from './random.js';
import { COUNTER, storeStep } from './store-steps.js';

/** @type {import('./store-process.js').StoreRun} */
const { options, seed, work, mostSteps, speed } = JSON.parse(process.argv[2] ?? '');
const next = random(seed);
const startMs = Date.now();
const store = await openStore({ ...options, clock: () => startMs + (Date.now() - startMs) * speed });
const client = store.client();
let step = Number(client.execute(['GET', COUNTER]) ?? 0);
const end = step + mostSteps;
tell('open', step);

let { saves } = store.status;
let { rewrites } = store.status.log;
let isSaving = false;
let savingFrom = step;
while (step < end) {
  for (const command of work) if (next() < 0.02) client.execute([command]);
  look();
  const last = step + 1 + Math.floor(next() * 12);
  /** @type {Promise<unknown>[]} */
  const replies = [];
  while (step < last) for (const args of storeStep(++step)) replies.push(client.send(args));
  await Promise.all(replies);
  if (store.status.log.pendingBytes === 0) tell('written', step);
  tell('acked', step);
}
while (store.status.isSaveInProgress || store.status.log.isRewriteInProgress)
  await new Promise((go) => setImmediate(go));
look();
store.shutdown();

/** What goes on in the background, between two groups of steps: whatever began since the last look holds all steps so far. */
function look() {
  const { status } = store;
  if (status.saves > saves) {
    tell('saved', isSaving ? savingFrom : step);
    isSaving = false;
  }
  if (status.log.rewrites > rewrites) tell('rewritten', status.log.rewrites);
  ({ saves } = status);
  ({ rewrites } = status.log);
  if (status.isSaveInProgress && !isSaving) savingFrom = step;
  isSaving = status.isSaveInProgress;
}

/**
 * @param {string} what
 * @param {number} number
 */
function tell(what, number) {
  writeSync(1, `${what} ${number}\n`);
}
