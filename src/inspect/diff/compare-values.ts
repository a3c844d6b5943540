/** What differs between two values of one type. */
import { compareElements } from './compare-elements.js';
import { compareSequence } from './compare-sequence.js';
import type { PartDifference } from './difference.js';
import { ElementSink } from './element-sink.js';
import type { ValuePair } from './value-pair.js';

/** In pieces, so that the parts of a large value need not be held; empty pieces are there to take breath. */
export function compareValues(pair: ValuePair): Generator<PartDifference[], void, void> {
  switch (pair.type) {
    case 'string':
      return compareStrings(pair);
    case 'list':
    case 'module':
    case 'cron':
      return compareSequence(pair);
    default:
      return compareElements(pair);
  }
}

function* compareStrings(pair: ValuePair): Generator<PartDifference[], void, void> {
  const [before, after] = (['before', 'after'] as const).map((side) => {
    let value: Uint8Array = new Uint8Array(0);
    const sink = new ElementSink(pair.type, pair.options, {
      wants: () => true,
      take: ({ state }) => {
        value = state.value ?? value;
      },
      facts: () => undefined,
    });
    for (const _ of pair.read(side, sink));
    return { value };
  });
  yield [{ kind: 'part', change: 'changed', what: 'string', path: [], before, after }];
}
