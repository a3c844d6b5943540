/**
 * Salvage: what can be kept of a log that is damaged in the middle. Whole commands are read up to the damage, then from the
 * next place on at which commands begin again (salvage-resume.ts); what lies between, and what would make half a
 * transaction of what is left, is cut.
 */
import { FormatError, UnsupportedError } from '../../bytes/errors.js';
import type { ByteSource } from '../../bytes/source.js';
import { Window } from '../../bytes/window.js';
import { drive } from '../../rdb/drive.js';
import { fitsArity, lookupCommand } from '../command-table.js';
import { CONTROL, type CommandView } from '../command-view.js';
import { AofDriver, type AofHandler } from '../driver.js';
import { HOLD_NAMES } from '../large-command.js';
import { decodeTimestamp } from '../log-state.js';
import { type Cut, SalvageLedger } from './salvage-ledger.js';
import { SalvageProbe } from './salvage-probe.js';
import { type Confidence, findResume, type Resume } from './salvage-resume.js';

export interface SalvageOptions {
  /** Where reading goes on with less confidence, what is read is reported and cut. Default: medium. */
  readonly minConfidence?: Confidence;
  /** Where the commands begin: behind a dump at the head. */
  readonly startOffset: number;
}

export interface SalvageResult {
  readonly sizeBytes: number;
  readonly cuts: readonly Cut[];
}

/** Fewer commands between two places of damage may be anything. */
const ENOUGH_COMMANDS = 16;
const RANK: Readonly<Record<Confidence, number>> = { low: 0, medium: 1, high: 2 };

/** Reads the whole file. Throws UnsupportedError for a source without random access, and what reading throws. */
export async function salvage(source: ByteSource, options: SalvageOptions): Promise<SalvageResult> {
  const { sizeBytes, readAt } = source;
  if (sizeBytes === undefined || readAt === undefined)
    throw new UnsupportedError('UNSUPPORTED_INPUT', 'salvaging reads back and forth: it takes a plain file', 0);
  return await new Salvage(source, sizeBytes, options).run();
}

/** One run of commands between two places of damage. */
interface Chain {
  /** Where it broke off; the size of the file where it did not. */
  readonly end: number;
  /** Of the command right before that; −1 where there is none. */
  readonly lastCommandAt: number;
  readonly commands: number;
  readonly isBroken: boolean;
}

class Salvage {
  private ledger = new SalvageLedger();
  private readonly probe: SalvageProbe;
  private readonly minimum: Confidence;

  constructor(
    private readonly source: ByteSource,
    private readonly sizeBytes: number,
    private readonly options: SalvageOptions,
  ) {
    this.probe = new SalvageProbe(source, sizeBytes);
    this.minimum = options.minConfidence ?? 'medium';
  }

  async run(): Promise<SalvageResult> {
    const { probe, sizeBytes } = this;
    let at = this.options.startOffset;
    /** How we came here; undefined for what is read from the start of the file. */
    let resumed: Resume | undefined;
    while (at < sizeBytes) {
      const before = this.ledger.copy();
      const chain = await this.readChain(at);
      if (!chain.isBroken) {
        this.ledger.end(sizeBytes);
        break;
      }
      const found = findResume(probe, chain.end, chain.lastCommandAt);
      const next = found && underDoubt(found, resumed);
      if (resumed !== undefined && resumed.confidence !== 'high') this.judge(before, resumed, chain, next);
      at = this.gap(next, chain.end);
      resumed = next;
    }
    return { sizeBytes, cuts: this.ledger.finish() };
  }

  /** What was read since a place that only looked like a command: takes it back where it was none, or too little. */
  private judge(before: SalvageLedger, resumed: Resume, chain: Chain, next: Resume | undefined): void {
    const isInside = next?.isValueEnd === true;
    const isLittle = resumed.isSearched && next !== undefined && chain.commands < ENOUGH_COMMANDS;
    if (!isInside && !isLittle) return;
    if (!isInside && this.minimum === 'low') {
      this.ledger.doubt(resumed.at);
      return;
    }
    this.ledger = before;
    this.ledger.skip(resumed.at, chain.end, isInside ? 'inside-value' : 'uncertain', chain.commands);
  }

