/** What the engine tells beside its replies, in the form of what a server tells. */
import type { ByteString } from '../../src/bytes/byte-string.js';
import { CommandLog } from '../../src/engine/command-log.js';
import type { Engine } from '../../src/engine/engine.js';
import { isControl, type LogLine } from './differential-feeds.js';
import { isSameTime, quotedCommand } from './engine-replies.js';

/** With the command that it came from. */
export interface Told<T> {
  readonly what: T;
  readonly command: ByteString;
}

export class EngineFeeds {
  /** Letters of the kinds of events that are told of. */
  kinds = '';
  /** Every line since the start, SELECT included. */
  readonly all: (readonly ByteString[])[] = [];
  private lines: Told<LogLine>[] = [];
  private told: Told<string>[] = [];
  private db = -1;
  private command = '';

  constructor(engine: Engine) {
    engine.log = new CommandLog((args) => this.line([...args]), engine.settings.target);
    engine.listener = {
      event: (kind, event, key, db) => {
        if (this.kinds.includes(kind)) this.told.push({ what: `${db.index} ${event} ${key}`, command: this.command });
      },
    };
  }

  /** Both have forgotten everything, aside. */
  forgotten(): void {
    this.all.push(['FLUSHALL']);
  }

  begin(args: readonly ByteString[]): void {
    this.command = quotedCommand(args);
  }

  log(): Told<LogLine>[] {
    return this.lines.splice(0);
  }

  events(): Told<string>[] {
    return this.told.splice(0);
  }

  private line(args: readonly ByteString[]): void {
    this.all.push(args);
    if (args[0] === 'SELECT') this.db = Number(args[1]);
    else this.lines.push({ what: { db: isControl(args) ? undefined : this.db, args }, command: this.command });
  }
}

/** Where two logs differ first; undefined where they are the same. */
export function logDifference(ours: readonly LogLine[], theirs: readonly LogLine[]): number | undefined {
  const count = Math.max(ours.length, theirs.length);
  for (let at = 0; at < count; at++) if (!isSameLine(ours[at], theirs[at])) return at;
  return undefined;
}

function isSameLine(left: LogLine | undefined, right: LogLine | undefined): boolean {
  if (left === undefined || right === undefined || left.db !== right.db) return false;
  return left.args.length === right.args.length && left.args.every((arg, at) => isSameArgument(arg, right.args[at]!));
}

function isSameArgument(left: ByteString, right: ByteString): boolean {
  if (left === right) return true;
  return /^\d{13}$/.test(left) && /^\d{13}$/.test(right) && isSameTime(Number(left), Number(right));
}
