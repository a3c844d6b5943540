/**
 * Opens a store on what a power cut left, and says what is wrong with that: the state that it comes to, what becomes of a
 * power cut while it is opened, and of writes behind it.
 */
import { FormatError } from '../../src/bytes/errors.js';
import { openStore, type Store } from '../../src/store/index.js';
import { type Expectation, expectationAt } from './crash-expectation.js';
import { CrashFiles, type Lie } from './crash-files.js';
import type { Tree } from './crash-journal.js';
import { type CrashStart, DATA_DIRECTORY, stateOfEngine } from './crash-reference.js';
import { type CrashState, crashStates, formatChoice, leastOf, type StateChoice } from './crash-states.js';
import type { CrashVariant } from './crash-variants.js';
import { type CrashLife, liveUntilCrash } from './crash-workload.js';

export interface CrashReport {
  recoveries: number;
  /** With zeros in the middle of a file: refused, as by a server, or in a value, where nobody can tell. */
  damaged: number;
  /** States that were other ones than the last. */
  shortened: number;
  readonly failures: string[];
}

export interface CrashRun {
  readonly variant: CrashVariant;
  readonly seed: number;
  readonly count: number;
  readonly holes?: boolean;
  readonly lie?: Lie;
}

/** No dump is an empty one. */
const BEGINS_AS_DUMP: ReadonlySet<CrashStart> = new Set(['nothing', 'dump']);
const FIRST_START = 'the first start';
const MOST_FAILURES = 5;
const MOST_WORK = 1000;
const NEW_COMMANDS = [
  ['SET', 'after', 'a crash'],
  ['MULTI'],
  ['RPUSH', 'after:list', 'one', 'two'],
  ['SELECT', '1'],
  ['INCR', 'after:count'],
  ['EXEC'],
  ['ZADD', 'after:zset', '1.5', 'member'],
] as const;

/** One life, and power cuts all over it. */
export async function runCrashes({ variant, seed, count, holes = false, lie }: CrashRun): Promise<CrashReport> {
  const report: CrashReport = { recoveries: 0, damaged: 0, shortened: 0, failures: [] };
  const life = await liveUntilCrash(variant, seed, lie);
  for (const state of crashStates(life.files, { seed, count, holes })) {
    if (report.failures.length === MOST_FAILURES) break;
    report.recoveries++;
    const failure = await failureOf(life, state, report);
    if (failure !== undefined)
      report.failures.push(`${variant.name}, seed ${seed}: ${failure}; ${formatChoice(life.files, state.choice)}`);
  }
  return report;
}

/** Undefined where everything is as it should be. */
export async function failureOf(life: CrashLife, state: CrashState, report: CrashReport): Promise<string | undefined> {
  const expected = expectationAt(life.files, state.choice.prefix);
  const recovery = new Recovery(life, expected.isLog);
  try {
    const wrong =
      (await recovery.first(state, expected, report)) ??
      (await recovery.writeOn()) ??
      (await recovery.afterKill(state, expected));
    if (wrong !== undefined || !expected.isLog || expected.dumps.at(-1) === 0) return wrong;
    // Dumps beside a log keep their promise as well; where none was promised yet, the first state may be in the log alone.
    if (expected.dumps[0] === 0 && !BEGINS_AS_DUMP.has(life.variant.start)) return undefined;
    return await new Recovery(life, false).first(state, { ...expected, isLog: false }, report);
  } catch (error) {
    // What is broken in the middle is an error to the servers, too (aof-format.md §1.4); nothing is to be done to it.
    if (hasHole(state.choice) && error instanceof FormatError && recovery.doing === FIRST_START) {
      report.damaged++;
      return undefined;
    }
    return `${recovery.doing}: ${String(error)}`;
  }
}

function hasHole({ fates }: StateChoice): boolean {
  return fates.some(({ hole }) => hole !== undefined);
}

class Recovery {
  doing = '';
  private files = new CrashFiles(new Map());
  private number = 0;

  constructor(
    private readonly life: CrashLife,
    private readonly isLog: boolean,
  ) {}