  /** Notes the damage, and returns where reading goes on. */
  private gap(next: Resume | undefined, brokenAt: number): number {
    const { ledger, probe, sizeBytes, minimum } = this;
    if (next === undefined || RANK[next.confidence] < RANK[minimum]) {
      ledger.gap(
        brokenAt,
        sizeBytes,
        undefined,
        probe.contains(brokenAt, Math.min(sizeBytes, brokenAt + LOOK_BYTES), 'SELECT'),
      );
      return sizeBytes;
    }
    ledger.gap(
      next.from,
      next.at,
      next.confidence,
      probe.contains(next.from, Math.min(next.at, next.from + LOOK_BYTES), 'SELECT'),
    );
    return next.at;
  }

  private async readChain(from: number): Promise<Chain> {
    const window = Window.for(this.sizeBytes);
    window.base = from;
    const handler = new ChainHandler(this.ledger);
    const driver = new AofDriver(window, handler, { holding: HOLD_NAMES });
    handler.driver = driver;
    try {
      await drive(new OffsetSource(this.source, from), driver);
      return { end: this.sizeBytes, lastCommandAt: handler.lastCommandAt, commands: handler.commands, isBroken: false };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return {
        end: handler.oddAt < 0 ? driver.itemOffset : handler.oddAt,
        lastCommandAt: handler.lastCommandAt,
        commands: handler.commands,
        isBroken: true,
      };
    }
  }
}

/** A line that begins like an annotation and goes on in something else may have swallowed the start of a command. */
function isOddText(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at]! < 0x20 || bytes[at]! > 0x7e) return true;
  const isTime = end - start >= 3 && bytes[start] === 0x54 && bytes[start + 1] === 0x53 && bytes[start + 2] === 0x3a;
  return isTime && decodeTimestamp(bytes, start, end) === undefined;
}

/** Sizes found at a place that is in doubt lead to one that is no better; the end of a value leads out of it. */
function underDoubt(next: Resume, resumed: Resume | undefined): Resume {
  if (resumed === undefined || next.isValueEnd || RANK[next.confidence] <= RANK[resumed.confidence]) return next;
  return { ...next, confidence: resumed.confidence };
}

const LOOK_BYTES = 16 * 1024 * 1024;

class ChainHandler implements AofHandler {
  driver!: AofDriver;
  lastCommandAt = -1;
  commands = 0;
  /** Of an annotation that is taken for damage. */
  oddAt = -1;

  constructor(private readonly ledger: SalvageLedger) {}

  command(view: CommandView): void {
    this.lastCommandAt = view.offset;
    this.commands++;
    const spec = lookupCommand(view);
    if (spec !== undefined && view.control === CONTROL.NONE && !fitsArity(spec, view.argc))
      this.ledger.unloadable(view);
    this.ledger.command(view);
  }

  annotation(bytes: Uint8Array, start: number, end: number, offset: number): void {
    const { window } = this.driver;
    if (isOddText(bytes, start, end) && end < window.end) {
      this.oddAt = offset;
      throw new FormatError('BAD_ANNOTATION', 'an annotation that no server writes', offset);
    }
    this.lastCommandAt = -1;
    this.ledger.annotation(offset, end === window.end && window.ended);
  }

  full(): boolean {
    return false;
  }
}

/** The part of a source from an offset on. */
class OffsetSource implements ByteSource {
  readonly compression = undefined;

  constructor(
    private readonly inner: ByteSource,
    private offset: number,
  ) {}

  get name(): string {
    return this.inner.name;
  }

  get sizeBytes(): number | undefined {
    return this.inner.sizeBytes;
  }

  get totalBytes(): number | undefined {
    return this.inner.totalBytes;
  }

  get consumedBytes(): number {
    return this.offset;
  }

  read(target: Uint8Array, at: number, max: number): number {
    const count = this.inner.readAt!(this.offset, target, at, max);
    this.offset += count;
    return count;
  }

  /** The source belongs to whoever opened it. */
  close(): void {}
}
