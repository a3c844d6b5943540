/**
 * A dump, or the base of a log, that is written while commands go on: a slice of keys at a time, under a temporary name, then
 * synced aside.
 *
 * What it costs is what {@link LiveSnapshot} costs, and the time of a slice between two events: about {@link SLICE_BYTES} of
 * output.
 */
import type { ByteString } from '../bytes/byte-string.js';
import type { Files, WritableFile } from '../bytes/files.js';
import type { WriteBytes } from '../bytes/writer.js';
import type { Database } from '../engine/database.js';
import type { Engine } from '../engine/engine.js';
import { LiveSnapshot } from '../engine/live-snapshot.js';
import { keyEntry } from '../engine/snapshot.js';
import type { StoredValue } from '../engine/values/stored-value.js';
import type { RdbEntry } from '../rdb/model.js';

/** Makes bytes of entries. */
export interface EntryWriter {
  readonly bytesWritten: number;
  entry(entry: RdbEntry): void;
  /** A key as it is held; false where it is to come as an entry. */
  stored(db: Database, key: ByteString, value: StoredValue): boolean;
  end(): void;
}

export interface SnapshotPlan {
  readonly engine: Engine;
  readonly files: Files;
  /** Where it is made; whatever is there was left by somebody who was stopped. */
  readonly path: string;
  readonly writer: (write: WriteBytes) => EntryWriter;
  readonly head: Iterable<RdbEntry>;
  readonly tail: Iterable<RdbEntry>;
  /** How long each key takes at the least, ms: asked again and again. */
  readonly keyDelayMs: () => number;
  /** Keys that there are. */
  readonly totalKeys: number;
}

/** How far keys that take their time may lag behind it. */
const MOST_BEHIND_MS = 200;
const SLICE_BYTES = 64 * 1024;
const SLICE_KEYS = 256;
/** Keys between two looks at how much has been written. */
const STEP_KEYS = 16;

export class SnapshotJob {
  /** `written`: it is whole, and not synced yet. */
  state: 'writing' | 'written' | 'ended' = 'writing';
  /** Told once, of the end: the file is durable then, or removed. Never from within a command. */
  onEnd: (failure?: unknown) => void = () => undefined;
  private failure: unknown;
  private file: WritableFile | undefined;
  private writer: EntryWriter | undefined;
  private live: LiveSnapshot | undefined;
  /** Keys that it has come by. */
  private keys = 0;
  private lastKeyMs = performance.now();
  /** Nothing else goes on until it has ended. */
  private isHurried = false;

  /** The moment is now. Whatever fails is told at the first {@link step}. */
  constructor(private readonly plan: SnapshotPlan) {
    const { engine, files, path } = plan;
    try {
      if (files.stat(path) !== undefined) files.remove(path);
      const file = files.create(path);
      this.file = file;
      this.writer = plan.writer((bytes, start, end) => file.write(bytes, start, end));
      this.live = new LiveSnapshot(engine, (entry) => this.take(entry), plan.head, this.takeKey.bind(this));
    } catch (error) {
      this.failure = error ?? new Error('failed');
    }
  }

  /** Writes a slice. False where there is nothing more to be done but to wait. */
  step(): boolean {
    if (this.state !== 'writing' || this.isAhead()) return false;
    if (this.writeSlice()) return true;
    if (this.failure === undefined) this.syncAside();
    else this.end();
    return false;
  }

  /** Does the rest at once, while nothing else goes on. */
  finish(): void {
    this.isHurried = true;
    while (this.state === 'writing' && this.writeSlice());
    if (this.state === 'ended') return;
    if (this.failure === undefined) this.attempt(() => this.file!.sync());
    this.end();
  }

  /** Gives it up: it has failed. */
  giveUp(why: Error): void {
    if (this.state === 'ended') return;
    this.failure ??= why;
    this.end();
  }

  /** Gives it up; nobody is told. */
  cancel(): void {
    this.onEnd = () => undefined;
    this.failure ??= new Error('cancelled');
    this.end();
  }

  /** Leaves it half-way, as it is; nobody is told. */
  abandon(): void {
    this.onEnd = () => undefined;
    this.state = 'ended';
    this.live?.close();
    this.attempt(() => this.file?.close());
  }

  get progress(): { readonly keys: number; readonly totalKeys: number } {
    const { totalKeys } = this.plan;
    return { keys: Math.min(this.keys, totalKeys), totalKeys };
  }

  private delayMs(): number {
    return this.isHurried ? 0 : this.plan.keyDelayMs();
  }

  /** Of the time that its keys are to take. */
  private isAhead(): boolean {
    const delayMs = this.delayMs();
    return delayMs > 0 && performance.now() - this.lastKeyMs < delayMs;
  }

  /** False when all is written, or something has failed. */
  private writeSlice(): boolean {
    const { writer, live } = this;
    if (writer === undefined || live === undefined || this.failure !== undefined) return false;
    const end = writer.bytesWritten + SLICE_BYTES;
    const delayMs = this.delayMs();
    const step = delayMs > 0 ? 1 : STEP_KEYS;
    for (let keys = 0; keys < SLICE_KEYS && writer.bytesWritten < end; keys += step) {
      if (this.isAhead()) return true;
      // Behind a wait it may make up for what the wait was too long.
      this.lastKeyMs = Math.max(this.lastKeyMs + delayMs, performance.now() - MOST_BEHIND_MS);
      this.keys += step;
      if (!live.step(step)) continue;
      this.attempt(() => {
        for (const entry of this.plan.tail) writer.entry(entry);
        writer.end();
      });
      return false;
    }
    return this.failure === undefined;
  }

  /** Called from within commands, too, which are to go on whatever happens here. */
  private take(entry: RdbEntry): void {
    if (this.failure === undefined) this.attempt(() => this.writer!.entry(entry));
  }

  /** As {@link take}, without a closure for each. */
  private takeKey(db: Database, key: ByteString, value: StoredValue): boolean {
    if (this.failure !== undefined) return true;
    const writer = this.writer!;
    try {
      if (!writer.stored(db, key, value)) writer.entry(keyEntry(db, key, value, this.plan.engine.settings));
    } catch (error) {
      this.failure = error ?? new Error('failed');
    }
    return true;
  }

  private syncAside(): void {
    this.state = 'written';
    this.attempt(() =>
      this.file!.syncAside((error) => {
        if (error !== undefined) this.failure ??= error;
        this.end();
      }),
    );
    if (this.failure !== undefined) this.end();
  }

  private end(): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.live?.close();
    this.attempt(() => this.file?.close());
    if (this.failure !== undefined && this.file !== undefined)
      this.attempt(() => this.plan.files.remove(this.plan.path));
    this.onEnd(this.failure);
  }

  private attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.failure ??= error ?? new Error('failed');
    }
  }
}
