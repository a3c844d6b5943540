/** Whether files that nobody needs any more pile up where a store is stopped again and again in the middle of its work. */
import { openStore } from '../../src/store/index.js';
import { CrashFiles } from './crash-files.js';
import type { Tree } from './crash-journal.js';
import { finish } from './crash-recovery.js';
import { DATA_DIRECTORY } from './crash-reference.js';
import { crashStates } from './crash-states.js';

/** What the lives do until they are stopped. */
export type PileKind = 'rewrites and saves' | 'switches the log on and off';

/** Paths after some lives, and after many of them, with numbers in them as `N`. */
export interface Piles {
  readonly few: readonly string[];
  readonly many: readonly string[];
}

const FEW = 6;
const MANY = 24;
const STOPS = 300;

/** Each life is stopped where the most files are there that it has made. */
export async function pileUp(kind: PileKind, seed: number): Promise<Piles> {
  let tree: Tree = new Map([[DATA_DIRECTORY, undefined]]);
  let few: readonly string[] = [];
  for (let life = 1; life <= MANY; life++) {
    tree = await stopped(kind, tree, seed + life);
    if (life === FEW) few = await tidied(kind, tree);
  }
  return { few, many: await tidied(kind, tree) };
}

async function stopped(kind: PileKind, before: Tree, seed: number): Promise<Tree> {
  const files = new CrashFiles(before);
  await live(kind, files, `${seed}`);
  let tree = before;
  let most = -1;
  for (const { left } of crashStates(files, { seed, count: STOPS })) {
    if (left.size <= most) continue;
    most = left.size;
    tree = left;
  }
  return tree;
}

/** The names that are there behind a life that nobody stops. */
async function tidied(kind: PileKind, tree: Tree): Promise<string[]> {
  const files = new CrashFiles(tree);
  await live(kind, files, 'last');
  return [...files.tree().keys()].map((path) => path.replace(/\d+/g, 'N')).sort();
}

async function live(kind: PileKind, files: CrashFiles, text: string): Promise<void> {
  const isSwitched = kind === 'switches the log on and off';
  const store = await openStore({
    dir: DATA_DIRECTORY,
    files,
    clock: () => 1_700_000_000_000,
    timers: false,
    appendonly: !isSwitched,
    appendfsync: 'always',
    save: '3600 1',
  });
  const client = store.client();
  const write = (key: string): void => {
    client.execute(['SET', key, text]);
    store.flush();
  };
  write('first');
  if (isSwitched) store.configure({ appendonly: true });
  for (const what of ['BGREWRITEAOF', 'BGSAVE']) {
    write('before');
    client.execute([what]);
    write('meanwhile');
    finish(store, files);
  }
  if (isSwitched) store.configure({ appendonly: false });
  store.abandon();
}
