/**
 * Which servers can have written a log that has no dump at its head: by the commands in it, by the forms in which rewrites and
 * propagation put commands (aof-format.md §6, §7), and by how its files are laid out.
 */
import { allCommands, commandCount, findCommand, lookupCommand } from '../aof/command-table.js';
import type { CommandView } from '../aof/command-view.js';
import type { AofHandler } from '../aof/driver.js';
import type { AofLog, LogFile } from '../aof/model.js';
import { formatScore17, MAX_NUMBER_TEXT, parseScore } from '../codecs/double.js';
import { formatFpconv, MAX_FPCONV_TEXT } from '../codecs/fpconv.js';
import { TARGETS, type Target } from '../rdb/versions.js';
import { isSince } from './settings.js';

/** First versions with a thing; a family that has it in none is missing. */
type Since = Parameters<typeof isSince>[1];

const ALL = TARGETS.filter(({ family }) => family !== 'keydb');

/** Gathers signs from commands. What only later servers write outweighs what only earlier ones do: servers are upgraded. */
export class LogSigns implements AofHandler {
  private since: readonly Target[] = ALL;
  private until: readonly Target[] = ALL;
  private readonly seen = new Uint8Array(commandCount());
  private readonly readers = readersById();
  /** Every command was put by a server, and none as a client sent it. */
  private readonly isRewritten: boolean;
  private knowsScores = false;

  constructor({ manifest }: AofLog, { role, name }: LogFile) {
    // A log of one file that a newer server has taken over keeps its name as a base, and has a client's commands in it.
    this.isRewritten = role === 'base' && name.includes('.base.');
    if (role === 'base' || role === 'incr') this.onlySince({ redis: '7.0', valkey: '7.2' });
    const hasOffset = manifest?.entries.some(
      ({ startOffset, endOffset }) => startOffset !== undefined || endOffset !== undefined,
    );
    if (hasOffset === true) this.onlySince({ redis: '8.0' });
  }

  /** Never empty, oldest first within each family. */
  get candidates(): readonly Target[] {
    const both = this.since.filter((target) => this.until.includes(target));
    return both.length > 0 ? both : this.since;
  }

  /** Every server could have written it. */
  get isEmpty(): boolean {
    return this.candidates.length === ALL.length;
  }

  command(view: CommandView): void {
    const spec = lookupCommand(view);
    if (spec === undefined) return;
    if (this.seen[spec.id] === 0) {
      this.seen[spec.id] = 1;
      if (!spec.isModule) this.onlySince(spec.since);
    }
    const reader = this.readers[spec.id];
    if (reader !== undefined && view.isWhole) reader(this, view);
  }

  /** `#TS` and its kin. */
  annotation(): void {
    this.onlySince({ redis: '7.0', valkey: '7.2' });
  }

  full(): boolean {
    return false;
  }

  onlySince(versions: Since): void {
    this.since = narrowed(this.since, (target) => isSince(target, versions));
  }

  /** No Valkey, and no Redis from this version on. */
  onlyBefore(redis: string): void {
    this.until = narrowed(this.until, (target) => !isSince(target, { redis, valkey: '7.2' }));
  }

  /** Of a hash with fields that expire, in a rewrite. */
  fieldExpiry(versions: Since): void {
    if (this.isRewritten) this.onlySince(versions);
  }

  /** Scores as a rewrite has them: `%.17g` up to 7.0, fpconv since (digest.md §3). A client's own text says less. */
  score(bytes: Uint8Array, start: number, end: number): void {
    if (this.knowsScores || end - start > MAX_NUMBER_TEXT) return;
    const value = parseScore(bytes, start, end);
    if (Number.isNaN(value)) return;
    const text = latin1.decode(bytes.subarray(start, end));
    const [old, recent] = [formatScore17(value), fpconvText(value)];
    if (old === recent) return;
    if (text === old && (this.isRewritten || text.length >= LONG_SCORE)) this.onlyBefore('7.2');
    else if (text === recent && this.isRewritten) this.onlySince({ redis: '7.2', valkey: '7.2' });
    else return;
    this.knowsScores = true;
  }
}

/** Of several servers the one to take: `redis:7.0`, or what is nearest to it. */
export function nearest(candidates: readonly Target[]): Target {
  const later = candidates.find((target) => isSince(target, { redis: '7.0' }));
  return later ?? candidates.findLast(({ family }) => family === 'redis') ?? candidates[0]!;
}

/** Whether servers up to 7.0 write this score in one way, and later ones in another. */
export function isTellingScore(score: number): boolean {
  // Most are small whole numbers.
  if (Number.isInteger(score) && Math.abs(score) < SAME_BELOW) return false;
  return formatScore17(score) !== fpconvText(score);
}

