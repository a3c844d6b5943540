/**
 * Our LZF against that of a real server: what DUMP gives for strings of every kind and size, from noise to one byte over
 * and over. The strings are seeded; the server's choice whether to compress counts as well.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ByteWriter } from '../../src/bytes/writer.js';
import { StringWriter } from '../../src/codecs/string-writer.js';
import { toBase64 } from '../support/fixtures.js';
import { type LiveServer, startServer } from '../support/live-server.js';
import { random } from '../support/random.js';

const STRINGS = 2000;
const SEED = 20;
/** A DUMP payload ends with a version of two bytes and eight of checksum, and begins with the type. */
const FOOTER_SIZE = 10;

let server: LiveServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => server?.stop());

it(`stores ${STRINGS} strings in the bytes of the server, seed ${SEED}`, { timeout: 60_000 }, async () => {
  const next = random(SEED);
  const differing: string[] = [];
  let compressed = 0;
  let theirs = 0;
  let ours = 0;
  for (let index = 0; index < STRINGS; index++) {
    const bytes = someBytes(next);
    await server.send('SET', 'k', bytes);
    const dump = (await server.send('DUMP', 'k')) as Uint8Array;
    const stored = Uint8Array.from(dump.subarray(1, dump.length - FOOTER_SIZE));
    const written = encode(bytes);
    if (stored[0] === 0xc3) compressed++;
    theirs += stored.length;
    ours += written.length;
    if (toBase64(stored) !== toBase64(written)) {
      differing.push(`string ${index} of ${bytes.length}: ${stored.length} bytes there, ${written.length} here`);
    }
  }
  expect(compressed).toBeGreaterThan(STRINGS / 3);
  expect(differing).toEqual([]);
  expect(ours).toBe(theirs);
});

function encode(bytes: Uint8Array): Uint8Array {
  const chunks: Uint8Array[] = [];
  const out = new ByteWriter((from, start, end) => chunks.push(from.slice(start, end)));
  new StringWriter(out, true).string(bytes, 0, bytes.length);
  out.flush();
  return new Uint8Array(Buffer.concat(chunks));
}

/** Up to 64 KiB, short ones as often as long ones; of few symbols or many, with pieces that come again. */
function someBytes(next: () => number): Uint8Array {
  const below = (count: number): number => Math.floor(next() * count);
  const length = Math.floor(2 ** (4 + next() * (next() < 0.1 ? 12 : 6)));
  const symbols = 2 ** below(9);
  const repeats = next() < 0.3 ? 0 : next();
  const bytes = new Uint8Array(length);
  let pos = 0;
  while (pos < length) {
    if (pos > 0 && next() < repeats) {
      const from = below(pos);
      for (let left = 1 + below(next() < 0.1 ? 400 : 24), at = from; left > 0 && pos < length; left--)
        bytes[pos++] = bytes[at++]!;
    } else {
      for (let left = 1 + below(40); left > 0 && pos < length; left--) bytes[pos++] = below(symbols);
    }
  }
  return bytes;
}
