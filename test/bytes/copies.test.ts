/** What is handed out is the caller's to keep, whatever becomes of the input: also where that is a Buffer. */
import { expect, it } from 'vitest';
import { Arena } from '../../src/bytes/arena.js';
import { copyBytes, Slice } from '../../src/bytes/slice.js';
import { decodeDump, encodeDump } from '../../src/rdb/dump.js';
import { findTarget } from '../../src/rdb/versions.js';

it.each([10, 100, 5000])('%i bytes do not share memory with the Buffer that they came from', (size) => {
  const input = Buffer.alloc(size, 'a');
  const slice = new Slice();
  slice.set(input, 0, size);
  const copies = [copyBytes(input, 0, size), slice.copy(), new Arena().copy(input, 0, size)];
  const target = findTarget('redis:7.0')!;
  const dump = Buffer.from(encodeDump({ type: 'string', encoding: 'raw', value: input }, { target, compress: false }));
  const { value } = decodeDump(dump);
  input.fill('b');
  dump.fill('b');
  if (value.type === 'string') copies.push(new Uint8Array(value.value));
  for (const copy of copies) expect(Buffer.from(copy).toString()).toBe('a'.repeat(size));
  expect(copies).toHaveLength(4);
});
