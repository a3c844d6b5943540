/** What tells one source from another, without reading all of it. */
import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../../../src/bytes/source.js';
import { BytesSource } from '../../../src/bytes/source-plain.js';
import { fingerprintLog, fingerprintSource } from '../../../src/import/source/fingerprint.js';
import { memoryLog } from '../../support/memory-log.js';
import { ascii } from '../../support/packed.js';
import { random } from '../../support/random.js';

const LOOK_BYTES = 64 * 1024;
const next = random(20261126);
const sample = (size: number): Uint8Array => Uint8Array.from({ length: size }, () => Math.floor(next() * 256));
const fingerprint = (bytes: Uint8Array): Promise<string> => fingerprintSource(async () => new BytesSource(bytes));

function changed(bytes: Uint8Array, at: number): Uint8Array {
  const other = bytes.slice();
  other[at]! ^= 1;
  return other;
}

/** Can only be read onward, some bytes at a time. */
class Onward implements ByteSource {
  readonly name = 'onward';
  readonly sizeBytes = undefined;
  readonly compression = undefined;
  pos = 0;
  closed = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly chunk: number,
    readonly totalBytes: number | undefined,
  ) {}

  get consumedBytes(): number {
    return this.pos;
  }

  async read(target: Uint8Array, at: number, max: number): Promise<number> {
    const count = Math.min(max, this.chunk, this.bytes.length - this.pos);
    target.set(this.bytes.subarray(this.pos, this.pos + count), at);
    this.pos += count;
    return count;
  }

  close(): void {
    this.closed++;
  }
}

describe('bytes that can be read anywhere', () => {
  it.each([0, 1, 100, LOOK_BYTES - 1, LOOK_BYTES, LOOK_BYTES + 1, 2 * LOOK_BYTES, 5 * LOOK_BYTES])(
    '%i of them',
    async (size) => {
      const bytes = sample(size);
      const found = await fingerprint(bytes);
      expect(await fingerprint(bytes.slice())).toBe(found);
      expect(found.length).toBeLessThanOrEqual(200);
      expect(await fingerprint(new Uint8Array([...bytes, 0]))).not.toBe(found);
      if (size === 0) return;
      expect(await fingerprint(bytes.subarray(1))).not.toBe(found);
      for (const at of [0, Math.min(size, LOOK_BYTES) - 1, Math.max(0, size - LOOK_BYTES), size - 1])
        expect(await fingerprint(changed(bytes, at))).not.toBe(found);
    },
  );

  it('are not looked at in the middle, where a dump cannot change without its end', async () => {
    const bytes = sample(5 * LOOK_BYTES);
    expect(await fingerprint(changed(bytes, 2 * LOOK_BYTES))).toBe(await fingerprint(bytes));
  });

  it('of which a part is moved are others', async () => {
    const bytes = sample(2 * LOOK_BYTES);
    const swapped = new Uint8Array([...bytes.subarray(LOOK_BYTES), ...bytes.subarray(0, LOOK_BYTES)]);
    expect(await fingerprint(swapped)).not.toBe(await fingerprint(bytes));
  });
});

describe('bytes that come one after the other', () => {
  it('are looked at in the beginning, whatever the pieces, and then let go', async () => {
    const bytes = sample(3 * LOOK_BYTES);
    const found = new Set<string>();
    for (const chunk of [1000, 65_536, 1e9]) {
      const source = new Onward(bytes, chunk, 999);
      found.add(await fingerprintSource(async () => source));
      expect(source.pos).toBeLessThanOrEqual(LOOK_BYTES);
      expect(source.closed).toBe(1);
    }
    expect(found.size).toBe(1);
    const of = (other: Uint8Array, total: number | undefined): Promise<string> =>
      fingerprintSource(async () => new Onward(other, 1000, total));
    expect(found).not.toContain(await of(changed(bytes, LOOK_BYTES - 1), 999));
    expect(found).not.toContain(await of(bytes, 998));
    expect(found).not.toContain(await of(bytes, undefined));
    expect(found).toContain(await of(bytes, 999));
  });

  it('are closed where they cannot be read', async () => {
    const source = new Onward(ascii('x'), 1, 1);
    source.read = async () => {
      throw new Error('gone');
    };
    await expect(fingerprintSource(async () => source)).rejects.toThrow('gone');
    expect(source.closed).toBe(1);
  });
});

it('of a log is that of all its files, in order', async () => {
  const [a, b, c] = [ascii('*1\r\n'), ascii('$4\r\n'), ascii('$5\r\n')];
  const of = (...files: Uint8Array[]): Promise<string> => fingerprintLog(memoryLog(files));
  const found = await of(a, b);
  expect(await of(a.slice(), b.slice())).toBe(found);
  for (const other of [of(b, a), of(a), of(a, b, c), of(a, c), of(a, new Uint8Array(0), b)])
    expect(await other).not.toBe(found);
});
