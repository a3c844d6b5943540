/**
 * One batch of keys against the target, in rounds: type, expiry, and digest or number of elements of all; the number of
 * elements of those whose digests differ; the payloads of those that the digest does not settle; and piece by piece what has
 * no payload. Each round asks only about what the one before has left open.
 */
import { FormatError } from '../../bytes/errors.js';
import { Slice } from '../../bytes/slice.js';
import { SHA1_WORDS } from '../../codecs/sha1.js';
import type { Reply } from '../target/reply-parser.js';
import type { Abilities } from './abilities.js';
import { type CompareRules, compareValues, countDetail, type Finding, mayBeGone } from './compare-values.js';
import { KeyAnswers, NONE } from './key-answers.js';
import type { KeyBatch } from './key-batch.js';
import type { TargetLinks } from './links.js';
import { readLiveValue } from './live-value.js';
import type { SourceValues } from './source-values.js';
import type { Outcome, VerifyTally } from './tally.js';
import { ValueFacts } from './value-facts.js';
import { type PayloadReader, payloadParts } from './value-reader.js';

/** What is the same for all batches. */
export interface CheckContext {
  readonly links: TargetLinks;
  readonly abilities: Abilities;
  readonly rules: Omit<CompareRules, 'horizonMs'>;
  readonly source: SourceValues;
  readonly payloads: PayloadReader;
  readonly tally: VerifyTally;
  /** Hears that the target has a key, once for each name. */
  readonly onFound: (db: number) => void;
  /** Values whose payloads are asked for at once, by their size in the source. */
  readonly maxBytes: number;
  readonly nowMs: () => number;
}

/** What is left to find out about a key: nothing; whether its value is right; whether what the digest does not see is. */
const SETTLED = 0;
const VALUE = 1;
const BESIDE = 2;

export class BatchCheck {
  private readonly state: Uint8Array;
  private readonly answers: KeyAnswers;
  private readonly findings: Finding[][] = [];
  private readonly outcomes: (Outcome | undefined)[] = [];

  constructor(
    private readonly batch: KeyBatch,
    private readonly context: CheckContext,
  ) {
    this.state = new Uint8Array(batch.count);
    this.answers = new KeyAnswers(batch, context.links, context.abilities);
  }

  /** Tells the tally of each key. @throws TargetError, and FormatError for a value of the source that is broken */
  async run(): Promise<void> {
    const { batch, answers } = this;
    await answers.askAll();
    for (let item = 0; item < batch.count; item++) this.judge(item);
    await answers.askCounts(this.openItems(VALUE));
    for (const item of this.openItems()) this.judgeCount(item);
    if (this.context.abilities.dump)
      await this.comparePayloads(this.openItems().filter((item) => !batch.large.has(item)));
    for (const item of this.openItems()) await this.comparePieces(item);
    for (let item = 0; item < batch.count; item++) this.tell(item);
  }

  private openItems(wanted?: number): number[] {
    const items: number[] = [];
    for (let item = 0; item < this.batch.count; item++) {
      const state = this.state[item]!;
      if (wanted === undefined ? state !== SETTLED : state === wanted) items.push(item);
    }
    return items;
  }

  /** Existence, type and expiry; and the value, where the digest settles that. */
  private judge(item: number): void {
    const { batch, context, answers } = this;
    const type = answers.type[item]!;
    this.findings[item] = [];
    if (type === NONE) {
      this.settleMissing(item);
      return;
    }
    if (batch.isNew[item] === 1) context.onFound(batch.db[item]!);
    const wanted = batch.typeName[item];
    const isSameType = wanted === undefined || wanted === type;
    if (!isSameType) this.findings[item]!.push({ what: 'type', detail: `${type}, not ${wanted}` });
    const ttl = compareExpiry(batch.expireAtMs[item]!, answers.expireAtMs[item]!, context.rules.toleranceMs);
    if (ttl !== undefined) this.findings[item]!.push({ what: 'ttl', detail: ttl });
    const digest = answers.digest[item];
    const isDigestRight = digest !== undefined && isHexOf(batch.digests, item * SHA1_WORDS, digest);
    const isOpaque = batch.large.get(item)?.isOpaque === true;
    if (!isSameType || (isDigestRight && batch.isDeep[item] === 0)) this.state[item] = SETTLED;
    else this.state[item] = isDigestRight && !isOpaque ? BESIDE : VALUE;
  }

  /** Of a hash, all fields may have expired. */
  private settleMissing(item: number): void {
    const { batch, context } = this;
    const horizonMs = context.nowMs() + context.rules.toleranceMs;
    const isDeepHash = batch.typeOf(item) === 'hash' && batch.isDeep[item] === 1;
    const isExpired =
      batch.expireAtMs[item]! <= horizonMs || (isDeepHash && mayBeGone(context.source.factsOf(batch, item), horizonMs));
    this.settle(item, isExpired ? 'expired' : 'missing');
  }

