/** A server of ours on a port of loopback, over a store in memory. */
import { CONFIG_COMMANDS } from '../../src/serve/commands/config.js';
import { SERVE_COMMANDS } from '../../src/serve/commands/index.js';
import { ServerConfig } from '../../src/serve/config/server-config.js';
import { type Listener, type ListenerOptions, listen } from '../../src/serve/listener.js';
import { Server } from '../../src/serve/server.js';
import { StoreBackend } from '../../src/serve/store-backend.js';
import type { StoreOptions } from '../../src/store/index.js';
import { StoreSite } from './store-site.js';

export interface SocketServerOptions extends Partial<Omit<ListenerOptions, 'server'>> {
  /** As in redis.conf. */
  readonly config?: Readonly<Record<string, string>>;
  readonly store?: Partial<StoreOptions>;
}

export interface SocketServer {
  readonly server: Server;
  readonly listener: Listener;
  readonly site: StoreSite;
  readonly port: number;
  /** What it warned of. */
  readonly warnings: string[];
  stop(): Promise<void>;
}

export async function startOurs({ config = {}, store, ...others }: SocketServerOptions = {}): Promise<SocketServer> {
  const values = new ServerConfig({ values: new Map(Object.entries(config)) });
  const site = await new StoreSite().open({ ...values.storeOptions, dir: 'd', clock: Date.now, ...store });
  const warnings: string[] = [];
  const server = new Server({
    backend: new StoreBackend(site.store, { ...SERVE_COMMANDS, ...CONFIG_COMMANDS }),
    config: values,
    clock: Date.now,
    onEnd: () => undefined,
    onWarning: (text, cause) => warnings.push(`${text}: ${cause}`),
  });
  values.attach({ engine: site.store.engine, store: site.store, files: site.files });
  const listener = await listen({ server, port: 0, settings: values, ...others });
  const stop = (): Promise<void> => listener.close();
  return { server, listener, site, port: listener.port ?? 0, warnings, stop };
}
