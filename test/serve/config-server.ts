/** A server with a configuration of its own, on a store in memory: what tests of CONFIG and INFO ask. */

import { CONFIG_COMMANDS } from '../../src/serve/commands/config.js';
import { SERVE_COMMANDS } from '../../src/serve/commands/index.js';
import { INFO_COMMANDS } from '../../src/serve/commands/info.js';
import { ServerConfig, type ServerConfigOptions } from '../../src/serve/config/server-config.js';
import { Server } from '../../src/serve/server.js';
import { StoreBackend } from '../../src/serve/store-backend.js';
import { encodeCommand } from '../support/resp-client.js';
import { decodeReply, type Reply, ReplyError } from '../support/resp-replies.js';
import { StoreSite } from '../support/store-site.js';
import { TestClient } from './commands-server.js';

export class ConfiguredServer {
  private constructor(
    readonly site: StoreSite,
    readonly config: ServerConfig,
    readonly server: Server,
    readonly client: TestClient,
  ) {}

  static async open(options: ServerConfigOptions = {}): Promise<ConfiguredServer> {
    const config = new ServerConfig(options);
    const site = await new StoreSite().open({ ...config.storeOptions, dir: 'd' });
    const commands = { ...SERVE_COMMANDS, ...CONFIG_COMMANDS, ...INFO_COMMANDS };
    const server = new Server({
      backend: new StoreBackend(site.store, commands),
      config,
      clock: () => site.nowMs,
      onEnd: () => undefined,
      onWarning: (_, cause) => {
        throw cause;
      },
    });
    config.attach({ engine: site.store.engine, store: site.store, files: site.files });
    return new ConfiguredServer(site, config, server, new TestClient(server, '127.0.0.1:50000'));
  }

  /** One command: its reply, an error as its text. */
  async send(...words: readonly string[]): Promise<unknown> {
    this.client.connection.feed(encodeCommand(words.map((word) => Buffer.from(word, 'latin1'))));
    const bytes = Buffer.from(await this.client.take(), 'latin1');
    return asText(decodeReply({ bytes, pos: 0, wanted: 1, exact: true })!);
  }

  close(): void {
    this.site.store.abandon();
  }
}

/** Bytes and errors as text, one character per byte. */
export function asText(reply: Reply): unknown {
  if (reply instanceof ReplyError) return `-${reply.message}`;
  if (reply instanceof Uint8Array) return Buffer.from(reply).toString('latin1');
  return Array.isArray(reply) ? reply.map(asText) : reply;
}

/** Names and values, from an array that has them in turn. */
export function pairsIn(reply: unknown): Map<string, string> {
  const words = reply as string[];
  return new Map(Array.from({ length: words.length / 2 }, (_, at) => [words[at * 2]!, words[at * 2 + 1]!]));
}

/** The fields of INFO by section. */
export function infoFields(text: unknown): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const part of String(text).split('# ').slice(1)) {
    const [title = '', ...lines] = part.split('\r\n');
    const fields = lines.filter((line) => line !== '').map((line) => line.split(/:(.*)/, 2) as [string, string]);
    found.set(title, new Map(fields));
  }
  return found;
}
