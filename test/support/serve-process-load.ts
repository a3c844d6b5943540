/** Many clients that send many commands at once, and know every byte of what they are to be answered. */
import { connect, type Socket } from 'node:net';
import { random } from './random.js';

interface Exchange {
  readonly request: Buffer;
  readonly reply: Buffer;
}

export interface LoadOptions {
  readonly port: number;
  readonly clients: number;
  /** Of each client. */
  readonly commands: number;
  /** How many it sends before it waits for their replies. */
  readonly pipeline: number;
  readonly seed: number;
}

/** Sends them all; how many replies there were. Throws at the first byte of a reply that is another one. */
export async function runLoad({ clients, commands, pipeline, ...others }: LoadOptions): Promise<number> {
  const all = Array.from({ length: clients }, async (_, index) => {
    const script = new Script(index, others.seed * 1000 + index);
    const client = await ExactClient.connect(others.port);
    for (let left = commands; left > 0; left -= pipeline) await client.exchange(script.next(Math.min(left, pipeline)));
    client.close();
    return commands;
  });
  return (await Promise.all(all)).reduce((sum, count) => sum + count, 0);
}

/** Commands of one client on keys of its own, so that it knows the replies whatever others do. */
class Script {
  private readonly next01: () => number;
  private readonly prefix: string;
  private readonly strings = new Map<string, string>();
  private readonly list: string[] = [];
  private readonly fields = new Map<string, string>();
  private readonly members = new Set<string>();
  private counter = 0;
  private entries = 0;
  private request: string[] = [];
  private reply: string[] = [];

  constructor(index: number, seed: number) {
    this.next01 = random(seed);
    this.prefix = `c${index}:`;
  }

  next(count: number): Exchange {
    this.request = [];
    this.reply = [];
    for (let left = count; left > 0; left--) this.one();
    return { request: Buffer.from(this.request.join('')), reply: Buffer.from(this.reply.join('')) };
  }

  private one(): void {
    const steps = [
      this.string,
      this.string,
      this.count,
      this.push,
      this.hash,
      this.set,
      this.sorted,
      this.stream,
      this.wrong,
    ];
    steps[this.below(steps.length)]!.call(this);
  }

  private string(): void {
    const key = `${this.prefix}s${this.below(100)}`;
    const old = this.strings.get(key);
    const way = this.below(3);
    if (way === 0) this.add(['GET', key], bulk(old));
    else if (way === 1) this.add(['STRLEN', key], `:${old?.length ?? 0}\r\n`);
    else {
      const value = 'v'.repeat(this.below(200)) + this.below(1000);
      this.strings.set(key, value);
      this.add(['SET', key, value], '+OK\r\n');
    }
  }

  private count(): void {
    this.counter++;
    this.add(['INCR', `${this.prefix}n`], `:${this.counter}\r\n`);
  }

  private push(): void {
    const key = `${this.prefix}l`;
    if (this.list.length < 50) {
      this.list.push(`e${this.below(1000)}`);
      this.add(['RPUSH', key, this.list.at(-1)!], `:${this.list.length}\r\n`);
    } else if (this.below(2) === 0) {
      this.add(['LRANGE', key, '0', '9'], `*10\r\n${this.list.slice(0, 10).map(bulk).join('')}`);
    } else this.add(['LPOP', key], bulk(this.list.shift()));
  }

  private hash(): void {
    const key = `${this.prefix}h`;
    const field = `f${this.below(50)}`;
    const old = this.fields.get(field);
    if (this.below(2) === 0) this.add(['HGET', key, field], bulk(old));
    else {
      const value = String(this.below(1e6));
      this.fields.set(field, value);
      this.add(['HSET', key, field, value], `:${old === undefined ? 1 : 0}\r\n`);
    }
  }

  private set(): void {
    const key = `${this.prefix}m`;
    const member = String(this.below(1000));
    const isThere = this.members.has(member) ? 1 : 0;
    const way = this.below(3);
    if (way === 0) this.add(['SISMEMBER', key, member], `:${isThere}\r\n`);
    else if (way === 1) {
      this.members.add(member);
      this.add(['SADD', key, member], `:${1 - isThere}\r\n`);
    } else {
      this.members.delete(member);
      this.add(['SREM', key, member], `:${isThere}\r\n`);
    }
  }

  private sorted(): void {
    const key = `${this.prefix}z${this.below(1e9)}`;
    this.request.push(command(['MULTI']), command(['ZADD', key, '1.5', 'm']), command(['DEL', key]), command(['EXEC']));
    this.reply.push('+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:1\r\n:1\r\n');
  }

  private stream(): void {
    this.entries++;
    const id = `${this.entries}-1`;
    this.add(['XADD', `${this.prefix}x`, 'MAXLEN', '100', id, 'f', 'v'], bulk(id));
  }

  private wrong(): void {
    if (this.counter === 0) this.count();
    else
      this.add(
        ['LPUSH', `${this.prefix}n`, 'x'],
        '-WRONGTYPE Operation against a key holding the wrong kind of value\r\n',
      );
  }

  private add(args: readonly string[], reply: string): void {
    this.request.push(command(args));
    this.reply.push(reply);
  }

  private below(count: number): number {
    return Math.floor(this.next01() * count);
  }
}

/** A connection that takes nothing but what is expected. */
class ExactClient {
  private expected: Buffer = Buffer.alloc(0);
  private at = 0;
  private done: () => void = () => {};
  private fail: (error: Error) => void = () => {};

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.receive(bytes));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('the server has closed the connection')));
  }

  static connect(port: number): Promise<ExactClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.once('error', reject);
      socket.once('connect', () => resolve(new ExactClient(socket)));
    });
  }

  exchange({ request, reply }: Exchange): Promise<void> {
    return new Promise((resolve, reject) => {
      this.expected = reply;
      this.at = 0;
      this.done = resolve;
      this.fail = reject;
      this.socket.write(request);
    });
  }

  close(): void {
    this.fail = () => {};
    this.socket.destroy();
  }

  private receive(bytes: Buffer): void {
    const { expected, at } = this;
    const end = at + bytes.length;
    if (end > expected.length || expected.compare(bytes, 0, bytes.length, at, end) !== 0) {
      const shown = [expected.subarray(at, at + 200), bytes.subarray(0, 200)].map((part) => part.toString('latin1'));
      this.fail(new Error(`expected ${JSON.stringify(shown[0])}, got ${JSON.stringify(shown[1])}`));
      return;
    }
    this.at = end;
    if (end === expected.length) this.done();
  }
}

function command(args: readonly string[]): string {
  let text = `*${args.length}\r\n`;
  for (const arg of args) text += `$${arg.length}\r\n${arg}\r\n`;
  return text;
}

function bulk(text: string | undefined): string {
  return text === undefined ? '$-1\r\n' : `$${text.length}\r\n${text}\r\n`;
}
