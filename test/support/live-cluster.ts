/** A real cluster on loopback: primaries, and a replica for each. */
import { freePort } from './free-port.js';
import { type LiveServer, type ServerOptions, startServer } from './live-server.js';
import { until } from './until.js';

export interface LiveCluster {
  /** In no order that means anything. */
  readonly nodes: readonly LiveServer[];
  readonly url: string;
  /** The nodes that are primaries now. */
  primaries(): Promise<LiveServer[]>;
  /** A replica of a primary, by the primary's own list. */
  replicaOf(primary: LiveServer): Promise<LiveServer>;
  stop(): Promise<void>;
}

/** Throws where it does not come up. */
export async function startCluster(primaries = 3, replicasEach = 1, options: ServerOptions = {}): Promise<LiveCluster> {
  const count = primaries * (1 + replicasEach);
  const nodes: LiveServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    for (let index = 0; index < count; index++) {
      const args = ['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())];
      const tuning = ['--cluster-node-timeout', '2000', '--repl-diskless-sync-delay', '0', '--appendonly', 'no'];
      nodes.push(await startServer({ ...options, args: [...args, ...tuning, ...(options.args ?? [])] }));
    }
    const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
    const created = await nodes[0]!.cli(
      '--cluster',
      'create',
      ...addresses,
      '--cluster-replicas',
      String(replicasEach),
      '--cluster-yes',
    );
    if (!created.includes('All 16384 slots covered')) throw new Error(created);
    await until(async () => (await Promise.all(nodes.map(isReady))).every(Boolean));
    const isPrimary = async (node: LiveServer): Promise<boolean> =>
      String(await node.send('INFO', 'replication')).includes('role:master');
    return {
      nodes,
      url: `redis://${addresses[0]}`,
      async primaries() {
        const found: LiveServer[] = [];
        for (const node of nodes) if (await isPrimary(node).catch(() => false)) found.push(node);
        return found;
      },
      async replicaOf(primary) {
        const info = String(await primary.send('INFO', 'replication'));
        const port = Number(/slave0:.*port=(\d+)/.exec(info)?.[1]);
        return nodes.find((node) => node.port === port)!;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function isReady(node: LiveServer): Promise<boolean> {
  const info = String(await node.send('CLUSTER', 'INFO'));
  const replication = String(await node.send('INFO', 'replication'));
  const isLinked = !replication.includes('role:slave') || replication.includes('master_link_status:up');
  return info.includes('cluster_state:ok') && isLinked;
}
