/** A large plain string, piece by piece, as its bytes come by: `APPEND key piece`. Nothing of it is held. */
import type { Slice } from '../../bytes/slice.js';
import type { CommandWriter } from '../../codecs/resp.js';
import type { LargeRequest } from '../../rdb/large-value.js';
import { IGNORE_VALUE } from '../../rdb/visitor.js';
import type { KeyArgument } from './batch.js';
import { commandName } from './value-commands.js';

const APPEND = commandName('APPEND');
/** Of one piece. */
const MAX_PIECE_BYTES = 128 * 1024;

/** `headSize`: bytes of the string's length, which stand in front of it. */
export function appendRequest(writer: CommandWriter, key: KeyArgument, headSize: number): LargeRequest {
  let skipped = 0;
  const raw = ({ bytes, start, end }: Slice): void => {
    let from = Math.min(end, start + headSize - skipped);
    skipped += from - start;
    while (from < end) {
      const to = Math.min(end, from + MAX_PIECE_BYTES);
      writer.start(3);
      writer.encoded(APPEND);
      writer.encoded(key.bytes, key.end);
      writer.argument(bytes, from, to);
      from = to;
    }
  };
  return { level: 'raw', sink: { ...IGNORE_VALUE, blob: () => undefined, raw } };
}
