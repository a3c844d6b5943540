/** Reading sets. */
import { describe, expect, it } from 'vitest';
import { SetReply } from '../../src/engine/reply.js';
import { testEngine } from '../support/engine-run.js';

const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value';
const set = (...members: string[]): SetReply => new SetReply(members);

describe('reading sets of 1 2 3, 2 3 x and 3', () => {
  it.each([
    ['SCARD a', 3],
    ['SCARD none', 0],
    ['SCARD list', WRONG_TYPE],
    ['SISMEMBER a 1', 1],
    ['SISMEMBER a 01', 0],
    ['SISMEMBER none 1', 0],
    ['SMISMEMBER b x 1 2', [1, 0, 1]],
    ['SMISMEMBER none x 1', [0, 0]],
    ['SMEMBERS a', set('1', '2', '3')],
    ['SMEMBERS none', set()],
    ['SMEMBERS list', WRONG_TYPE],
    ['SINTER a', set('1', '2', '3')],
    ['SINTER a b', set('2', '3')],
    ['SINTER a b c', set('3')],
    ['SINTER a none', set()],
    ['SINTER none list', WRONG_TYPE],
    ['SUNION a none b', set('1', '2', '3', 'x')],
    ['SUNION none', set()],
    ['SUNION a list', WRONG_TYPE],
    ['SDIFF a b', set('1')],
    ['SDIFF a c none', set('1', '2')],
    ['SDIFF a a', set()],
    ['SDIFF none a', set()],
    ['SDIFF none list', WRONG_TYPE],
    ['SINTERCARD 2 a b', 2],
    ['SINTERCARD 2 a b LIMIT 0', 2],
    ['SINTERCARD 2 a b limit 1', 1],
    ['SINTERCARD 2 a b LIMIT 1 LIMIT 9', 2],
    ['SINTERCARD 2 a none', 0],
    ['SINTERCARD 0 a', '-ERR numkeys should be greater than 0'],
    ['SINTERCARD 3 a b', "-ERR Number of keys can't be greater than number of args"],
    ['SINTERCARD 1 a b', '-ERR syntax error'],
    ['SINTERCARD 1 a LIMIT', '-ERR syntax error'],
    ['SINTERCARD 1 list LIMIT -1', "-ERR LIMIT can't be negative"],
    ['SRANDMEMBER none', null],
    ['SRANDMEMBER none 3', []],
    ['SRANDMEMBER c', '3'],
    ['SRANDMEMBER a 1 2', '-ERR syntax error'],
  ])('%s', (command, reply) => {
    const { run } = testEngine();
    run('SADD', 'a', 1, 2, 3);
    run('SADD', 'b', 2, 3, 'x');
    run('SADD', 'c', 3);
    run('RPUSH', 'list', 'x');
    expect(run(...command.split(' '))).toEqual(reply);
  });
});
