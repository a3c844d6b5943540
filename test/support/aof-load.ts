/** Logs that a real server wrote under load, a plain reading of them to hold ours against, and redis-check-aof. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startServer } from './live-server.js';
import { random } from './random.js';

/** One item of a log. */
export interface PlainItem {
  readonly start: number;
  readonly end: number;
  /** Undefined for an annotation. */
  readonly args: readonly Buffer[] | undefined;
}

/** Every item of a whole log, read in the simplest way. */
export function plainItems(bytes: Uint8Array): PlainItem[] {
  const log = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const items: PlainItem[] = [];
  let pos = 0;
  const line = (): string => {
    const end = log.indexOf('\n', pos);
    const text = log.toString('latin1', pos, end + 1);
    pos = end + 1;
    return text;
  };
  while (pos < log.length) {
    const start = pos;
    const head = line();
    let args: Buffer[] | undefined;
    if (head.startsWith('*')) {
      args = [];
      for (let left = Number(head.slice(1).trim()); left > 0; left--) {
        const size = Number(line().slice(1).trim());
        args.push(log.subarray(pos, pos + size));
        pos += size + 2;
      }
    }
    items.push({ start, end: pos, args });
  }
  return items;
}

/** The commands that a server has applied when the log ends at `cut`: whole ones, those of an open MULTI left out. */
export function committedBefore(items: readonly PlainItem[], cut: number): PlainItem[] {
  const applied: PlainItem[] = [];
  let queued: PlainItem[] | undefined;
  for (const item of items) {
    if (item.end > cut) break;
    const name = item.args?.[0]?.toString('latin1').toUpperCase();
    if (name === undefined) continue;
    if (name === 'MULTI') queued = [];
    else if (name === 'EXEC') {
      applied.push(...queued!);
      queued = undefined;
    } else (queued ?? applied).push(item);
  }
  return applied;
}

/** Offset behind the last whole item outside of a transaction, where the log ends at `cut`. */
export function wholeUpTo(items: readonly PlainItem[], cut: number): number {
  let end = 0;
  let isInside = false;
  for (const item of items) {
    // The last annotation needs no line end, and not even its text.
    const isCut = item.end > cut;
    if (isCut && (item.args !== undefined || item.start >= cut)) break;
    const name = item.args?.[0]?.toString('latin1').toUpperCase();
    if (name === 'MULTI') isInside = true;
    else if (name === 'EXEC') isInside = false;
    if (!isInside) end = Math.min(item.end, cut);
  }
  return end;
}

/** The increment of a log that a server wrote: annotations, transactions, several databases, values of up to 2 KiB. */
export async function writtenLog(seed: number, commands: number): Promise<Buffer> {
  const args = ['--appendonly', 'yes', '--aof-use-rdb-preamble', 'no', '--aof-timestamp-enabled', 'yes'];
  const server = await startServer({ args: [...args, '--auto-aof-rewrite-percentage', '0'] });
  try {
    const next = random(seed);
    const pick = (most: number): number => Math.floor(next() * most);
    const one = async (): Promise<unknown> => {
      const key = `k${pick(20)}`;
      switch (pick(8)) {
        case 0:
          return server.send('SET', `s${key}`, Buffer.alloc(pick(2048), pick(256)));
        case 1:
          return server.send('RPUSH', `l${key}`, `a${pick(100)}`, 'b\r\n*1\r\n$4\r\nPING\r\n');
        case 2:
          return server.send('HSET', `h${key}`, `f${pick(10)}`, `v${pick(1000)}`);
        case 3:
          return server.send('INCRBY', `n${key}`, pick(1000));
        case 4:
          return server.send('SADD', `t${key}`, `m${pick(50)}`);
        case 5:
          return server.send('ZADD', `z${key}`, pick(1000), `m${pick(50)}`);
        case 6:
          return server.send('SELECT', pick(3));
        default:
          return server.send('SET', `e${key}`, 'x', 'PXAT', 4_102_444_800_000);
      }
    };
    for (let count = 0; count < commands; count++) {
      if (pick(8) === 0) {
        await server.send('MULTI');
        for (let left = 2 + pick(4); left > 0; left--) await one();
        await server.send('EXEC');
      } else await one();
      // For annotations of more than one second.
      if (count === Math.floor(commands / 2)) await new Promise((resolve) => setTimeout(resolve, 1100));
    }
    await server.send('CONFIG', 'SET', 'appendfsync', 'always');
    await server.send('SET', 'last', '1');
    return readFileSync(join(server.dir, 'appendonlydir', 'appendonly.aof.1.incr.aof'));
  } finally {
    await server.stop();
  }
}

/** What redis-check-aof says of a file: its verdict, and the numbers of each `AOF analyzed` line. */
export interface CheckAofResult {
  readonly ok: boolean;
  readonly files: readonly {
    readonly sizeBytes: number;
    readonly okUpTo: number;
    readonly line: number;
    readonly diff: number;
  }[];
  readonly output: string;
}

export function runCheckAof(path: string): Promise<CheckAofResult> {
  const sibling = join(dirname(process.env.REDIS_SERVER ?? ''), 'redis-check-aof');
  return new Promise((resolve) => {
    execFile(existsSync(sibling) ? sibling : 'redis-check-aof', [path], (error, stdout, stderr) => {
      const output = stdout + stderr;
      const files = [...output.matchAll(/size=(\d+), ok_up_to=(\d+), ok_up_to_line=(\d+), diff=(\d+)/g)].map(
        ([, size, okUpTo, line, diff]) => ({
          sizeBytes: Number(size),
          okUpTo: Number(okUpTo),
          line: Number(line),
          diff: Number(diff),
        }),
      );
      resolve({ ok: error === null, files, output });
    });
  });
}
