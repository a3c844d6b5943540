/** Values in pieces: with a low limit every value takes the way of the giants, and comes out like the others. */
import { describe, expect, it } from 'vitest';
import { checkCompatibility } from '../../src/convert/convert.js';
import { findTarget } from '../../src/rdb/versions.js';
import { type Converted, convert, keyName, plainText } from '../support/converting.js';
import { listFixtures, readFixture } from '../support/fixtures.js';

const LIMITS = { largeValueBytes: 40 };
const TARGETS = [
  'redis:2.4',
  'redis:3.2',
  'redis:6.2',
  'redis:7.0',
  'redis:7.2',
  'redis:7.4',
  'redis:8.10',
  'valkey:9.1',
];
const CASES = ['types', 'streams', 'hfe', 'lists', 'compact', 'module', 'vset', 'expired'];
const fixtures = listFixtures().filter((fixture) => CASES.includes(fixture.case));

describe.each(fixtures)('$name', (fixture) => {
  const file = readFixture(fixture.name);

  it.each(TARGETS)('for %s', async (target) => {
    const whole = await convert(file, { target, onUnsupported: 'convert' });
    const pieces = await convert(file, { target, onUnsupported: 'convert', limits: LIMITS });
    // Only a vector set must be held to be laid out anew.
    if (fixture.case === 'vset' && pieces.losses.length > whole.losses.length) return;
    expect(contentOf(pieces)).toEqual(contentOf(whole));
    expect(lossesOf(pieces)).toEqual(lossesOf(whole));
    expect(pieces.summary.keysWritten).toBe(whole.summary.keysWritten);
    expect(pieces.summary.keysRewritten).toBe(whole.summary.keysRewritten);
  });

  it('says the same without writing', async () => {
    for (const name of ['redis:6.2', 'redis:7.0', 'valkey:9.1']) {
      const target = findTarget(name)!;
      const whole = await checkCompatibility(file, target, { nowMs: 0 });
      const pieces = await checkCompatibility(file, target, { nowMs: 0, limits: LIMITS });
      if (fixture.case === 'vset') continue;
      expect(pieces.lost.map(({ what, count }) => [what, count]).sort()).toEqual(
        whole.lost.map(({ what, count }) => [what, count]).sort(),
      );
      expect([pieces.loads, pieces.convertible]).toEqual([whole.loads, whole.convertible]);
    }
  });
});

it('needs random access where the number of elements is not known', async () => {
  const file = readFixture('redis-7.0/types');
  const stream = (async function* () {
    yield file;
  })();
  await expect(convertStream(stream)).rejects.toMatchObject({
    code: 'UNSUPPORTED_INPUT',
    message: expect.stringContaining('save this input to one first') as string,
    trail: [expect.stringMatching(/^db /), expect.stringMatching(/^key /)],
  });
});

async function convertStream(input: AsyncIterable<Uint8Array>): Promise<void> {
  const { convertRdb } = await import('../../src/convert/convert.js');
  await convertRdb(input, () => undefined, {
    target: findTarget('redis:6.2')!,
    onUnsupported: 'convert',
    limits: LIMITS,
  });
}

/** Time and database, key, value. */
function contentOf({ keys }: Converted): string[] {
  return keys.map((key) => `${keyName(key)} ${key.expireAtMs} ${plainText(key.value)}`);
}

function lossesOf({ losses }: Converted): string[] {
  return losses.map(
    ({ what, policy, db, key }) => `${what} ${policy} ${key === undefined ? '' : keyName({ db: db!, key })}`,
  );
}
