import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { Prng } from './generate/prng.js';
import { median, warmCache } from './measure.js';
import { ensureLargeFile } from './memory.js';
import { chooseMeter } from './meter.js';
import type { ServeOptions } from './serve.js';
import { freePort, ourServer, redisServer } from './serve-server.js';
import { type Column, formatMegabytes, formatSeconds, formatTable, type TableStyle } from './table.js';
import { FIRST_GET } from './targets.js';

/** What one process took until it had answered. */
export interface FirstGet {
  /** From just before the spawn. */
  firstMs: number;
  /** The most memory up to then. */
  firstRssBytes: number | undefined;
  /** Of the GET of a key at random, one after the other, behind the first. */
  nextMs: number;
  /** The most memory behind all of them. */
  lastRssBytes: number | undefined;
}

export interface DumpRow {
  who: string;
  fileBytes: number;
  rounds: readonly FirstGet[];
  isOurs: boolean;
  failure: string | undefined;
}

export interface DumpOptions extends ServeOptions {
  directory: string;
}

/** Of the large file of strings, which is 2 GB. */
const SHARE = 0.2;
const NEXT_GETS = 10_000;
const TRY_AGAIN_MS = 2;
const LONGEST_MS = 120_000;

const COLUMNS: readonly Column[] = [
  { title: 'who', align: 'left' },
  { title: 'file MB', align: 'right' },
  { title: 'first GET s', align: 'right' },
  { title: 'min', align: 'right' },
  { title: 'max', align: 'right' },
  { title: 'target', align: 'right' },
  { title: 'peak MB', align: 'right' },
  { title: 'target', align: 'right' },
  { title: '', align: 'left' },
  { title: 'next GET ms', align: 'right' },
  { title: 'peak MB', align: 'right' },
];

export const DUMP_NOTE =
  'A dump of strings of 100 bytes, 3.4 million keys in 400 MB, which is in the page cache: `rdb-inspect serve dump.rdb`, and redis-server ' +
  'with the file as its own. From the start of the process to the reply to a first GET, and the peak of resident memory then; after ' +
  'that the mean time of 10,000 GETs of keys at random, one after the other.';

/** Ours and the server's in turn. */
export async function measureDump(options: DumpOptions): Promise<DumpRow[]> {
  const { scale, rounds, log } = options;
  const directory = join(options.directory, 'serve');
  const file = ensureLargeFile('dump', { directory, scale: scale * SHARE, server: undefined, log });
  const fileBytes = statSync(file).size;
  warmCache(file);
  const own = ourServer(options.our);
  const theirs = redisServer(options.server);
  const place = ['--dir', dirname(file), '--dbfilename', basename(file), '--save', ''];
  const rows = [
    { who: 'rdb-inspect serve', isOurs: true, program: own.program, args: [...own.words, file] },
    { who: 'redis-server', isOurs: false, program: theirs.program, args: [...theirs.words, ...place] },
  ].map((row) => ({ ...row, fileBytes, rounds: [] as FirstGet[], failure: undefined as string | undefined }));
  for (let round = 0; round < rounds; round++) {
    log(`measuring the first GET, round ${round + 1}`);
    for (const row of rows) {
      if (row.failure !== undefined) continue;
      try {
        row.rounds.push(await firstGet(row.program, row.args, keysOf(fileBytes)));
      } catch (error) {
        row.failure = error instanceof Error ? error.message : String(error);
      }
    }
  }
  return rows.map(({ who, isOurs, rounds, failure }) => ({ who, isOurs, fileBytes, rounds, failure }));
}

/** At least so many are in a file of that size (generate/large.ts). */
function keysOf(fileBytes: number): number {
  return Math.floor(fileBytes / 120);
}

