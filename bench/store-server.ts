import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fromEnvironment, fromPath, type Peer, probe } from './peers.js';
import { BenchServer } from './server.js';
import type { Load } from './store-load.js';

/** What redis-benchmark has found out. */
export interface ServerSample {
  perSecond: number;
  /** Of a command, from when it was sent until its reply was there, ms. */
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

/** redis-benchmark: REDIS_BENCHMARK, beside `server`, or in PATH. */
export function findRedisBenchmark(server: string, environment: NodeJS.ProcessEnv = process.env): Peer | undefined {
  const name = 'redis-benchmark';
  const beside = fromPath(name, { PATH: dirname(server) });
  const program = fromEnvironment('REDIS_BENCHMARK', environment) ?? [...beside, ...fromPath(name, environment)][0];
  if (program === undefined) return undefined;
  const version = /\bredis-benchmark (\d\S*)/.exec(probe(program, ['--version']))?.[1];
  return { name, program, version, jobs: [] };
}

/** A redis-server on `directory`, reached over its Unix socket, which costs it less than TCP would. */
export class LoadedServer {
  static async start(
    binary: string,
    benchmark: string,
    directory: string,
    options: readonly string[],
  ): Promise<LoadedServer> {
    return new LoadedServer(benchmark, await BenchServer.start(binary, ['--dir', directory, ...options]));
  }

  private constructor(
    private readonly benchmark: string,
    readonly server: BenchServer,
  ) {}

  /** `redis-benchmark -t set`, so many commands of that load. */
  run({ clients, pipeline, keySpace }: Load, commands: number): Promise<ServerSample> {
    const socket = join(this.server.directory, 'redis.sock');
    const how = ['-c', clients, '-P', pipeline, '-r', keySpace, '-n', commands].map(String);
    const args = ['-s', socket, '-t', 'set', ...how, '--csv'];
    return new Promise((resolve, reject) => {
      execFile(this.benchmark, args, { encoding: 'latin1' }, (error, stdout) => {
        if (error !== null) reject(error);
        else resolve(parseBenchmark(stdout));
      });
    });
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}

/** The line of a test in what `redis-benchmark --csv` of Redis 6.2 and later prints. Throws where there is none. */
export function parseBenchmark(csv: string, test = 'SET'): ServerSample {
  const lines = csv.split('\n').map((line) => line.split(',').map((cell) => cell.replaceAll('"', '').trim()));
  const titles = lines.find(([first]) => first === 'test') ?? [];
  const cells = lines.find(([first = '']) => first === test || first.startsWith(`${test} (first`));
  const number = (title: string): number => Number(cells?.[titles.indexOf(title)] ?? Number.NaN);
  const sample = {
    perSecond: number('rps'),
    p50Ms: number('p50_latency_ms'),
    p99Ms: number('p99_latency_ms'),
    maxMs: number('max_latency_ms'),
  };
  if (Object.values(sample).some(Number.isNaN)) throw new Error(`redis-benchmark printed ${JSON.stringify(csv)}`);
  return sample;
}
