/** Every key of a fixture with its memory: as its server said while it ran, and as the model has it for a loaded file. */
import { parseWhatIf } from '../../../src/cli/what-if-text.js';
import { collectFacts } from '../../../src/inspect/facts/collect.js';
import type { KeyFacts } from '../../../src/inspect/facts/key-facts.js';
import { MemoryModel } from '../../../src/inspect/memory/memory-model.js';
import type { EncodingSettings } from '../../../src/rdb/versions.js';
import { type Fixture, fromBase64, readFixture, readTruth, toBase64 } from '../../support/fixtures.js';
import type { MemoryPair } from '../../support/memory-errors.js';

export interface FixturePair extends MemoryPair {
  readonly server: string;
  readonly case: string;
  readonly elements: number;
}

const PACKED_LIMIT = /^(hash|set|zset)-max-(ziplist|listpack|intset)-(entries|value)$/;

/** In the entries of the main table of 7.0, which in cluster mode are lists of the keys of a slot. No file says so. */
export const SLOT_POINTERS = 16;

/** Empty for servers that had no MEMORY USAGE yet. */
export async function fixturePairs(fixture: Fixture): Promise<FixturePair[]> {
  const truth = readTruth(fixture);
  const known = new Map(truth.keys.map((key) => [`${key.db} ${key.key}`, key]));
  const pairs: FixturePair[] = [];
  const slotPointers = fixture.server === 'redis-7.0' && truth.config['cluster-enabled'] === 'yes' ? SLOT_POINTERS : 0;
  const key = (facts: KeyFacts): void => {
    const told = known.get(`${facts.db} ${toBase64(facts.key.copy())}`);
    if (told?.memory_usage == null) return;
    pairs.push({
      server: fixture.server,
      case: fixture.case,
      key: Buffer.from(fromBase64(told.key)).toString('latin1'),
      type: facts.type,
      // Before 6.0 OBJECT ENCODING did not know streams.
      encoding: told.encoding === 'unknown' ? facts.memoryEncoding : told.encoding,
      modelEncoding: facts.memoryEncoding,
      bytes: told.memory_usage,
      modelBytes: facts.memoryBytes + slotPointers,
      elements: facts.elements,
    });
  };
  const measure = new MemoryModel({ allocator: 'glibc', settings: settingsOf(truth.config) });
  await collectFacts(readFixture(fixture.name), { record: () => undefined, key }, { measure });
  return pairs;
}

function settingsOf(config: Readonly<Record<string, string | number>>): Partial<EncodingSettings> {
  const limits = Object.entries(config).filter(
    ([name, value]) => PACKED_LIMIT.test(name) || (name === 'list-max-ziplist-size' && Number.isFinite(Number(value))),
  );
  return limits.length === 0 ? {} : parseWhatIf(limits.map(([name, value]) => `${name}=${value}`).join(',')).settings;
}
