/** A comparison for programs: one object, or one per line. */
import type {
  Difference,
  DiffSummary,
  FunctionDifference,
  KeyDifference,
  KeyState,
  PartDifference,
  PartState,
} from '../../inspect/diff/difference.js';
import type { Output } from '../output.js';
import { jsonBytes } from './bytes-text.js';

export function diffSummaryJson(names: readonly [string, string], summary: DiffSummary): object {
  const { same, before, after, added, removed, changed, aspects, types, functions } = summary;
  return {
    schema: 'rdb-inspect/diff@1',
    same,
    before: { source: names[0], keys: before },
    after: { source: names[1], keys: after },
    added,
    removed,
    changed,
    aspects,
    types,
    functions,
  };
}

/** One line per key, with its parts in it where they are asked for: a line is written as they come. */
export class DiffLines {
  /** Parts of the open line; −1 where none is open. */
  private parts = -1;

  constructor(
    private readonly output: Output,
    private readonly withParts: boolean,
  ) {}

  write(difference: Difference): void {
    if (difference.kind === 'part') {
      this.output.text(`${this.parts++ === 0 ? '' : ','}${partJson(difference)}`);
      return;
    }
    this.end();
    if (difference.kind === 'function') this.output.text(`${functionJson(difference)}\n`);
    else this.beginKey(difference);
  }

  /** After the last difference. */
  end(): void {
    if (this.parts >= 0) this.output.text(']}\n');
    this.parts = -1;
  }

  private beginKey(difference: KeyDifference): void {
    const hasParts = this.withParts && difference.differs.includes('value');
    const text = keyJson(difference);
    this.output.text(hasParts ? `${text.slice(0, -1)},"parts":[` : `${text}\n`);
    this.parts = hasParts ? 0 : -1;
  }
}

/** `{"change":"changed","db":0,"key":"user:1","differs":["value"],"before":{"type":"hash"},"after":{…}}`. */
function keyJson({ change, db, key, differs, before, after }: KeyDifference): string {
  return objectText({
    change: JSON.stringify(change),
    db: String(db),
    key: JSON.stringify(jsonBytes(key)),
    differs: change === 'changed' ? JSON.stringify(differs) : undefined,
    before: before && stateJson(before),
    after: after && stateJson(after),
  });
}

function stateJson({ type, expireAt }: KeyState): string {
  return objectText({ type: JSON.stringify(type), expireAt: expireAt?.toString() });
}

function partJson({ change, what, path, before, after }: PartDifference): string {
  return objectText({
    change: JSON.stringify(change),
    what: JSON.stringify(what),
    path: JSON.stringify(path.map((step) => (typeof step === 'string' ? step : jsonBytes(step)))),
    before: before && partStateJson(before),
    after: after && partStateJson(after),
  });
}

function partStateJson({ value, score, expireAt, fields, text }: PartState): string {
  return objectText({
    value: value && JSON.stringify(jsonBytes(value)),
    score: score === undefined ? undefined : scoreJson(score),
    fields: fields && JSON.stringify(fields.map(jsonBytes)),
    text: text === undefined ? undefined : JSON.stringify(text),
    expireAt: expireAt?.toString(),
  });
}

/** As in NDJSON: what is no JSON number is a string. */
function scoreJson(score: number): string {
  if (Number.isFinite(score)) return Object.is(score, -0) ? '-0' : String(score);
  return Number.isNaN(score) ? '"nan"' : score > 0 ? '"inf"' : '"-inf"';
}

function functionJson({ change, name }: FunctionDifference): string {
  return JSON.stringify({ change, function: name });
}

/** Values are JSON already: times need more digits than a JavaScript number has. */
function objectText(members: Readonly<Record<string, string | undefined>>): string {
  const present = Object.entries(members).filter(([, json]) => json !== undefined);
  return `{${present.map(([name, json]) => `"${name}":${json}`).join(',')}}`;
}
