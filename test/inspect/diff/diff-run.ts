/** Runs a comparison of two dumps in memory and puts what it finds into short texts. */
import { formatQuoted } from '../../../src/bytes/quote.js';
import { type DiffOptions, RdbDiff } from '../../../src/inspect/diff/diff.js';
import type { Difference, DiffSummary, PartState } from '../../../src/inspect/diff/difference.js';
import { openRdbSource } from '../../../src/rdb/open.js';

export interface DiffRun {
  readonly found: string[];
  readonly summary: DiffSummary;
}

export async function runDiff(before: Uint8Array, after: Uint8Array, options: DiffOptions = {}): Promise<DiffRun> {
  const diff = new RdbDiff({ source: await openRdbSource(before) }, { source: await openRdbSource(after) }, options);
  const found: string[] = [];
  for await (const difference of diff.differences()) found.push(differenceText(difference));
  return { found, summary: diff.summary };
}

const SIGNS = { added: '+', removed: '-', changed: '~' } as const;

/** `~ 0 hash value user:1`, and indented `~ field name: a -> b`. */
export function differenceText(difference: Difference): string {
  const sign = SIGNS[difference.change];
  switch (difference.kind) {
    case 'function':
      return `${sign} function ${difference.name}`;
    case 'key': {
      const { db, key, before, after, differs } = difference;
      const type = (after ?? before)!.type;
      const old = differs.includes('type') ? `${before!.type}->` : '';
      const expiry = differs.includes('expiry') ? ` ${before!.expireAt ?? 'never'}->${after!.expireAt ?? 'never'}` : '';
      return [sign, db, old + type, ...differs, text(key)].join(' ') + expiry;
    }
    case 'part': {
      const { what, path, before, after } = difference;
      const states = [before, after].flatMap((state) => (state === undefined ? [] : [stateText(state)]));
      return `  ${sign} ${[what, ...path.map(text)].join(' ')}: ${states.join(' -> ')}`;
    }
  }
}

function stateText({ value, score, expireAt, fields, text: words }: PartState): string {
  const parts = [
    value && text(value),
    scoreText(score),
    fields?.map(text).join(' '),
    words,
    expireAt && `until ${expireAt}`,
  ];
  return parts.filter((part) => part !== undefined).join(' ');
}

function scoreText(score: number | undefined): string | undefined {
  return Object.is(score, -0) ? '-0' : score?.toString();
}

function text(bytes: Uint8Array | string): string {
  if (typeof bytes === 'string') return bytes;
  return formatQuoted(bytes).slice(1, -1);
}
