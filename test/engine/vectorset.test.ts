import { describe, expect, it } from 'vitest';
import { toRdb } from '../../src/engine/snapshot.js';
import { typeOf } from '../../src/engine/values/stored-value.js';
import { VectorSetObject } from '../../src/engine/values/vector-set-object.js';
import { decodeDump, encodeDump } from '../../src/rdb/dump.js';
import { testEngine } from '../support/engine-run.js';

// Replies as Redis 8.6.3 gives them.
const CASES: readonly [command: string, reply: unknown, elements: string][] = [
  ['VADD v VALUES 3 1 2 4 a', 0, 'a:1,2,4'],
  ['VADD v VALUES 3 1 -2.5 inf b SETATTR x EF 100 cas', 1, 'a:1,2,3 b:1,-2.5,Infinity(x)'],
  ['VADD v VALUES 2 1 2 b', '-ERR Vector dimension mismatch - got 2 but set has 3', 'a:1,2,3'],
  ['VADD v VALUES 3 1 2 x b', '-ERR invalid vector specification', 'a:1,2,3'],
  ['VADD v VALUES 3 1 2', '-ERR invalid vector specification', 'a:1,2,3'],
  ['VADD v FP32 abc b', '-ERR invalid vector specification', 'a:1,2,3'],
  ['VADD v VALUES 3 1 2 3 b FOO', '-ERR invalid option after element', 'a:1,2,3'],
  ['VADD v VALUES 3 1 2 3 b SETATTR', '-ERR invalid option after element', 'a:1,2,3'],
  ['VADD v VALUES 3 1 2 3 b BIN', '-ERR asked quantization mismatch with existing vector set', 'a:1,2,3'],
  ['VADD v VALUES 3 1 2 3 b M 8', '-ERR asked M value mismatch with existing vector set', 'a:1,2,3'],
  ['VADD v VALUES 3 1 2 3 b M 3', '-ERR invalid M', 'a:1,2,3'],
  ['VADD v VALUES 3 1 2 3 b EF 0', '-ERR invalid EF', 'a:1,2,3'],
  ['VADD v REDUCE 2 VALUES 3 1 2 3 b', '-ERR cannot add projection to existing set without projection', 'a:1,2,3'],
  ['VADD list VALUES 1 1 a', '-WRONGTYPE Operation against a key holding the wrong kind of value', 'a:1,2,3'],
  ['VSETATTR v a {}', 1, 'a:1,2,3({})'],
  ['VSETATTR v b {}', 0, 'a:1,2,3'],
  ['VSETATTR none a {}', 0, 'a:1,2,3'],
  ['VREM v b', 0, 'a:1,2,3'],
  ['VREM v a', 1, ''],
];

describe('commands on vector sets', () => {
  it.each(CASES)('%s', (command, reply, elements) => {
    const { engine, run } = testEngine({ target: 'redis:8.6' });
    run('RPUSH', 'list', 'element');
    run('VADD', 'v', 'VALUES', 3, 1, 2, 3, 'a');
    expect(run(...command.split(' '))).toEqual(reply);
    const stored = engine.database(0).get('v');
    const found = stored instanceof VectorSetObject ? [...stored.values()] : [];
    const shown = found.map(
      ({ name, attribute, norm }) => `${name}:${norm.toFixed(3)}${attribute && `(${attribute})`}`,
    );
    // A set keeps what is left when the length of a vector has been taken off, and the length.
    const wanted = elements.replace(
      /:([\d.,-]|Infinity)+/g,
      (list) => `:${Math.hypot(...list.slice(1).split(',').map(Number)).toFixed(3)}`,
    );
    expect(shown.join(' ')).toBe(wanted);
  });

  it('take vectors as bytes', () => {
    const { engine, run } = testEngine({ target: 'redis:8.6' });
    expect(run('VADD', 'v', 'FP32', '\x00\x00\x80\x3f\x00\x00\x00\xc0', 'a')).toBe(1);
    const set = engine.database(0).get('v') as VectorSetObject;
    expect(set.get('a')!.norm).toBeCloseTo(Math.hypot(1, -2), 5);
    expect(typeOf(set)).toBe('vectorset');
    expect(set.encoding()).toBe('raw');
  });

  it('hold sets with a projection to their two sizes', () => {
    const { run } = testEngine({ target: 'redis:8.6' });
    expect(run('VADD', 'w', 'REDUCE', 2, 'VALUES', 3, 1, 2, 3, 'a')).toBe(1);
    expect(run('VADD', 'w', 'REDUCE', 1, 'VALUES', 3, 1, 2, 3, 'b')).toBe(
      '-ERR Vector dimension mismatch - got 3 but set has 2',
    );
    expect(run('VADD', 'w', 'REDUCE', 2, 'VALUES', 4, 1, 2, 3, 4, 'b')).toBe(
      '-ERR Input dimension mismatch for projection - got 4 but projection expects 3',
    );
  });

  it('leave a vector set that a dump holds', () => {
    const { engine, run } = testEngine({ target: 'redis:8.6' });
    run('VADD', 'v', 'VALUES', 3, 1, 2, 3, 'a', 'NOQUANT');
    run('VADD', 'v', 'VALUES', 3, -1, 0, 0.5, 'b', 'NOQUANT');
    const payload = encodeDump(toRdb(engine.database(0).get('v')!, engine.settings), {
      target: engine.settings.target,
    });
    const { value } = decodeDump(payload);
    const elements = value.type === 'module' ? value.decoded!.elements : [];
    const found = elements.map(({ element, vector }) => [
      Buffer.from(element).toString(),
      vector.map((one) => Number(one.toFixed(4))),
    ]);
    expect(Object.fromEntries(found)).toEqual({ a: [1, 2, 3], b: [-1, 0, 0.5] });
  });
});
