/**
 * The life of a store on files that keep a journal: commands of two clients, acknowledged in groups; time goes by; rewrites and
 * saves with commands while they run. What it came to after each command is known from an engine beside it.
 */
import { openStore, type Store, type StoreClient } from '../../src/store/index.js';
import { CLIENTS, type ClientCommand, CommandSource } from './crash-commands.js';
import { CrashFiles, type Lie } from './crash-files.js';
import { DATA_DIRECTORY, Reference, stateOfEngine } from './crash-reference.js';
import type { CrashEvent, CrashVariant } from './crash-variants.js';

export interface CrashLife {
  readonly variant: CrashVariant;
  readonly seed: number;
  readonly files: CrashFiles;
  /** After so many commands. */
  readonly states: readonly string[];
  /** Unix ms at its beginning, and at its end. */
  readonly beginMs: number;
  readonly endMs: number;
}

const BEGIN_MS = 1_700_000_000_000;
const MOST_IN_GROUP = 5;
const GROUPS = 7;
const MOST_STEP_MS = 700;
/** Behind any save point. */
const DUE_MS = 61_000;
const DUMP = `${DATA_DIRECTORY}/dump.rdb`;
/** Of one event; a few are enough. */
const MOST_WORK = 1000;

export async function liveUntilCrash(variant: CrashVariant, seed: number, lie?: Lie): Promise<CrashLife> {
  const time = { ms: BEGIN_MS };
  const clock = (): number => time.ms;
  const reference = new Reference(clock);
  const files = new CrashFiles(reference.begin(variant.start, seed), lie);
  const { appendonly = false, appendfsync = 'everysec' } = variant.options;
  files.mark({ kind: 'policy', appendfsync });
  files.mark({ kind: 'log', isOn: appendonly, moment: 0 });
  const store = await openStore({ ...variant.options, dir: DATA_DIRECTORY, files, clock, timers: false });
  const life = new Life(variant, seed, { store, files, reference, time });
  life.run();
  if (stateOfEngine(store.engine) !== reference.states.at(-1)) throw new Error(`${variant.name}, seed ${seed}: live`);
  life.end();
  return { variant, seed, files, states: reference.states, beginMs: BEGIN_MS, endMs: time.ms };
}

interface Stage {
  readonly store: Store;
  readonly files: CrashFiles;
  readonly reference: Reference;
  readonly time: { ms: number };
}

class Life {
  private readonly source: CommandSource;
  private readonly clients: StoreClient[];
  private readonly pending: ClientCommand[] = [];
  private seen = 0;
  /** When each file was created that may become a dump or a base. */
  private readonly created = new Map<number, number>();
  /** The log was asked for and is not yet there; then with the moment of its base. */
  private switching: { base?: number } | undefined;

  constructor(
    private readonly variant: CrashVariant,
    seed: number,
    private readonly stage: Stage,
  ) {
    this.source = new CommandSource(seed * 2 + 1);
    this.clients = Array.from({ length: CLIENTS }, () => stage.store.client());
  }

  run(): void {
    this.observe();
    for (const event of this.variant.events) {
      this.groups(GROUPS);
      this.begin(event);
      this.meanwhile();
    }
    this.groups(GROUPS);
  }

  end(): void {
    const { end } = this.variant;
    const { store, files } = this.stage;
    if (end === undefined) {
      store.abandon();
      return;
    }
    store.shutdown({ save: end });
    this.observe();
    files.mark({ kind: 'acknowledged' });
  }

  private begin(event: CrashEvent): void {
    const { store, files, reference, time } = this.stage;
    switch (event) {
      case 'rewrite':
        this.ask('BGREWRITEAOF');
        return;
      case 'save':
        this.ask('SAVE');
        return;
      case 'bgsave':
        this.ask('BGSAVE', 'SCHEDULE');
        return;
      case 'due':
        time.ms += DUE_MS;
        store.cron();
        this.observe();
        return;
      case 'on':
        this.switching = {};
        store.configure({ appendonly: true });
        this.observe();
        return;
      case 'off':
        this.switching = undefined;
        store.configure({ appendonly: false });
        this.observe();
        files.mark({ kind: 'log', isOn: false, moment: reference.states.length - 1 });
        return;
      case 'always':
      case 'everysec':
        store.configure({ appendfsync: event });
        files.mark({ kind: 'policy', appendfsync: event });
        this.observe();
    }
  }

  /** Commands go on while something is written in the background; now and then it is not waited for. */
  private meanwhile(): void {
    const { store, files } = this.stage;
    for (let left = this.source.integer(6); left > 0; left--) {
      this.group();
      if (this.source.odds(0.6)) this.work();
      if (this.source.odds(0.6)) files.catchUp();
      this.observe();
    }
    if (this.source.odds(0.2)) return;
    for (let left = MOST_WORK; left > 0; left--) {
      const isBusy = this.work();
      files.catchUp();
      store.cron();
      this.observe();
      if (!isBusy && !this.work()) return;
    }
    throw new Error(`${this.variant.name}: the work does not end`);
  }

  private work(): boolean {
    const isBusy = this.stage.store.work();
    this.observe();
    return isBusy;
  }

  private groups(count: number): void {
    for (let left = count; left > 0; left--) this.group();
  }

  private group(): void {
    const { store, files, time } = this.stage;
    for (let left = 1 + this.source.integer(MOST_IN_GROUP); left > 0; left--) this.next();
    store.flush();
    this.observe();
    files.mark({ kind: 'acknowledged' });
    time.ms += this.source.integer(MOST_STEP_MS);
    if (this.source.odds(0.5)) files.catchUp();
    if (!this.source.odds(0.7)) return;
    store.cron();
    this.observe();
  }

  private next(): void {
    if (this.pending.length === 0) this.pending.push(...this.source.draw());
    this.execute(this.pending.shift()!);
  }

  /** By itself: a transaction that is under way is brought to its end. */
  private ask(...args: string[]): void {
    while (this.pending.length > 0) this.next();
    this.clients[0]!.execute(args);
    this.observe();
  }

  private execute(command: ClientCommand): void {
    const { files, reference } = this.stage;
    reference.run(command);
    // What is written from now on may hold its effect.
    files.moment = reference.states.length - 1;
    this.clients[command.client]!.execute(command.args);
    this.observe();
  }

  /** Says what the store has come to, once the call that it came to in is over. */
  private observe(): void {
    const { files } = this.stage;
    const { journal } = files;
    for (; this.seen < journal.length; this.seen++) {
      const operation = journal[this.seen]!;
      if (operation.kind === 'create') this.created.set(operation.node, operation.moment);
      if (operation.kind !== 'rename') continue;
      const { path, node } = operation;
      const moment = this.created.get(node) ?? 0;
      if (path === DUMP) files.mark({ kind: 'saved', moment });
      if (this.switching === undefined) continue;
      if (path.includes('.base.')) this.switching.base = moment;
      if (!path.endsWith('.manifest') || this.switching.base === undefined) continue;
      files.mark({ kind: 'log', isOn: true, moment: this.switching.base });
      this.switching = undefined;
    }
  }
}
