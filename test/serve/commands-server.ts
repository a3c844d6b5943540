/** A server on a store in memory, and clients of it without sockets: what tests of its commands ask. */
import { SERVE_COMMANDS } from '../../src/serve/commands/index.js';
import type { Connection, Transport } from '../../src/serve/connection.js';
import { Server, type ServerOptions } from '../../src/serve/server.js';
import { StoreBackend } from '../../src/serve/store-backend.js';
import type { StoreOptions } from '../../src/store/index.js';
import { StoreSite } from '../support/store-site.js';

/** The settings that commands look at, to be changed while a test runs. */
export interface TestConfig {
  password: string;
  slowerThanUsec: number;
  latencyThresholdMs: number;
  maxMemoryBytes: number;
  refusesBeyondMemory: boolean;
  wantsReplicas: boolean;
}

export interface TestServer {
  readonly server: Server;
  readonly site: StoreSite;
  readonly config: TestConfig;
  readonly warnings: string[];
  connect(): TestClient;
}

export async function openServer(options: Partial<StoreOptions> = {}): Promise<TestServer> {
  const site = await new StoreSite().open(options);
  const config = {
    password: '',
    slowerThanUsec: -1,
    slowLogLength: 128,
    latencyThresholdMs: 0,
    tracksLatency: true,
    maxMemoryBytes: 0,
    refusesBeyondMemory: true,
    wantsReplicas: false,
    maxClients: 1000,
    maxBulkBytes: 2 ** 29,
    queryBufferLimit: 2 ** 30,
    eventLetters: new Set<string>(),
    outputLimitOf: () => Infinity,
    text: () => 'yes',
  };
  const warnings: string[] = [];
  const server = new Server({
    backend: new StoreBackend(site.store, SERVE_COMMANDS),
    config: config as unknown as ServerOptions['config'],
    clock: () => site.nowMs,
    onEnd: () => undefined,
    onWarning: (text) => warnings.push(text),
  });
  let port = 50_000;
  return { server, site, config, warnings, connect: () => new TestClient(server, `127.0.0.1:${++port}`) };
}

/** One client: it sends lines, and is given the bytes that came back, one character each. */
export class TestClient implements Transport {
  readonly localAddress = '127.0.0.1:6379';
  readonly pendingBytes = 0;
  readonly connection: Connection;
  isEnded = false;
  private received = '';

  constructor(
    server: Server,
    readonly address: string,
  ) {
    this.connection = server.connect(this);
  }

  /** Sends lines at once; what has come when nothing more is going on. */
  async send(...lines: readonly string[]): Promise<string> {
    this.feed(...lines);
    return await this.take();
  }

  /** Sends lines, and waits for nothing. */
  feed(...lines: readonly string[]): void {
    this.connection.feed(Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1'));
  }

  /** What has come since the last time. */
  async take(): Promise<string> {
    for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
    const { received } = this;
    this.received = '';
    return received;
  }

  /** As {@link take}, as soon as something has come. */
  async next(): Promise<string> {
    for (;;) {
      const received = await this.take();
      if (received !== '' || this.isEnded) return received;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  write(bytes: Uint8Array): void {
    this.received += Buffer.from(bytes).toString('latin1');
  }

  pause(): void {}

  resume(): void {}

  end(): void {
    this.isEnded = true;
    this.connection.gone();
  }

  destroy(): void {
    this.isEnded = true;
  }
}
