/** The lanes to all servers of a target, opened when they are needed. */
import { encodeCommand } from '../../codecs/resp.js';
import { type Endpoint, formatAddress } from '../target/endpoint.js';
import type { TargetServers } from '../target/servers.js';
import { Lane, type LaneOptions } from './lane.js';

const DBSIZE = encodeCommand(['DBSIZE']);

export class Lanes {
  private readonly open = new Map<string, Promise<Lane>>();
  private readonly empty = new Map<number, Promise<boolean>>();

  constructor(
    readonly servers: TargetServers,
    private readonly options: LaneOptions,
  ) {}

  /** Throws TargetError, and tries anew when it is asked again. */
  async to(endpoint: Endpoint): Promise<Lane> {
    const address = formatAddress(endpoint);
    const known = await this.open.get(address);
    if (known?.isOpen === true) return known;
    known?.destroy();
    const opening = Lane.open(endpoint, this.options);
    this.open.set(address, opening);
    opening.catch(() => this.open.delete(address));
    return await opening;
  }

  /** Whether no server had a key in this database when it was asked for the first time. Throws TargetError. */
  async wasEmpty(db: number): Promise<boolean> {
    const known = this.empty.get(db);
    if (known !== undefined) return await known;
    const asking = this.countKeys(db).then((keys) => keys === 0);
    this.empty.set(db, asking);
    asking.catch(() => this.empty.delete(db));
    return await asking;
  }

  /** NaN where it may not be asked. */
  private async countKeys(db: number): Promise<number> {
    let keys = 0;
    for (const endpoint of this.servers.primaries()) {
      const lane = await this.to(endpoint);
      await lane.ask(db, DBSIZE, 1, (reply) => {
        keys += typeof reply === 'number' ? reply : Number.NaN;
      });
    }
    return keys;
  }

  /** Nothing is waited for. */
  destroy(): void {
    for (const opening of this.open.values()) {
      opening.then(
        (lane) => lane.destroy(),
        () => undefined,
      );
    }
    this.open.clear();
  }
}
