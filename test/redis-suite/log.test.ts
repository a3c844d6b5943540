import { describe, expect, it } from 'vitest';
import { OUTSIDE, readLog } from '../../scripts/redis-suite-log.mjs';

const START = ['Starting test server at port 11000', '[ready]: 4711', 'Testing unit/made/up'];
const DONE = '[1/1 done]: unit/made/up (3 seconds)';

const log = (...lines: string[]) => readLog([...START, ...lines, ''].join('\n'));

describe('tests', () => {
  it('counts what passed, failed and was ignored, in colours too', () => {
    const read = log(
      '[\u001b[0;32;49mok\u001b[0m]: One (with a bracket) (12 ms)',
      '[ok]: Two  blanks (0 ms)',
      '[ignore]: Not supported on external server',
      '[ignore]: Three: Tag: slow denied',
      '[skip]: Four',
      '[err]: Five [list] in tests/unit/made/up.tcl',
      "Expected '1' to be equal to '2' (context: type eval line 3 cmd {assert_equal 1 2} proc ::test)",
      DONE,
    );
    expect(read).toEqual({
      passed: ['One (with a bracket)', 'Two blanks'],
      failed: [{ name: 'Five [list]', detail: expect.stringMatching(/^Expected '1' to be equal to '2'/) }],
      ignored: 2,
      ending: 'done',
      note: '',
    });
  });

  it('tells an error between tests from one in a test', () => {
    const { failed } = log(
      "[err]: n't open socket: connection refused",
      "couldn't open socket: connection refused",
      '    (file "tests/unit/made/up.tcl" line 12)',
      '[err]: in in tests/unit/made/up.tcl',
      DONE,
    );
    expect(failed).toEqual([
      { name: OUTSIDE, detail: "couldn't open socket: connection refused" },
      { name: 'in', detail: '' },
    ]);
  });

  it('does not count failures once more in the summary at the end', () => {
    const read = log(
      '[err]: One in tests/unit/made/up.tcl',
      'why',
      DONE,
      '',
      '                   The End',
      '',
      '*** [err]: One in tests/unit/made/up.tcl',
      'why',
    );
    expect(read.failed).toEqual([{ name: 'One', detail: 'why' }]);
    expect(read.ending).toBe('done');
  });
});

describe('endings', () => {
  it.each([
    ['done', [DONE], ''],
    ['break', ['could not go on'], /\[ok\]: One \(1 ms\) could not go on$/],
    [
      'exception',
      ['[exception]: Executing test client: I/O error reading reply.', 'at line 3'],
      /^Executing test client/,
    ],
    ['timeout', ['[TIMEOUT]: clients state report follows.', 'sock1 => (IN PROGRESS) One'], /^clients state/],
  ])('%s', (ending, lines, note) => {
    const read = log('[ok]: One (1 ms)', ...lines);
    expect(read.ending).toBe(ending);
    expect(read.note).toMatch(note);
    expect(read.passed).toEqual(['One']);
  });
});
