/** Whether servers take a RESTORE of what is written for them: asked with a key that lives for a moment. */
import { encodeCommand } from '../codecs/resp.js';
import { encodeDump } from '../rdb/dump.js';
import { SLOT_COUNT } from '../rdb/key-slot.js';
import type { Target } from '../rdb/versions.js';
import type { Lanes } from './send/lanes.js';
import { ErrorReply, type Reply } from './target/reply-parser.js';
import { replyError, type TargetError } from './target/target-error.js';
import type { TemporaryNames } from './units/temporary-name.js';

/** Should the DEL behind it not arrive. */
const LIFE_MS = 1000;

/** The reason of the first server that refuses; undefined where all take it. Throws TargetError where one cannot be asked. */
export async function probeRestore(
  lanes: Lanes,
  target: Target,
  names: TemporaryNames,
): Promise<TargetError | undefined> {
  const payload = encodeDump({ type: 'string', encoding: 'raw', value: new Uint8Array([0x31]) }, { target });
  const { servers } = lanes;
  const asked = new Set<string>();
  for (let slot = 0; slot < SLOT_COUNT && asked.size < servers.primaries().length; slot++) {
    const lane = await lanes.to(servers.nodeOfSlot(slot));
    if (asked.has(lane.address)) continue;
    asked.add(lane.address);
    const key = names.inSlot(slot, 'probe');
    const command = encodeCommand(['RESTORE', key, LIFE_MS, payload]);
    let answer: Reply = null;
    await lane.ask(lane.endpoint.db, command, 1, (reply) => {
      answer = reply;
    });
    const reply = answer as Reply;
    if (reply instanceof ErrorReply) {
      const error = replyError(reply.text, lane.address);
      if (error.isTransient) throw error;
      if (error.code !== 'BUSYKEY') return error;
    }
    await lane.ask(lane.endpoint.db, encodeCommand(['DEL', key]), 1, () => undefined);
  }
  return undefined;
}