type Reader = (signs: LogSigns, view: CommandView) => void;

/** A score that is written out to 17 digits, which clients seldom do. */
const LONG_SCORE = 17;
/** fpconv shortens zeros from seven of them on. */
const SAME_BELOW = 1e7;
const MULTI_PART: Since = { redis: '7.0', valkey: '7.2' };
const latin1 = new TextDecoder('latin1');

const READERS: Readonly<Record<string, Reader>> = {
  SET: readSet,
  GETSET: (signs) => signs.onlyBefore('6.2'),
  EXPIREAT: (signs) => signs.onlyBefore('2.6'),
  PEXPIREAT: (signs, { argc }) => {
    if (argc > 3) signs.onlySince(MULTI_PART);
  },
  EVAL: (signs) => signs.onlyBefore('7.0'),
  EVALSHA: (signs) => signs.onlyBefore('7.0'),
  'SCRIPT LOAD': (signs) => signs.onlyBefore('7.0'),
  'SCRIPT FLUSH': (signs) => signs.onlyBefore('7.0'),
  BLPOP: (signs) => signs.onlyBefore('2.6'),
  BRPOP: (signs) => signs.onlyBefore('2.6'),
  BRPOPLPUSH: (signs) => signs.onlyBefore('4.0'),
  RESTORE: readRestore,
  HSET: (signs, { argc }) => {
    if (argc > 4) signs.onlySince({ redis: '4.0', valkey: '7.2' });
  },
  HPEXPIREAT: (signs) => signs.fieldExpiry({ redis: '7.4' }),
  HSETEX: (signs) => signs.fieldExpiry({ valkey: '9.0' }),
  ZADD: readZadd,
  XADD: readXadd,
  XSETID: (signs, { argc }) => {
    if (argc > 3) signs.onlySince(MULTI_PART);
    else signs.onlyBefore('7.0');
  },
  'XGROUP CREATE': readGroup,
  'XGROUP SETID': readGroup,
};

function readersById(): readonly (Reader | undefined)[] {
  const readers: (Reader | undefined)[] = allCommands().map(() => undefined);
  for (const [name, reader] of Object.entries(READERS)) readers[findCommand(name)!.id] = reader;
  return readers;
}

function narrowed(targets: readonly Target[], holds: (target: Target) => boolean): readonly Target[] {
  const kept = targets.filter(holds);
  return kept.length > 0 ? kept : targets;
}

/** The life that is left was logged from 2.6.12 to 3.0, the time of its end is since 6.2. */
function readSet(signs: LogSigns, view: CommandView): void {
  for (let at = 3; at < view.argc; at++) {
    if (view.is(at, 'PXAT')) signs.onlySince({ redis: '6.2', valkey: '7.2' });
    else if (view.is(at, 'KEEPTTL')) signs.onlySince({ redis: '6.0', valkey: '7.2' });
    else if (view.is(at, 'EX') || view.is(at, 'PX')) signs.onlyBefore('3.2');
  }
}

/** A life that is left has become a time since 7.0. */
function readRestore(signs: LogSigns, view: CommandView): void {
  const isForever = view.size(2) === 1 && view.bytes[view.start(2)] === ZERO;
  for (let at = 4; at < view.argc; at++) if (view.is(at, 'ABSTTL')) return;
  if (!isForever) signs.onlyBefore('7.0');
}

function readZadd(signs: LogSigns, view: CommandView): void {
  if (view.argc % 2 === 1) return; // With options.
  for (let at = 2; at < view.argc; at += 2) signs.score(view.bytes, view.start(at), view.end(at));
}

/** A stream without entries is written as one that is trimmed at once: since 6.2 always the entry 0-1. */
function readXadd(signs: LogSigns, view: CommandView): void {
  const isEmpty = view.argc === 7 && view.is(2, 'MAXLEN') && view.is(3, '0') && view.is(5, 'X') && view.is(6, 'Y');
  if (!isEmpty) return;
  if (view.is(4, '0-1')) signs.onlySince({ redis: '6.2', valkey: '7.2' });
  else signs.onlyBefore('6.2');
}

function readGroup(signs: LogSigns, view: CommandView): void {
  for (let at = 5; at < view.argc; at++) if (view.is(at, 'ENTRIESREAD')) signs.onlySince(MULTI_PART);
}

const ZERO = 0x30;
const buffer = new Uint8Array(MAX_FPCONV_TEXT);

function fpconvText(value: number): string {
  return latin1.decode(buffer.subarray(0, formatFpconv(value, buffer, 0)));
}
