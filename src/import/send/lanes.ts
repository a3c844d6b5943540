/** The lanes to all servers of a target, opened when they are needed. */
import { type Endpoint, formatAddress } from '../target/endpoint.js';
import type { TargetServers } from '../target/servers.js';
import { Lane, type LaneOptions } from './lane.js';

export class Lanes {
  private readonly open = new Map<string, Promise<Lane>>();

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
