import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import type { OurCommand } from './jobs.js';
import { BenchServer } from './server.js';
import { parseBenchmark, type ServerSample } from './store-server.js';

/** What makes a server of a program: redis-server by itself, ours by a word in front of the same settings. */
export interface ServerProgram {
  program: string;
  words: readonly string[];
}

/** What redis-benchmark is to send. */
export interface BenchmarkRun {
  /** As it calls it: `set`, `lrange_100`. */
  test: string;
  clients: number;
  pipeline: number;
  /** Keys are chosen among so many. */
  keySpace: number;
  commands: number;
}

export function ourServer({ program, first }: OurCommand): ServerProgram {
  return { program, words: [...first, 'serve'] };
}

export function redisServer(binary: string): ServerProgram {
  return { program: binary, words: [] };
}

/** A server on TCP, in a directory of its own, without a log and without save points. */
export class BenchmarkedServer {
  static async start({ program, words }: ServerProgram, benchmark: string): Promise<BenchmarkedServer> {
    const port = await freePort();
    const server = await BenchServer.start(program, ['--port', String(port)], words);
    return new BenchmarkedServer(server, port, benchmark);
  }

  private constructor(
    private readonly server: BenchServer,
    private readonly port: number,
    private readonly benchmark: string,
  ) {}

  /** No keys any more. */
  async clear(): Promise<void> {
    await this.server.command('FLUSHALL');
  }

  run({ test, clients, pipeline, keySpace, commands }: BenchmarkRun): Promise<ServerSample> {
    const how = ['-c', clients, '-P', pipeline, '-r', keySpace, '-n', commands].map(String);
    const args = ['-p', String(this.port), '-t', test, ...how, '--csv'];
    return new Promise((resolve, reject) => {
      execFile(this.benchmark, args, { encoding: 'latin1' }, (error, stdout, stderr) => {
        if (error !== null) reject(error);
        else if (/error/i.test(stderr)) reject(new Error(stderr.trim()));
        else resolve(parseBenchmark(stdout, test.toUpperCase()));
      });
    });
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}

/** A port of this machine that nobody uses at the moment. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  if (typeof address !== 'object' || address === null) throw new Error('there is no free port');
  return address.port;
}