  /** What has another number of elements is another value, and need not be fetched; servers count fields that have expired. */
  private judgeCount(item: number): void {
    const { batch, context } = this;
    const found = this.answers.count[item]!;
    const type = batch.typeOf(item);
    if (Number.isNaN(found) || (type === 'hash' && batch.isDeep[item] === 1)) return;
    const wanted = context.source.countOf(batch, item);
    if (wanted === undefined || wanted === found) return;
    this.findings[item]!.push({ what: 'value', detail: countDetail(type, found, wanted) });
    if (type !== 'stream') this.state[item] = SETTLED;
  }

  /** So many at once as `maxBytes` allows. */
  private async comparePayloads(items: readonly number[]): Promise<void> {
    const take = (item: number, reply: Reply): void => this.takePayload(item, reply);
    const value = new Slice();
    let bytes = 0;
    let some: number[] = [];
    for (const item of items) {
      this.batch.readValue(item, value);
      if (bytes + value.length > this.context.maxBytes && some.length > 0) {
        await this.answers.askPayloads(some, take);
        some = [];
        bytes = 0;
      }
      some.push(item);
      bytes += value.length;
    }
    await this.answers.askPayloads(some, take);
  }

  /** It may come twice, after a connection that was lost. */
  private takePayload(item: number, reply: Reply): void {
    if (this.state[item] === SETTLED) return;
    if (reply === null) this.settleMissing(item);
    else if (reply instanceof Uint8Array) this.comparePayload(item, reply);
  }

  private comparePayload(item: number, payload: Uint8Array): void {
    const { batch, context } = this;
    let found: ValueFacts;
    try {
      const parts = payloadParts(payload);
      if (context.source.isAsStored(batch, item, payload, parts)) {
        this.state[item] = SETTLED;
        return;
      }
      found = context.payloads.read(payload, parts);
    } catch (error) {
      // Newer than this library, as far as can be told: its elements can still be read.
      if (!(error instanceof FormatError)) throw error;
      return;
    }
    this.compare(item, found);
  }

  private async comparePieces(item: number): Promise<void> {
    const { batch, context, answers } = this;
    const found = new ValueFacts();
    const { type, encoding } = batch.codec[item]!;
    const db = batch.db[item]!;
    const key = batch.copyName(item);
    const place = { links: context.links, db, endpointOf: () => answers.endpointOf(item), key };
    found.begin(type, encoding);
    if (!(await readLiveValue(place, found, this.state[item] === BESIDE))) {
      this.settle(item, 'unknown');
      return;
    }
    found.end();
    this.compare(item, found);
  }

  private compare(item: number, found: ValueFacts): void {
    const { batch, context } = this;
    const horizonMs = context.nowMs() + context.rules.toleranceMs;
    const source = context.source.factsOf(batch, item);
    const comparison = compareValues(source, found, { ...context.rules, horizonMs });
    if (comparison === 'unknown') {
      this.settle(item, 'unknown');
      return;
    }
    const known = this.findings[item]!;
    const isValueTold = this.state[item] === BESIDE || known.some(({ what }) => what === 'value');
    for (const finding of comparison) if (finding.what !== 'value' || !isValueTold) known.push(finding);
    this.state[item] = SETTLED;
  }

  private settle(item: number, outcome: Outcome): void {
    this.outcomes[item] = outcome;
    this.state[item] = SETTLED;
  }

  private tell(item: number): void {
    const { batch, context, answers } = this;
    const { tally } = context;
    const findings = this.findings[item]!;
    const outcome = this.outcomes[item] ?? 'same';
    const db = batch.db[item]!;
    if (outcome === 'missing') {
      tally.count(outcome);
      const detail = answers.homeless.has(item) ? `the target has no database ${db}` : 'the target does not have it';
      tally.report({ kind: 'missing', db, key: batch.copyName(item), what: 'existence', detail });
    } else if (outcome === 'expired' || findings.length === 0) tally.count(outcome);
    else {
      tally.count('different');
      const key = batch.copyName(item);
      for (const { what, detail } of findings) tally.report({ kind: 'different', db, key, what, detail });
    }
  }
}

/** What differs; undefined where nothing does. Unix ms; `wanted` is NaN, `found` negative for none. */
export function compareExpiry(wanted: number, found: number, toleranceMs: number): string | undefined {
  if (Number.isNaN(wanted)) return found < 0 ? undefined : `expires at ${found}, and should not`;
  if (found < 0) return `no expiry, not ${wanted}`;
  const late = found - wanted;
  if (Math.abs(late) <= toleranceMs) return undefined;
  return `expires at ${found}, not ${wanted} (${Math.abs(late)} ms ${late > 0 ? 'later' : 'earlier'})`;
}

/** Whether `text` is the 40 digits of the five words at `at`. */
function isHexOf(words: Int32Array, at: number, text: string): boolean {
  if (text.length !== SHA1_WORDS * 8) return false;
  for (let digit = 0; digit < text.length; digit++) {
    const nibble = (words[at + (digit >> 3)]! >>> (28 - 4 * (digit & 7))) & 0xf;
    if (text.charCodeAt(digit) !== (nibble < 10 ? 0x30 + nibble : 0x57 + nibble)) return false;
  }
  return true;
}
