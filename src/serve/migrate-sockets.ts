/** Connections to servers that keys were given to: they are kept for a while, since more keys are likely to follow. */
import type { ByteString } from '../bytes/byte-string.js';
import { LinkError, MigrateLink } from './migrate-link.js';

const MOST_KEPT = 64;
const KEPT_MS = 10_000;

interface Kept {
  readonly link: MigrateLink;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class MigrateSockets {
  /** By address; the one that was used last comes last. */
  private readonly kept = new Map<string, Kept>();
  private readonly used = new Set<MigrateLink>();
  private isClosed = false;

  constructor(private readonly keptMs = KEPT_MS) {}

  /** Those that wait to be used again: `migrate_cached_sockets` of INFO. */
  get count(): number {
    return this.kept.size;
  }

  /** One that is connected, until it is given back or destroyed. Throws LinkError. */
  async take(host: ByteString, port: number, timeoutMs: number): Promise<MigrateLink> {
    const address = addressOf(host, port);
    const known = this.kept.get(address)?.link;
    if (known !== undefined) {
      this.forget(address, known);
      if (known.isFresh) {
        known.resume();
        this.used.add(known);
        return known;
      }
      // It said something that nobody had asked for.
      known.destroy();
    }
    if (this.isClosed) throw new LinkError('connecting', 'closed');
    const link = new MigrateLink(host, port, () => this.forget(address, link));
    this.used.add(link);
    try {
      await link.open(timeoutMs);
    } catch (error) {
      link.destroy();
      throw error;
    }
    return link;
  }

  /** Every reply has been read. */
  giveBack(host: ByteString, port: number, link: MigrateLink): void {
    this.used.delete(link);
    if (this.isClosed || !link.isFresh) {
      link.destroy();
      return;
    }
    const [oldest] = this.kept;
    if (oldest !== undefined && this.kept.size >= MOST_KEPT) this.drop(oldest[0], oldest[1].link);
    const address = addressOf(host, port);
    const timer = setTimeout(() => this.drop(address, link), this.keptMs);
    timer.unref();
    link.rest();
    this.kept.set(address, { link, timer });
  }

  /** All of them, those in use included: the server ends. */
  close(): void {
    this.isClosed = true;
    for (const [address, { link }] of this.kept) this.drop(address, link);
    for (const link of this.used) link.destroy();
  }

  private drop(address: string, link: MigrateLink): void {
    this.forget(address, link);
    link.destroy();
  }

  private forget(address: string, link: MigrateLink): void {
    this.used.delete(link);
    const kept = this.kept.get(address);
    if (kept?.link !== link) return;
    clearTimeout(kept.timer);
    this.kept.delete(address);
  }
}

function addressOf(host: ByteString, port: number): string {
  return `${host}:${port}`;
}
