/**
 * Where a damaged log goes on. Values may hold whole commands themselves, so that what looks like a command need not be one:
 * what is left of the damaged command is followed first, by its own sizes, with one byte taken for wrong; only where that
 * leads nowhere is the next place searched that looks like a command, and that is never called certain.
 */
import { fitsArity, lookup } from '../command-table.js';
import type { SalvageProbe } from './salvage-probe.js';

/** `high`: the sizes in the file lead there. `medium`: it looks so. `low`: it looks so, and breaks off again soon. */
export type Confidence = 'high' | 'medium' | 'low';

export interface Resume {
  /** Where reading goes on: the start of an item, or the end of the file. */
  readonly at: number;
  /** Where the damage begins: before `brokenAt` where the command before it is not what it was. */
  readonly from: number;
  readonly confidence: Confidence;
  /** Nothing led there but that it looks like a command. */
  readonly isSearched: boolean;
  /** What stood at the break was the end of a value: what was read before it may have been inside of that value. */
  readonly isValueEnd: boolean;
}

const STAR = 0x2a;
const DOLLAR = 0x24;
const LF = 0x0a;
/** A header that is broken is looked for within so many bytes. */
const MAX_HEADER = 24;

/**
 * The item at `brokenAt` cannot be read; the command right before it began at `lastCommandAt`, −1 where there is none.
 * Undefined where nothing that could be read follows.
 */
export function findResume(probe: SalvageProbe, brokenAt: number, lastCommandAt: number): Resume | undefined {
  return (
    suspectLast(probe, brokenAt, lastCommandAt) ??
    afterValueEnd(probe, brokenAt) ??
    afterArguments(probe, brokenAt, lastCommandAt) ??
    new CommandRemains(probe, brokenAt, lastCommandAt).resume()
  );
}

/**
 * The command before has lines of commands in it: are these commands of their own, which its size has swallowed? Then they
 * lead on over the break.
 */
function suspectLast(probe: SalvageProbe, brokenAt: number, lastCommandAt: number): Resume | undefined {
  if (lastCommandAt < 0 || !probe.hasLines(lastCommandAt, brokenAt)) return undefined;
  const at = new CommandRemains(probe, lastCommandAt, -1).swallowed();
  for (let pos = at; pos !== undefined && pos < probe.sizeBytes; pos = probe.command(pos)?.next)
    if (pos > brokenAt)
      return { at: at!, from: lastCommandAt, confidence: 'medium', isSearched: false, isValueEnd: false };
  return undefined;
}

/** A lone line end: that of a value, of which the last commands that were read were a part. */
function afterValueEnd(probe: SalvageProbe, brokenAt: number): Resume | undefined {
  if (!probe.isLineEnd(brokenAt)) return undefined;
  const at = probe.argumentsFrom(brokenAt + 2);
  if (!probe.isItemStart(at)) return undefined;
  return { at, from: brokenAt, confidence: 'high', isSearched: false, isValueEnd: true };
}

/** Arguments where a command is expected: those of the command before, whose number of arguments is wrong. */
function afterArguments(probe: SalvageProbe, brokenAt: number, lastCommandAt: number): Resume | undefined {
  const at = probe.argumentsFrom(brokenAt);
  if (at === brokenAt || lastCommandAt < 0 || !probe.isItemStart(at)) return undefined;
  // A size that is too small may by chance end at a line end inside of the value, and these be lines of it.
  const confidence = probe.hasLines(lastCommandAt, brokenAt) ? 'medium' : 'high';
  return { at, from: lastCommandAt, confidence, isSearched: false, isValueEnd: false };
}

/** What is left of the command that cannot be read. */
class CommandRemains {
  private pos: number;
  private argc = -1;
  private index = 0;
  private confidence: Confidence = 'high';
  /** Arguments in a row that end here lead nowhere: they are not walked along again. */
  private deadEnd = 0;

  constructor(
    private readonly probe: SalvageProbe,
    private readonly start: number,
    lastCommandAt: number,
  ) {
    this.pos = start;
    if (lastCommandAt >= 0 && probe.hasLines(lastCommandAt, start)) this.confidence = 'medium';
  }

  resume(): Resume | undefined {
    const at = this.readHeader() ? this.follow() : undefined;
    if (at !== undefined)
      return { at, from: this.start, confidence: this.confidence, isSearched: false, isValueEnd: false };
    return this.search(Math.max(this.pos, this.start) + 1);
  }

  /** In a command that is whole: where it would end if the size of an argument with lines in it were another. */
  swallowed(): number | undefined {
    const { probe } = this;
    if (!this.readHeader()) return undefined;
    for (; ; this.index++) {
      const next = probe.argument(this.pos);
      if (next === undefined) return undefined;
      if (probe.hasLines(this.pos, next)) return this.guessLength();
      this.pos = next;
    }
  }

