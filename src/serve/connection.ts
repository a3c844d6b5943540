/**
 * One client of a server: what it has sent and not been answered, what it has been answered and not been sent, and what the server
 * knows of it. It knows nothing of sockets: whoever has one gives it a {@link Transport}, and feeds it bytes.
 */
import type { CommandSpec } from '../aof/command-table.js';
import type { ByteString } from '../bytes/byte-string.js';
import { CommandError, type Reply, Status } from '../engine/reply.js';
import type { Session, SessionObserver } from '../engine/session.js';
import { ReplyWriter } from './reply-writer.js';
import { ProtocolError, RequestParser } from './request-parser.js';
import type { ServerContext } from './server-context.js';

/** Where the bytes of replies go. */
export interface Transport {
  /** As people write it: `127.0.0.1:50000`. */
  readonly address: string;
  readonly localAddress: string;
  /** Takes bytes, which it may keep. */
  write(bytes: Uint8Array): void;
  /** Bytes that it has taken and not sent. */
  readonly pendingBytes: number;
  /** No more is read from the client until {@link resume}. */
  pause(): void;
  resume(): void;
  /** Ends behind what was written. */
  end(): void;
  /** Ends at once. */
  destroy(): void;
}

/** In the place of a reply: there is none, or whoever gives it has written it himself. */
export const NO_REPLY: Reply = new Status('');

/** CLIENT REPLY */
export type ReplyMode = 'on' | 'off' | 'skip' | 'skip-next';

/** More than this does not wait to be sent when the next command is run: a client may ask for more than it reads. */
const MOST_UNSENT_BYTES = 64 * 1024 * 1024;

export class Connection implements SessionObserver {
  readonly session: Session;
  readonly writer: ReplyWriter;
  readonly startedMs: number;
  lastMs: number;
  name: ByteString = '';
  libraryName: ByteString = '';
  libraryVersion: ByteString = '';
  isAuthenticated: boolean;
  replyMode: ReplyMode = 'on';
  /** It waits for a key, or for something else: what it sends meanwhile is not looked at. */
  isBlocked = false;
  isMonitor = false;
  isNeverEvicted = false;
  /** It gets no more than what was written by now. */
  isEnding = false;
  isClosed = false;
  /** The last command that it has run, or is running. */
  lastCommand: CommandSpec | undefined;
  readonly channels = new Set<ByteString>();
  readonly patterns = new Set<ByteString>();
  readonly shardChannels = new Set<ByteString>();
  /** To be called when it goes, by those who keep something of it. */
  readonly onClose = new Set<() => void>();
  private readonly parser: RequestParser;
  private isHeldUp = false;

  constructor(
    readonly context: ServerContext,
    readonly transport: Transport,
    readonly id: number,
  ) {
    const { backend, config } = context;
    this.session = backend.session(this);
    this.writer = new ReplyWriter(backend.engine.settings.target);
    this.isAuthenticated = config.password === '';
    this.parser = new RequestParser({ connection: this, config });
    this.startedMs = context.clock();
    this.lastMs = this.startedMs;
  }

  /** How many channels, patterns and shard channels it listens to. */
  get subscriptions(): number {
    return this.channels.size + this.patterns.size + this.shardChannels.size;
  }

  /** Commands that it has sent wait until it has read what it was answered. */
  get isStalled(): boolean {
    return this.isHeldUp;
  }

  /** As {@link queryBytes}, with the command that is being run. */
  get heldBytes(): number {
    return this.parser.heldBytes;
  }

  /** Bytes that wait to be parsed. */
  get queryBytes(): number {
    return this.parser.pendingBytes;
  }

  /** Bytes that wait to be sent. */
  get outputBytes(): number {
    return this.writer.size + this.transport.pendingBytes;
  }

  /** Bytes from the client: every whole command among them is run, unless it blocks. */
  feed(bytes: Uint8Array): void {
    if (this.isEnding || this.isClosed) return;
    this.parser.push(bytes);
    this.lastMs = this.context.clock();
    if (this.queryBytes > this.context.config.queryBufferLimit) {
      this.close();
      return;
    }
    this.run();
  }

  /** Goes on with what has been sent: after a block, for instance. */
  run(): void {
    try {
      while (!this.isBlocked && !this.isEnding && !this.isClosed && !this.context.isHeld) {
        if (this.outputBytes > MOST_UNSENT_BYTES) {
          this.isHeldUp = true;
          return;
        }
        const args = this.parser.next();
        if (args === undefined) return;
        this.context.dispatch(this, args);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.writer.reply(new CommandError(`ERR Protocol error: ${error.message}`));
      this.endAfterReplies();
    }
  }

  refusalOf(spec: CommandSpec, queued: readonly CommandSpec[]): CommandError | undefined {
    // It waits for another server, and its reply would stand in that of EXEC, which does not wait.
    if (spec.name === 'MIGRATE' && this.session.inTransaction)
      return new CommandError('ERR MIGRATE is not allowed inside a transaction here');
    return this.context.refusalOf(spec, queued);
  }

  begins(spec: CommandSpec): number {
    this.lastCommand = spec;
    return performance.now();
  }

  ended(args: readonly ByteString[], spec: CommandSpec, reply: Reply, begun: number): void {
    this.context.ran(this, args, spec, reply, performance.now() - begun);
  }

  refused(spec: CommandSpec | undefined, error: CommandError): void {
    this.context.refused(spec, error);
  }

  /** Some of what it was answered has been sent. */
  goOn(): void {
    if (!this.isHeldUp) return;
    this.isHeldUp = false;
    this.run();
  }

  /** Answers the command in hand, unless it asked for silence. */
  reply(reply: Reply): void {
    const { replyMode } = this;
    if (reply === NO_REPLY) return;
    if (replyMode === 'on') this.writer.reply(reply);
    else if (replyMode === 'skip-next') this.replyMode = 'on';
    this.context.hasOutput(this);
  }

  /** What it has not asked for: a message of a channel. */
  push(items: readonly Reply[]): void {
    if (this.isClosed || this.isEnding) return;
    this.writer.push(items);
    this.context.hasOutput(this);
  }

  /** Hands what was written to the transport: when the store has been flushed, not before. */
  sendOutput(): void {
    if (this.isClosed) return;
    if (this.writer.size > 0) this.transport.write(this.writer.take());
    if (this.isEnding) this.transport.end();
    else if (this.outputBytes > this.context.config.outputLimitOf(this)) this.close();
    else if (this.isHeldUp) this.goOn();
  }

  endAfterReplies(): void {
    this.isEnding = true;
    this.context.hasOutput(this);
  }

  /** At once; what was not sent is lost. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.transport.destroy();
    this.gone();
  }

  /** The other side has gone. */
  gone(): void {
    this.isClosed = true;
    for (const act of this.onClose) act();
    this.onClose.clear();
    this.session.close();
    this.context.clients.delete(this.id);
  }
}
