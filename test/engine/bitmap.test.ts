import { describe, expect, it } from 'vitest';
import { testEngine } from '../support/engine-run.js';

const NO_TYPE = '-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.';

/** `k` is f0 0f. */
const CASES: readonly [command: string, reply: unknown, value: string | null, changes: number][] = [
  ['SETBIT k 0 0', 1, '70 0f', 1],
  ['SETBIT k 0 1', 1, 'f0 0f', 0],
  ['SETBIT k 31 0', 0, 'f0 0f 00 00', 1],
  ['SETBIT k 23 1', 0, 'f0 0f 01', 1],
  ['SETBIT k -1 1', '-ERR bit offset is not an integer or out of range', 'f0 0f', 0],
  ['SETBIT k 4294967296 1', '-ERR bit offset is not an integer or out of range', 'f0 0f', 0],
  ['SETBIT k 1 2', '-ERR bit is not an integer or out of range', 'f0 0f', 0],
  ['GETBIT k 3', 1, 'f0 0f', 0],
  ['GETBIT k 99', 0, 'f0 0f', 0],
  ['BITCOUNT k', 8, 'f0 0f', 0],
  ['BITCOUNT k 1 1', 4, 'f0 0f', 0],
  ['BITCOUNT k 3 13 BIT', 3, 'f0 0f', 0],
  ['BITCOUNT k -1 -2', 0, 'f0 0f', 0],
  ['BITCOUNT none 1', 0, 'f0 0f', 0],
  ['BITCOUNT k 1', '-ERR syntax error', 'f0 0f', 0],
  ['BITPOS k 0', 4, 'f0 0f', 0],
  ['BITPOS k 1 1', 12, 'f0 0f', 0],
  ['BITPOS k 0 12 -1 BIT', -1, 'f0 0f', 0],
  ['BITPOS none 0', 0, 'f0 0f', 0],
  ['BITPOS k 2', '-ERR The bit argument must be 1 or 0.', 'f0 0f', 0],
  ['BITOP AND k k x', 2, 'a0 00', 1],
  ['BITOP OR k k x', 2, 'fa 0f', 1],
  ['BITOP XOR k k x', 2, '5a 0f', 1],
  ['BITOP NOT k k', 2, '0f f0', 1],
  ['BITOP NOT k k x', '-ERR BITOP NOT must be called with a single source key.', 'f0 0f', 0],
  ['BITOP DIFF k k x', 2, '50 0f', 1],
  ['BITOP DIFF1 k k x', 2, '0a 00', 1],
  ['BITOP ANDOR k k x y', 2, 'f0 00', 1],
  ['BITOP ONE k k x y', 2, '0a 0f', 1],
  ['BITOP ONE k k x x', 2, '50 0f', 1],
  ['BITOP DIFF k k', '-ERR BITOP DIFF must be called with at least two source keys.', 'f0 0f', 0],
  ['BITOP AND k none', 0, null, 1],
  ['BITOP AND none none', 0, 'f0 0f', 0],
  ['BITFIELD k GET u4 0 GET i4 0 GET u8 #1', [15, -1, 15], 'f0 0f', 0],
  ['BITFIELD k GET u63 60', [0], 'f0 0f', 0],
  ['BITFIELD k SET u8 #0 1 INCRBY u8 #0 255', [240, 0], '00 0f', 2],
  ['BITFIELD k OVERFLOW SAT INCRBY u8 0 100 INCRBY i8 8 -200', [255, -128], 'ff 80', 2],
  ['BITFIELD k OVERFLOW FAIL INCRBY u8 0 100 INCRBY u8 0 1', [null, 241], 'f1 0f', 1],
  ['BITFIELD k INCRBY i64 0 9223372036854775807', [8074672656898588671n], '70 0e ff ff ff ff ff ff', 1],
  ['BITFIELD k SET u64 0 1', NO_TYPE, 'f0 0f', 0],
  ['BITFIELD k SET u8 0', '-ERR syntax error', 'f0 0f', 0],
  ['BITFIELD k OVERFLOW NONE', '-ERR Invalid OVERFLOW type specified', 'f0 0f', 0],
  ['BITFIELD_RO k SET u8 0 1', '-ERR BITFIELD_RO only supports the GET subcommand', 'f0 0f', 0],
  ['SETBIT list 0 1', '-WRONGTYPE Operation against a key holding the wrong kind of value', 'f0 0f', 0],
];

describe('bitmap commands', () => {
  it.each(CASES)('%s', (command, reply, value, changes) => {
    const { run, runner } = testEngine();
    run('SET', 'k', '\xf0\x0f');
    run('SET', 'x', '\xaa');
    run('SET', 'y', '\xf0');
    run('RPUSH', 'list', 'x');
    expect(run(...command.split(' '))).toEqual(reply);
    if (!String(reply).startsWith('-')) expect(runner.dirty).toBe(changes);
    const after = run('GET', 'k') as string | null;
    expect(
      after === null
        ? null
        : Buffer.from(after, 'latin1')
            .toString('hex')
            .replace(/..(?!$)/g, '$& '),
    ).toBe(value);
  });

  it('sets the last bit that there is', () => {
    const { engine, run } = testEngine();
    expect(run('SETBIT', 'k', '4294967295', 1)).toBe(0);
    expect(run('GETBIT', 'k', '4294967295')).toBe(1);
    expect(run('STRLEN', 'k')).toBe(2 ** 29);
    engine.database(0).clear();
  });
});