  async first({ left, choice }: CrashState, expected: Expectation, report: CrashReport): Promise<string | undefined> {
    const found = await this.stateOf(left, FIRST_START);
    const wrong = this.compare(found, expected);
    if (wrong !== undefined && hasHole(choice)) report.damaged++;
    else if (wrong !== undefined) return wrong;
    if (found !== this.life.states.at(expected.most)) report.shortened++;
    // Nothing was asked of it but to start: whatever is left of that is the same.
    const { files } = this;
    for (const again of crashStates(files, { seed: choice.prefix, count: 1 })) {
      const other = await this.stateOf(again.left, 'a start after a power cut while it started');
      if (other !== found) return `${this.doing}: ${formatChoice(files, again.choice)}`;
    }
    this.files = new CrashFiles(left);
    return undefined;
  }

  /** New writes are there after the next power cut, and after one behind a rewrite or another dump. */
  async writeOn(): Promise<string | undefined> {
    const { isLog } = this;
    let store = await this.open(this.files, 'the start before new writes');
    this.write(store);
    const wanted = stateOfEngine(store.engine);
    store.abandon();
    if ((await this.stateOf(leastOf(this.files), 'the start after new writes')) !== wanted)
      return 'new writes are lost';
    store = await this.open(this.files, 'the start before a rewrite');
    store.client().execute([isLog ? 'BGREWRITEAOF' : 'BGSAVE']);
    finish(store, this.files);
    store.abandon();
    const tree = leastOf(this.files);
    if ((await this.stateOf(tree, 'the start after a rewrite')) !== wanted) return 'a rewrite loses what there was';
    return undefined;
  }

  /** Not the power was cut, but the program was stopped; the power goes later, when another one has acknowledged more. */
  async afterKill({ choice }: CrashState, expected: Expectation): Promise<string | undefined> {
    const files = CrashFiles.after(this.life.files, choice.prefix);
    const store = await this.open(files, 'the start after a kill');
    const wrong = this.compare(stateOfEngine(store.engine), expected);
    if (wrong !== undefined) return `${this.doing}: ${wrong}`;
    for (const state of crashStates(files, { seed: choice.prefix, count: 1, from: choice.prefix })) {
      const left = await this.stateOf(state.left, 'a start after a power cut while it started after a kill');
      const other = this.compare(left, expected);
      if (other !== undefined) return `${this.doing}: ${other}: ${formatChoice(files, state.choice)}`;
    }
    this.write(store);
    const wanted = stateOfEngine(store.engine);
    store.abandon();
    const found = await this.stateOf(leastOf(files), 'the start after a kill, new writes and a power cut');
    return found === wanted ? undefined : `${this.doing}: new writes are lost`;
  }

  private write(store: Store): void {
    const client = store.client();
    for (const args of NEW_COMMANDS) client.execute(args);
    store.flush();
    if (!this.isLog) client.execute(['SAVE']);
  }

  private compare(found: string, { floor, most, dumps }: Expectation): string | undefined {
    const { states } = this.life;
    if (!this.isLog) {
      if (dumps.some((moment) => states[moment] === found)) return undefined;
      return `the dump is that of moment ${states.indexOf(found)}, and not of ${dumps.join(' or ')}`;
    }
    for (let moment = floor; moment <= most; moment++) if (states[moment] === found) return undefined;
    return `the state is that of moment ${states.indexOf(found)}, and not of ${floor} to ${most}`;
  }

  private async stateOf(tree: Tree, doing: string): Promise<string> {
    const files = new CrashFiles(tree);
    const store = await this.open(files, doing);
    const state = stateOfEngine(store.engine);
    store.abandon();
    this.files = files;
    return state;
  }

  private async open(files: CrashFiles, doing: string): Promise<Store> {
    this.doing = doing;
    const clock = (): number => this.life.endMs + this.number;
    this.number += 1000;
    return await openStore({
      ...this.life.variant.options,
      dir: DATA_DIRECTORY,
      files,
      clock,
      timers: false,
      save: '',
      appendonly: this.isLog,
      appendfsync: 'always',
    });
  }
}

/** Background work comes to its end. */
export function finish(store: Store, files: CrashFiles): void {
  for (let left = MOST_WORK; left > 0; left--) {
    const isBusy = store.work();
    files.catchUp();
    store.cron();
    if (!isBusy && !store.work()) return;
  }
  throw new Error('the work does not end');
}
