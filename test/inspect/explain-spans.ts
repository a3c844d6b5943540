/** What the tests of explanations share: spans as text, and the rule that their leaves tile what they explain. */
import { expect } from 'vitest';
import { type ExplainOptions, type Explanation, explainAt, type Span, type Where } from '../../src/inspect/explain.js';
import { openRdbSource } from '../../src/rdb/open.js';
import { bytesOf } from '../support/file-builder.js';

/** Explains a record of a file in memory, and holds the spans against the file. */
export async function explain(
  file: Uint8Array,
  where: Where | number | string,
  options: ExplainOptions = {},
): Promise<Explanation> {
  const explanation = await explainAt(await openRdbSource(file), whereOf(where), options);
  expectTiles(explanation, file);
  return explanation;
}

/** `9+1 type = HASH_LISTPACK (16)`, indented by depth; inner spans begin with `~`, the hit ends with `<`. */
export function lines(spans: readonly Span[]): string[] {
  return spans.map(({ offset, size, depth, label, value, inner, hit }) => {
    const text = `${inner ? '~' : ''}${offset}+${size} ${label}${value === undefined ? '' : ` = ${value}`}`;
    return `${'  '.repeat(depth)}${text}${hit === true ? ' <' : ''}`;
  });
}

export function errorsOf(spans: readonly Span[]): string[] {
  return spans.filter((span) => span.label === 'error').map((span) => `${span.offset}+${span.size} ${span.value}`);
}

/**
 * Leaves tile the record, and those inside a decompressed string tile that; parts lie within their container; bytes are
 * those of the file.
 */
export function expectTiles({ record, spans }: Explanation, file: Uint8Array): void {
  const problems: string[] = [];
  const complain = (span: Span, what: string): void => {
    problems.push(`${what}: ${lines([span])[0]!.trim()}`);
  };
  let pos = record.offset;
  let innerPos = 0;
  spans.forEach((span, index) => {
    const next = spans[index + 1];
    const isLeaf = next === undefined || next.depth <= span.depth;
    if (span.inner) {
      innerPos = spans[index - 1]?.inner === true ? innerPos : 0;
      if (isLeaf && span.offset !== innerPos) complain(span, `not at ${innerPos}`);
      if (isLeaf) innerPos += span.size;
      if (span.bytes.length !== span.size) complain(span, `${span.bytes.length} bytes`);
    } else {
      const isTile = isLeaf || next.inner;
      if (isTile && span.offset !== pos) complain(span, `not at ${pos}`);
      if (isTile) pos += span.size;
      const bytes = file.subarray(span.offset, span.offset + span.bytes.length);
      if (Buffer.compare(bytes, span.bytes) !== 0) complain(span, 'other bytes');
    }
    if (!isLeaf && next.inner === span.inner && !contains(span, next)) complain(next, 'outside its container');
  });
  expect(problems).toEqual([]);
  expect(pos).toBe(record.offset + record.size);
}

function contains(outer: Span, inner: Span): boolean {
  return inner.offset >= outer.offset && inner.offset + inner.size <= outer.offset + outer.size;
}

function whereOf(where: Where | number | string): Where {
  if (typeof where === 'number') return { offset: where };
  return typeof where === 'string' ? { key: bytesOf(where) } : where;
}
