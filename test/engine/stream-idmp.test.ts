/** The ids that IDMPAUTO makes of messages, as a Redis 8.6.3 made them. */
import { describe, expect, it } from 'vitest';
import { fromByteString } from '../../src/bytes/byte-string.js';
import { contentId } from '../../src/engine/values/stream-object-idmp.js';

describe('the id of a message', () => {
  it.each([
    [['f', 'v'], '6e95729ee727f0814aedffba55730079'],
    [['g', 'w'], 'f4377c36b1d5678b28772d2cf5af53d8'],
    [['f', 'v', 'g', 'w'], '845d09935adce8c49c7b239550de2bcd'],
    [['g', 'w', 'f', 'v'], '845d09935adce8c49c7b239550de2bcd'],
    [['f', 'v', 'f', 'v'], '9a79073b2d2a35cba229f103f1b26a64'],
    [['12', '34'], 'e29ce29733b56f7270f74e0057c48b44'],
    [['', ''], '1a9f7ebbaea1d61d30b6b8daa3e38da7'],
    [['a'.repeat(300), 'b'.repeat(300)], 'd9c2e3d17a1b79c0ca1a361171f58bfa'],
  ])('of %j', (pairs, expected) => {
    const args = ['XADD', 's', 'IDMPAUTO', 'p', '*', ...pairs];
    expect(Buffer.from(fromByteString(contentId(args, 5))).toString('hex')).toBe(expected);
  });
});
