/** What an import would send where, and how long that would take. */
import { encodeCommand } from '../codecs/resp.js';
import type { ImportPlan, ImportRate } from './model.js';
import type { Lanes } from './send/lanes.js';
import { formatAddress } from './target/endpoint.js';
import { UNIT, type UnitBatch } from './units/unit-batch.js';

/** What the connection is measured with: PINGs, and ECHOs of so many bytes. */
const PINGS = 1000;
const ECHOES = 16;
const ECHO_BYTES = 64 * 1024;

interface NodeShare {
  keys: number;
  bytes: number;
}

export class Plan {
  private readonly databases = new Map<number, number>();
  private readonly nodes = new Map<string, NodeShare>();
  private requests = 0;
  private bytes = 0;

  constructor(private readonly lanes: Lanes) {
    for (const endpoint of lanes.servers.primaries()) this.nodes.set(formatAddress(endpoint), { keys: 0, bytes: 0 });
  }

  add(batch: UnitBatch): void {
    const { servers } = this.lanes;
    this.bytes += batch.size;
    for (let unit = 0; unit < batch.count; unit++) {
      this.requests += batch.requests[unit]! + batch.moved[unit]!;
      const size = batch.endOf(unit) - batch.starts[unit]!;
      const isFunction = batch.kinds[unit] === UNIT.FUNCTION;
      const keys = isFunction || batch.continues ? 0 : 1;
      if (keys > 0) this.databases.set(batch.db, (this.databases.get(batch.db) ?? 0) + 1);
      const places = isFunction ? servers.primaries() : [servers.nodeOfSlot(Math.max(0, batch.slots[unit]!))];
      for (const endpoint of places) {
        const share = this.nodes.get(formatAddress(endpoint));
        if (share === undefined) continue;
        share.keys += keys;
        share.bytes += size;
      }
    }
  }

  async finish({ keysPerSecond = Infinity, bytesPerSecond = Infinity }: ImportRate): Promise<ImportPlan> {
    const { requests, bytes } = this;
    const databases = [...this.databases].map(([db, keys]) => ({ db, keys }));
    const nodes = [...this.nodes].map(([address, share]) => ({ address, ...share }));
    const keys = databases.reduce((sum, one) => sum + one.keys, 0);
    const byRate = Math.max(keys / keysPerSecond, bytes / bytesPerSecond) * 1000;
    return { databases, nodes, requests, bytes, estimatedMs: Math.max(byRate, await this.measure()) };
  }

  /** By what one connection carries, for as many as there are. */
  private async measure(): Promise<number> {
    const { lanes, requests, bytes } = this;
    const lane = await lanes.to(lanes.servers.primaries()[0]!);
    const timed = async (command: Uint8Array, count: number): Promise<number> => {
      const all = new Uint8Array(command.length * count);
      for (let index = 0; index < count; index++) all.set(command, index * command.length);
      const startedMs = performance.now();
      await lane.ask(lane.endpoint.db, all, count, () => undefined);
      return performance.now() - startedMs;
    };
    await timed(encodeCommand(['PING']), 1);
    const perRequestMs = (await timed(encodeCommand(['PING']), PINGS)) / PINGS;
    const perByteMs =
      (await timed(encodeCommand(['ECHO', new Uint8Array(ECHO_BYTES)]), ECHOES)) / (ECHOES * ECHO_BYTES);
    return (requests * perRequestMs + bytes * perByteMs) / this.nodes.size;
  }
}
