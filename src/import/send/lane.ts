/**
 * The way to one server: a connection for the data, and one for questions that must not wait behind it. Each keeps in mind
 * which database it has selected.
 */
import { encodeCommand } from '../../codecs/resp.js';
import { type Endpoint, formatAddress } from '../target/endpoint.js';
import { Pipe, type PipeOptions, type ReplyTaker } from '../target/pipe.js';
import type { Reply } from '../target/reply-parser.js';
import { infoField } from '../target/server-facts.js';
import { TargetError } from '../target/target-error.js';

export interface LaneOptions extends PipeOptions {
  /** How many replicas are to have what was sent; undefined: one where there are any. */
  readonly waitReplicas: number | undefined;
  /** Requests without a reply that {@link Lane.drained} lets pass. */
  readonly maxPendingRequests: number;
}

/** How long a replica has to confirm a batch. */
const WAIT_TIMEOUT_MS = 1000;
const NOTHING = new Uint8Array(0);

/** A connection, and the database that is selected there. */
class DbPipe {
  private db: number;
  /** Databases are selected one after the other: what is sent in between would go to the wrong one. */
  private turn: Promise<void> | undefined;

  constructor(readonly pipe: Pipe) {
    this.db = pipe.endpoint.db;
  }

  /** As Pipe.send, once the database has been selected. Throws TargetError (NO_DATABASE) as well. */
  send(db: number, bytes: Uint8Array, count: number, take: ReplyTaker): Promise<void> {
    const { pipe, turn } = this;
    if (turn === undefined && db === this.db) return pipe.send(bytes, count, take);
    let sending: Promise<void> | undefined;
    const own = (turn ?? Promise.resolve())
      .then(async () => {
        if (db !== this.db) await pipe.ask('SELECT', String(db));
        this.db = db;
        sending = pipe.send(bytes, count, take);
        sending.catch(() => undefined);
      })
      .finally(() => {
        if (this.turn === settled) this.turn = undefined;
      });
    const settled = own.catch(() => undefined);
    this.turn = settled;
    return own.then(() => sending);
  }
}

export class Lane {
  readonly address: string;
  pendingRequests = 0;
  private readonly waiting: (() => void)[] = [];
  private asking: Promise<DbPipe> | undefined;

  private constructor(
    readonly endpoint: Endpoint,
    private readonly data: DbPipe,
    private readonly options: LaneOptions,
    /** Replicas that are waited for behind each batch. */
    public replicas: number,
  ) {
    this.address = formatAddress(endpoint);
  }

  static async open(endpoint: Endpoint, options: LaneOptions): Promise<Lane> {
    const pipe = await Pipe.connect(endpoint, options);
    try {
      const replicas = options.waitReplicas ?? Math.min(1, await countReplicas(pipe));
      return new Lane(endpoint, new DbPipe(pipe), options, replicas);
    } catch (error) {
      pipe.destroy();
      throw error;
    }
  }

  get isOpen(): boolean {
    return this.data.pipe.isOpen;
  }

  /** Resolves when more may be sent. */
  async drained(): Promise<void> {
    await this.data.pipe.drained();
    while (this.pendingRequests > this.options.maxPendingRequests && this.isOpen)
      await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** As Pipe.send, for the data. */
  async send(db: number, bytes: Uint8Array, count: number, take: ReplyTaker): Promise<void> {
    this.pendingRequests += count;
    try {
      await this.data.send(db, bytes, count, take);
    } finally {
      this.pendingRequests -= count;
      for (const resolve of this.waiting.splice(0)) resolve();
    }
  }

  /** As Pipe.send, beside the data. */
  async ask(db: number, bytes: Uint8Array, count: number, take: ReplyTaker): Promise<void> {
    this.asking ??= Pipe.connect(this.endpoint, this.options).then((pipe) => new DbPipe(pipe));
    await (await this.asking).send(db, bytes, count, take);
  }

  /** Waits for nothing. */
  destroy(): void {
    this.data.pipe.destroy();
    this.asking?.then(
      ({ pipe }) => pipe.destroy(),
      () => undefined,
    );
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

/** `WAIT replicas timeout`, or nothing. */
export function waitCommand(replicas: number): Uint8Array {
  return replicas === 0 ? NOTHING : encodeCommand(['WAIT', replicas, WAIT_TIMEOUT_MS]);
}

/** 0 where it may not be asked. */
async function countReplicas(pipe: Pipe): Promise<number> {
  let reply: Reply;
  try {
    reply = await pipe.ask('INFO', 'replication');
  } catch (error) {
    if (error instanceof TargetError && (error.code === 'NOPERM' || error.code === 'REPLY')) return 0;
    throw error;
  }
  const text = reply instanceof Uint8Array ? new TextDecoder().decode(reply) : '';
  return Number(infoField(text, 'connected_slaves') ?? 0);
}
