import { describe, expect, it } from 'vitest';
import { testEngine } from '../support/engine-run.js';

describe('commands on databases', () => {
  it('selects', () => {
    const { engine, run, runner } = testEngine();
    expect(run('SELECT', 3)).toBe('+OK');
    run('SET', 'k', 'v');
    expect([runner.db.index, engine.database(3).size]).toEqual([3, 1]);
    expect(run('SELECT', 16)).toBe('-ERR DB index is out of range');
    expect(run('SELECT', 'x')).toBe('-ERR value is not an integer or out of range');
    expect(run('SELECT', '99999999999')).toBe(
      '-ERR value is out of range, value must between -2147483648 and 2147483647',
    );
    engine.isLoading = true;
    expect([run('SELECT', 500), runner.db.index]).toEqual(['+OK', 500]);
  });

  it('swaps, and what is selected stays selected', () => {
    const { run, runner } = testEngine();
    run('SET', 'k', 'v', 'PXAT', 9_000_000);
    expect([run('SWAPDB', 0, 1), runner.dirty, run('EXISTS', 'k')]).toEqual(['+OK', 1, 0]);
    run('SELECT', 1);
    expect(run('PEXPIRETIME', 'k')).toBe(9_000_000);
    expect([run('SWAPDB', 1, 1), runner.dirty]).toEqual(['+OK', 1]);
    expect(run('SWAPDB', 'x', 99)).toBe('-ERR invalid first DB index');
    expect(run('SWAPDB', 99, 'x')).toBe('-ERR invalid second DB index');
    expect(run('SWAPDB', 0, 99)).toBe('-ERR DB index is out of range');
  });

  it('flushes one or all, and no functions', () => {
    const { engine, run, runner } = testEngine();
    run('FUNCTION', 'LOAD', "#!lua name=one\nredis.register_function('f', f)");
    run('MSET', 'a', 1, 'b', 2);
    run('SELECT', 1);
    run('SET', 'c', 1);
    expect(run('FLUSHDB', 'none')).toBe('-ERR syntax error');
    expect(run('FLUSHALL', 'SYNC', 'SYNC')).toBe('-ERR syntax error');
    expect([run('FLUSHDB', 'async'), runner.dirty]).toEqual(['+OK', 1]);
    expect([run('FLUSHALL'), runner.dirty]).toEqual(['+OK', 2]);
    expect([...engine.inUse(), engine.functions.size]).toEqual([1]);
  });
});

describe('slots', () => {
  /** `foo` is in slot 12182, `{foo}x` too, `bar` in 5061. */
  it.each<[command: string, reply: unknown, left: number]>([
    ['TRIMSLOTS RANGES 1 12182 12182', '+OK', 1],
    ['TRIMSLOTS RANGES 2 0 5060 5061 16383', '+OK', 0],
    ['TRIMSLOTS RANGES 2 0 1', '-ERR syntax error', 3],
    ['TRIMSLOTS RANGES 1 0 16384', '-ERR Invalid or out of range slot', 3],
    ['TRIMSLOTS RANGES 1 5 1', '-ERR start slot number 5 is greater than end slot number 1', 3],
    ['CLUSTER FLUSHSLOT 12182', '+OK', 1],
    ['CLUSTER FLUSHSLOT 5061 ASYNC', '+OK', 2],
    ['CLUSTER FLUSHSLOT 5061 NOW', '-ERR syntax error', 3],
    ['SFLUSH 5061 5061', [], 2],
    ['SFLUSH 0 16383 SYNC', [], 0],
    ['SFLUSH 0 1 2', "-ERR wrong number of arguments for 'sflush' command", 3],
    ['CLUSTER SYNCSLOTS ESTABLISH SOURCE x SLOTSRANGE 0 100', '+OK', 3],
    ['PUBLISH channel message', 0, 3],
    ['PING', '+PONG', 3],
  ])('%s', (command, reply, left) => {
    const { run } = testEngine();
    run('MSET', 'foo', 1, '{foo}x', 2, 'bar', 3);
    expect(run(...command.split(' '))).toEqual(reply);
    expect(run('DBSIZE')).toBe(left);
  });
});
