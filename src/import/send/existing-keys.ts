/** Which keys of a batch the target has already. */
import { concat } from '../../bytes/concat.js';
import { encodeArgument, encodeCommand } from '../../codecs/resp.js';
import { type Endpoint, endpointAt, formatAddress } from '../target/endpoint.js';
import { ErrorReply, type Reply } from '../target/reply-parser.js';
import { replyError, type TargetError } from '../target/target-error.js';
import { UNIT, type UnitBatch } from '../units/unit-batch.js';
import type { Lanes } from './lanes.js';

const utf8 = new TextEncoder();
const EXISTS = encodeArgument(utf8.encode('EXISTS'));
const EXISTS_ONE = concat([utf8.encode('*2\r\n'), EXISTS]);
const ASKING = encodeCommand(['ASKING']);

/** Units of the batch, in order, whose keys are there. Throws TargetError. */
export async function findExisting(batch: UnitBatch, lanes: Lanes): Promise<readonly number[]> {
  const units: number[] = [];
  for (let unit = 0; unit < batch.count; unit++) {
    if (batch.kinds[unit] !== UNIT.FUNCTION && batch.owned[unit] === 0 && !batch.continues) units.push(unit);
  }
  if (units.length === 0 || (await lanes.wasEmpty(batch.db))) return [];
  const { servers } = lanes;
  if (servers.kind === 'standalone' && units.length === batch.count) {
    const count = await countExisting(batch, lanes);
    if (count === 0) return [];
  }
  const found: number[] = [];
  for (const [endpoint, asked] of byServer(batch, units, lanes)) {
    const lane = await lanes.to(endpoint);
    const bytes = concat(asked.flatMap((unit) => [EXISTS_ONE, batch.keyArgument(unit)]));
    const elsewhere: [number, TargetError][] = [];
    await lane.ask(batch.db, bytes, asked.length, (reply, index) => {
      const unit = asked[index]!;
      if (reply instanceof ErrorReply) elsewhere.push([unit, replyError(reply.text, lane.address)]);
      else if (reply !== 0) found.push(unit);
    });
    for (const [unit, error] of elsewhere)
      if (await askElsewhere(batch, unit, error, lane.endpoint, lanes)) found.push(unit);
  }
  return found.sort((one, other) => one - other);
}

/** All in one question; undefined where the server takes one key only (before 3.0.3). */
async function countExisting(batch: UnitBatch, lanes: Lanes): Promise<number | undefined> {
  const head = utf8.encode(`*${batch.count + 1}\r\n`);
  const lane = await lanes.to(lanes.servers.nodeOfSlot(0));
  let count: Reply = null;
  await lane.ask(
    batch.db,
    concat([head, EXISTS, batch.keys.subarray(0, batch.keyEnds[batch.count - 1])]),
    1,
    (reply) => {
      count = reply;
    },
  );
  return typeof count === 'number' ? count : undefined;
}

function byServer(batch: UnitBatch, units: readonly number[], lanes: Lanes): Iterable<[Endpoint, number[]]> {
  const groups = new Map<string, [Endpoint, number[]]>();
  for (const unit of units) {
    const endpoint = lanes.servers.nodeOfSlot(Math.max(0, batch.slots[unit]!));
    const address = formatAddress(endpoint);
    const group = groups.get(address);
    if (group === undefined) groups.set(address, [endpoint, [unit]]);
    else group[1].push(unit);
  }
  return groups.values();
}

/** Of a slot that is being moved, the key is where ASK leads, or nowhere. */
async function askElsewhere(
  batch: UnitBatch,
  unit: number,
  error: TargetError,
  from: Endpoint,
  lanes: Lanes,
): Promise<boolean> {
  const { redirect } = error;
  if (redirect === undefined) throw error;
  const lane = await lanes.to(endpointAt(from, redirect.host || from.host, redirect.port));
  let answer: Reply = null;
  await lane.ask(batch.db, concat([ASKING, EXISTS_ONE, batch.keyArgument(unit)]), 2, (reply) => {
    answer = reply;
  });
  const last = answer as Reply;
  if (last instanceof ErrorReply) throw replyError(last.text, lane.address);
  return last !== 0;
}