  private readHeader(): boolean {
    const { probe, start } = this;
    const count = probe.number(start, STAR);
    if (count !== undefined) {
      this.argc = count.value;
      this.pos = count.next;
      return true;
    }
    for (let at = start + 1; at < start + MAX_HEADER; at++) {
      if (probe.number(at, STAR) !== undefined) return false; // That of another command.
      if (!probe.isArgumentStart(at) || probe.argument(at) === undefined) continue;
      this.pos = at;
      return true;
    }
    return false;
  }

  /** Through the arguments that are left; where the command ends, if they tell. */
  private follow(): number | undefined {
    const { probe } = this;
    for (let flaws = 0; ; this.index++) {
      // Its number of arguments may be what is wrong.
      if (this.index > 0 && probe.isItemStart(this.pos)) return this.pos;
      const next = probe.argument(this.pos);
      if (next !== undefined) {
        if (probe.hasLines(this.pos, next)) this.confidence = 'medium';
        this.pos = next;
        continue;
      }
      const size = probe.number(this.pos, DOLLAR);
      const end = size && size.next + size.value + 2;
      if (end !== undefined && end <= probe.sizeBytes && flaws === 0 && this.canFollow(end)) {
        // Only what stands behind the argument is damaged; its size led to the next one.
        flaws++;
        this.pos = end;
        continue;
      }
      return this.guessLength();
    }
  }

  private canFollow(pos: number): boolean {
    return this.probe.isItemStart(pos) || this.probe.isArgumentStart(pos);
  }

  /** The size of the argument is wrong: with one byte of it changed, is there exactly one that makes the command whole? */
  private guessLength(): number | undefined {
    const { probe, argc, index } = this;
    const ends = new Map<number, boolean>();
    for (const { start, size, isGuessed } of probe.guessLengths(this.pos)) {
      const end = start + size;
      if (!probe.isLineEnd(end)) continue;
      let next = end + 2;
      let count = index + 1;
      for (let after = probe.argument(next); after !== undefined && count < argc; after = probe.argument(next)) {
        next = after;
        count++;
      }
      if (probe.isItemStart(next) && (argc < 0 || count === argc)) ends.set(next, isGuessed);
    }
    if (ends.size !== 1) return undefined;
    const [[end, isGuessed]] = ends as unknown as [[number, boolean]];
    // Among many sizes one may fit by chance.
    if (isGuessed) this.confidence = 'medium';
    return end;
  }

  private search(from: number): Resume | undefined {
    const { probe, start } = this;
    for (let pos = from; pos < probe.sizeBytes; pos++) {
      const before = probe.at(pos - 1);
      // Zeros, as a crash leaves them behind, have no line end; right behind other damage a whole command must stand.
      const isFree = before === LF || before === 0;
      const at = isFree ? this.plausible(pos) : wholeCommand(probe, pos);
      if (at !== undefined) return { at, from: start, confidence: 'medium', isSearched: true, isValueEnd: false };
    }
    return undefined;
  }

  /** The item to which `pos` leads: itself, or what follows the arguments that stand there. */
  private plausible(pos: number): number | undefined {
    const { probe } = this;
    const isArgument = pos >= this.deadEnd && probe.isArgumentStart(pos);
    if (!isArgument && !probe.isItemStart(pos)) return undefined;
    const at = isArgument ? probe.argumentsFrom(pos) : pos;
    const leads = probe.isItemStart(at) && !(isArgument && (at === pos || at === probe.sizeBytes));
    if (isArgument && !leads) this.deadEnd = at;
    if (!leads) return undefined;
    return probe.at(at) !== STAR || isKnownCommand(probe, at) ? at : undefined;
  }
}

/** `pos`, where a known command stands there and another item, or the end of the file, behind it. */
function wholeCommand(probe: SalvageProbe, pos: number): number | undefined {
  if (probe.at(pos) !== STAR || !probe.isItemStart(pos) || !isKnownCommand(probe, pos)) return undefined;
  return probe.isItemStart(probe.command(pos)!.next) ? pos : undefined;
}

function isKnownCommand(probe: SalvageProbe, pos: number): boolean {
  const command = probe.command(pos);
  if (command === undefined) return false;
  const [start, end] = command.name;
  if (end - start > MAX_NAME) return false;
  const name = probe.copy(start, end);
  const spec = lookup(name, 0, name.length);
  return spec !== undefined && fitsArity(spec, command.argc);
}

const MAX_NAME = 64;
