/** Every record of every real dump: its spans tile it, nothing in it is called wrong, and the records tile the file. */
import { describe, expect, it } from 'vitest';
import { listFixtures, readFixture } from '../support/fixtures.js';
import { errorsOf, explain } from './explain-spans.js';

describe.each(listFixtures())('$name', ({ name }) => {
  it('is explained from the first byte to the last', async () => {
    const file = readFixture(name);
    for (let offset = 0; offset < file.length; ) {
      const { record, spans } = await explain(file, offset, { maxSpans: Infinity });
      expect(record.offset).toBe(offset);
      expect(errorsOf(spans)).toEqual([]);
      offset += record.size;
    }
  });
});
