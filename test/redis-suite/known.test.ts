import { describe, expect, it } from 'vitest';
import { judge, knownLine, NOTHING_KNOWN, readKnown } from '../../scripts/redis-suite-known.mjs';
import { OUTSIDE, type UnitLog } from '../../scripts/redis-suite-log.mjs';

const HEADING = '## external unit/made/up';

function known(...lines: string[]) {
  const unit = readKnown([HEADING, '', ...lines].join('\n')).get('external unit/made/up');
  if (unit === undefined) throw new Error('the unit was not found');
  return unit;
}

function ran(passed: string[], failed: string[] = [], ending: UnitLog['ending'] = 'done'): UnitLog {
  const failures = failed.map((name) => ({ name, detail: `why ${name}` }));
  return { passed, failed: failures, ignored: 0, ending, note: ending === 'done' ? '' : 'something happened' };
}

describe('known.md', () => {
  it('reads every form of line, and prose around them', () => {
    const unit = known(
      'Some words on it.',
      '- `one` — it needs a replica',
      '- `two` ×2 — scripting',
      '- `` a `three` ``, sometimes — it measures time',
      '- `four  blanks`, left out — it would wait for ever',
      '- not reached: 12 — a block breaks off',
      '- ends with exception — and so does the unit',
    );
    expect(unit).toEqual({
      tests: [
        { name: 'one', times: 1, fate: 'fails' },
        { name: 'two', times: 2, fate: 'fails' },
        { name: 'a `three`', times: 1, fate: 'sometimes' },
        { name: 'four blanks', times: 1, fate: 'left out' },
      ],
      notReached: 12,
      ending: 'exception',
    });
  });

  it('keeps units and modes apart', () => {
    const units = readKnown('# Title\n- prose\n## external a/b\n- `x` — y\n## spawn a/b\n- `z` — y\n');
    expect([...units].map(([name, { tests }]) => [name, tests[0]?.name])).toEqual([
      ['external a/b', 'x'],
      ['spawn a/b', 'z'],
    ]);
  });

  it.each([
    ['no reason', `${HEADING}\n- \`one\``],
    ['no name', `${HEADING}\n- one — reason`],
    ['another fate', `${HEADING}\n- \`one\`, never — reason`],
    ['another heading', '## outer unit/made/up'],
    ['a unit twice', `${HEADING}\n${HEADING}`],
  ])('refuses %s', (_, text) => {
    expect(() => readKnown(text)).toThrow(/^known\.md:\d: /);
  });

  it('reads the lines that it proposes', () => {
    for (const name of ['one', 'a `two`', '`three`', 'four ×2', 'five — six']) {
      expect(known(`${knownLine(name)}reason`).tests[0]?.name).toBe(name);
    }
  });
});

describe('judge', () => {
  it.each([
    ['nothing where all passes', ran(['a', 'b']), 2, NOTHING_KNOWN, []],
    ['nothing where more is run than with the real server', ran(['a', 'b']), 1, NOTHING_KNOWN, []],
    ['nothing where known tests fail', ran(['a'], ['b', 'b']), 3, known('- `b` ×2 — why'), []],
    ['a failure', ran(['a'], ['b']), 2, NOTHING_KNOWN, ['- `b` — why b']],
    ['one failure more than is known', ran([], ['b', 'b']), 2, known('- `b` — why'), ['- `b` — why b']],
    ['a known failure that passes', ran(['b']), 1, known('- `b` — why'), ['b: does not fail any more']],
    ['one of two', ran(['b'], ['b']), 2, known('- `b` ×2 — why'), ['b: does not fail any more (1 of 2)']],
    ['tests that were not reached', ran(['a']), 3, NOTHING_KNOWN, ['not reached: 2']],
    ['nothing where that is known', ran(['a']), 3, known('- not reached: 2 — why'), []],
    ['more that are reached', ran(['a', 'b']), 3, known('- not reached: 2 — why'), ['not reached: 1, not 2']],
    ['an exception', ran(['a'], [], 'exception'), 1, NOTHING_KNOWN, ['ends with exception: something happened']],
    ['nothing where that is known', ran(['a'], [], 'timeout'), 1, known('- ends with timeout — why'), []],
    ['an end as it should be', ran(['a']), 1, known('- ends with timeout — why'), ['ends with done']],
    ['a known test that is gone', ran([]), 0, known('- `b` — why'), ['b: is known to fail, and was not run']],
    ['nothing where a test is left out', ran(['a']), 2, known('- `b`, left out — why'), []],
    ['nothing where a test passes that sometimes fails', ran(['b']), 1, known('- `b`, sometimes — why'), []],
    ['nothing where it fails', ran([], ['b']), 1, known('- `b`, sometimes — why'), []],
    ['an error between tests', ran(['a'], [OUTSIDE]), 1, NOTHING_KNOWN, [`- \`${OUTSIDE}\` — why ${OUTSIDE}`]],
    ['what it cost', ran(['a'], [OUTSIDE]), 2, known(`- \`${OUTSIDE}\` — why`), ['not reached: 1']],
  ])('says %s', (_, log, total, unit, problems) => {
    expect(judge(log, total, unit)).toEqual(problems);
  });
});