async function firstGet(program: string, args: readonly string[], keys: number): Promise<FirstGet> {
  const port = await freePort();
  const meter = chooseMeter();
  const command = meter.start({ program, args: [...args, '--port', String(port)] });
  const started = performance.now();
  const child = spawn(command.program, command.args, { stdio: 'ignore' });
  const endAtOnce = (): void => void child.kill('SIGKILL');
  process.once('exit', endAtOnce);
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const peak = (): number | undefined => {
    meter.poll(child.pid);
    return meter.stop().peakRssBytes;
  };
  const random = new Prng(1);
  const key = (): string => `user:${String(random.next32() % keys).padStart(9, '0')}`;
  try {
    const client = await Client.answered(port, key(), () => child.exitCode !== null);
    const firstMs = performance.now() - started;
    const firstRssBytes = peak();
    const nextStarted = performance.now();
    for (let left = NEXT_GETS; left > 0; left--) await client.get(key());
    const nextMs = (performance.now() - nextStarted) / NEXT_GETS;
    client.close();
    return { firstMs, firstRssBytes, nextMs, lastRssBytes: peak() };
  } finally {
    process.off('exit', endAtOnce);
    endAtOnce();
    await closed;
  }
}

class Client {
  private received = '';
  private wake: () => void = () => {};

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      this.received += bytes.toString('latin1');
      this.wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => this.wake());
  }

  /** Asks again and again until there is somebody who has the data. */
  static async answered(port: number, key: string, hasEnded: () => boolean): Promise<Client> {
    for (const deadline = performance.now() + LONGEST_MS; performance.now() < deadline && !hasEnded(); ) {
      const client = await Client.connect(port);
      if (client !== undefined && !(await client.get(key)).startsWith('-')) return client;
      client?.close();
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
    }
    throw new Error(hasEnded() ? 'the server has ended' : 'the server has not answered');
  }

  /** Undefined where nobody listens. */
  private static connect(port: number): Promise<Client | undefined> {
    return new Promise((resolve) => {
      const socket = createConnection(port, '127.0.0.1', () => resolve(new Client(socket)));
      socket.once('error', () => resolve(undefined));
    });
  }

  /** The reply as it came; an error where the connection ends. */
  async get(key: string): Promise<string> {
    this.received = '';
    this.socket.write(`*2\r\n$3\r\nGET\r\n$${key.length}\r\n${key}\r\n`);
    while (!isWhole(this.received)) {
      if (this.socket.closed) return '-closed\r\n';
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return this.received;
  }

  close(): void {
    this.socket.destroy();
  }
}

/** An error, nil, or a bulk that ends where it says. */
function isWhole(reply: string): boolean {
  const lineEnd = reply.indexOf('\r\n');
  if (lineEnd < 0) return false;
  const size = reply.startsWith('$') ? Number(reply.slice(1, lineEnd)) : -1;
  return size < 0 || reply.length >= lineEnd + 2 + size + 2;
}

/** The table people read. */
export function formatDump(rows: readonly DumpRow[], style: TableStyle): string {
  const cells = rows.map(({ who, fileBytes, rounds, isOurs, failure }) => {
    const times = rounds.map(({ firstMs }) => firstMs);
    const rss = median(rounds.flatMap(({ firstRssBytes }) => firstRssBytes ?? []));
    const nextMs = median(rounds.map((round) => round.nextMs));
    const spread =
      times.length === 0 ? [undefined, undefined, undefined] : [median(times), Math.min(...times), Math.max(...times)];
    const isMet = (median(times) ?? Infinity) <= FIRST_GET.ms && (rss ?? 0) <= FIRST_GET.rssBytes;
    return [
      who,
      formatMegabytes(fileBytes),
      ...spread.map(formatSeconds),
      isOurs ? `<= ${formatSeconds(FIRST_GET.ms)}` : '',
      formatMegabytes(rss),
      isOurs ? `<= ${formatMegabytes(FIRST_GET.rssBytes)}` : '',
      failure !== undefined ? 'failed' : isOurs ? (isMet ? 'ok' : 'MISS') : '',
      nextMs === undefined ? '–' : nextMs.toFixed(3),
      formatMegabytes(median(rounds.flatMap(({ lastRssBytes }) => lastRssBytes ?? []))),
    ];
  });
  return formatTable(COLUMNS, cells, style);
}
