/** Clients that take turns at a server, each over a socket of its own, and every byte that each is sent, step by step. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';

/**
 * `A BLPOP k 0`: client A sends it, and whatever anybody is sent then is written down. `A =BLPOP k 0.1`: not before it is sent
 * something. `A ~HELLO 3`: what comes of it is left out. `A !close`: it goes.
 */
export type Step = `${string} ${string}`;

const LONGEST_WAIT_MS = 10_000;

export async function playScenario(port: number, steps: readonly Step[], clear = 'FLUSHALL'): Promise<string[]> {
  const control = await RawClient.connect(port);
  const clients = new Map<string, RawClient>();
  const told: string[] = [];
  try {
    await control.ask(clear);
    for (const step of steps) {
      const [name = '', command = ''] = step.split(/ (.*)/s, 2);
      const client = clients.get(name) ?? (await RawClient.connect(port));
      clients.set(name, client);
      const isShown = !command.startsWith('~');
      if (command === '!close') client.close();
      else client.send(command.replace(/^[~=]/, ''));
      if (command.startsWith('=')) await client.anything();
      await settle(control);
      const got = [...clients].map(([who, one]) => [who, one.take()] as const).filter(([, text]) => text !== '');
      told.push(`${step} → ${isShown ? got.map(([who, text]) => `${who}: ${JSON.stringify(text)}`).join(' ') : ''}`);
    }
  } finally {
    for (const client of [control, ...clients.values()]) client.close();
  }
  return told;
}

/** When this is answered twice, the server has seen what was sent before, and everybody has what it said. */
async function settle(control: RawClient): Promise<void> {
  for (let round = 0; round < 3; round++) await control.ask('ECHO settled');
  await turn();
  await turn();
}

/** Sends bytes, and keeps those that come. */
export class RawClient {
  received = '';
  isClosed = false;

  private constructor(readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      this.received += bytes.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isClosed = true;
    });
  }

  static connect(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.removeListener('error', reject);
        resolve(new RawClient(socket));
      });
    });
  }

  /** Words between blanks. */
  send(line: string): void {
    const words = line.split(' ');
    this.write(`*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`);
  }

  write(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** A command, and what comes next. */
  async ask(line: string): Promise<string> {
    this.send(line);
    await this.anything();
    return this.take();
  }

  take(): string {
    const { received } = this;
    this.received = '';
    return received;
  }

  /** Until something is here, or nothing will be. */
  anything(): Promise<void> {
    return this.until(() => this.received !== '');
  }

  /** Until the server has closed it. */
  closed(): Promise<void> {
    return this.until(() => false);
  }

  close(): void {
    this.socket.destroy();
  }

  async until(isSo: () => boolean): Promise<void> {
    const deadline = Date.now() + LONGEST_WAIT_MS;
    while (!isSo() && !this.isClosed) {
      if (Date.now() > deadline) throw new Error('nothing has come');
      await sleep(1);
    }
  }
}
