/** Directories side by side, with real servers on some and stores on others; all of it ends with a test. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openStore, type Store, type StoreOptions } from '../../src/store/index.js';
import { type LiveServer, startServer } from './live-server.js';
import type { ServerGeneration } from './store-beside-server.js';

const QUIET = ['--auto-aof-rewrite-percentage', '0', '--appendfsync', 'no'];

export class SitesBeside {
  private readonly root = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-site-'));
  private readonly servers: LiveServer[] = [];
  private readonly stores: Store[] = [];

  constructor(private readonly generation: ServerGeneration) {}

  /** A new directory with these files, by their paths in it. */
  laid(name: string, files: Readonly<Record<string, Uint8Array | string>> = {}): string {
    const dir = path.join(this.root, name);
    fs.mkdirSync(dir);
    for (const [file, content] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
      fs.writeFileSync(path.join(dir, file), content);
    }
    return dir;
  }

  /** A server that rewrites, expires and syncs nothing by itself. */
  async serve(dir: string, args: readonly string[] = ['--appendonly', 'yes']): Promise<LiveServer> {
    const server = await startServer({ dir, args: [...QUIET, ...args] });
    this.servers.push(server);
    await server.send('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    return server;
  }

  /** A store of the server's generation with a log, as quiet as {@link serve}. */
  async open(dir: string, options: Partial<StoreOptions> = {}): Promise<Store> {
    const { target } = this.generation;
    const quiet = { appendfsync: 'no', save: '', timers: false, autoAofRewritePercentage: 0 } as const;
    const store = await openStore({ dir, target, appendonly: true, ...quiet, ...options });
    this.stores.push(store);
    return store;
  }

  async clear(): Promise<void> {
    for (const store of this.stores.splice(0)) store.abandon();
    for (const server of this.servers.splice(0)) await server.stop();
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}

/** Every file below a directory but the server's own log, with its bytes. */
export function bytesIn(dir: string): Map<string, Buffer> {
  const names = fs.readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => name !== 'server.log' && fs.statSync(path.join(dir, name)).isFile());
  return new Map(files.map((name) => [name, fs.readFileSync(path.join(dir, name))]));
}
