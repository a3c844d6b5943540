/** Which node of a cluster serves which slot, as CLUSTER SLOTS says it. */
import { SLOT_COUNT } from '../../rdb/key-slot.js';
import { type Endpoint, endpointAt, formatAddress } from './endpoint.js';
import { TargetError } from './target-error.js';

/** A map of all slots at one moment. */
export class SlotMap {
  /** Number in {@link primaries} plus one; 0 where nobody serves the slot. */
  private readonly owners = new Uint16Array(SLOT_COUNT);
  /** Each once, in the order of their first slots. */
  readonly primaries: readonly Endpoint[];
  /** Of this map, to be asked for the next one when primaries are gone. */
  readonly replicas: readonly Endpoint[];

  /**
   * `reply` is what `asked` has answered: `[first, last, [host, port, id, …], replica, …]` for each range.
   *
   * @throws TargetError (CLUSTER) where no slot is served
   */
  constructor(reply: unknown, asked: Endpoint) {
    const primaries = new Map<string, { endpoint: Endpoint; index: number }>();
    const replicas = new Map<string, Endpoint>();
    for (const range of Array.isArray(reply) ? reply : []) {
      const [first, last, primary, ...others] = range as [number, number, ...unknown[]];
      const endpoint = nodeOf(primary, asked);
      const address = formatAddress(endpoint);
      const known = primaries.get(address) ?? { endpoint, index: primaries.size + 1 };
      primaries.set(address, known);
      this.owners.fill(known.index, first, last + 1);
      for (const other of others) {
        const replica = nodeOf(other, asked);
        replicas.set(formatAddress(replica), replica);
      }
    }
    if (primaries.size === 0) throw new TargetError('CLUSTER', 'no slot of it is served', formatAddress(asked));
    this.primaries = [...primaries.values()].map(({ endpoint }) => endpoint);
    this.replicas = [...replicas.values()];
  }

  /** The node that serves `slot`, 0 to 16383. @throws TargetError (CLUSTER) where none does */
  nodeOfSlot(slot: number): Endpoint {
    const endpoint = this.primaries[this.owners[slot]! - 1];
    if (endpoint === undefined) throw new TargetError('CLUSTER', `nobody serves slot ${slot}`, '');
    return endpoint;
  }
}

/** A host that is null, empty or `?` means the one that was asked (CLUSTER SLOTS, "Nodes"). */
function nodeOf(node: unknown, asked: Endpoint): Endpoint {
  const [host, port] = node as [unknown, number];
  const isNamed = typeof host === 'string' && host !== '' && host !== '?';
  return endpointAt(asked, isNamed ? host : asked.host, port);
}
