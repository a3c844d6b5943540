/**
 * The part of MIGRATE that is played with the other server: it is logged in to and a database is selected, then all keys go out, then their
 * replies are read, one by one. The first error decides what the client is told; a key that was acknowledged stays so.
 *
 * A server sends the keys before it has seen whether the login and the database are right, so that a database which is not there leaves
 * them in another one. Here they wait for it: one round trip more, where there is something to wait for.
 */
import { type ByteString, fromByteString } from '../bytes/byte-string.js';
import { ByteWriter } from '../bytes/writer.js';
import { CommandWriter } from '../codecs/resp.js';
import { CommandError, OK, type Reply } from '../engine/reply.js';
import { LinkError, type MigrateLink, PIECE_BYTES } from './migrate-link.js';
import type { MigrateSockets } from './migrate-sockets.js';

export interface MigrateRequest {
  readonly host: ByteString;
  readonly port: number;
  /** The number of the database there. */
  readonly db: string;
  /** How long the other side may do nothing. */
  readonly timeoutMs: number;
  readonly isCopy: boolean;
  readonly isReplace: boolean;
  /** The arguments of AUTH; empty without. */
  readonly login: readonly ByteString[];
  readonly keys: readonly ByteString[];
}

/** What RESTORE is given for a key. */
export interface MigratedValue {
  /** 0: it does not expire. */
  readonly ttlMs: number | bigint;
  readonly payload: Uint8Array;
}

/** A connection may have been closed while nobody used it: then another one is made. */
const ATTEMPTS = 2;

export class MigrateTransfer {
  /** Keys that the other server has, as it says. */
  readonly acknowledged: ByteString[] = [];
  private refusal: CommandError | undefined;
  private replies = 0;

  /** `valueAt`: undefined where the key is not there any more; throws CommandError where it cannot be sent. */
  constructor(
    private readonly request: MigrateRequest,
    private readonly valueAt: (key: ByteString) => MigratedValue | undefined,
  ) {}

  /** What the client is answered. */
  async run(sockets: MigrateSockets): Promise<Reply> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.attempt(sockets);
        return this.refusal ?? OK;
      } catch (error) {
        if (!(error instanceof LinkError)) throw error;
        if (this.refusal !== undefined) return this.refusal;
        const isWorthIt = error.reason === 'closed' && error.step !== 'connecting' && this.replies === 0;
        if (attempt === ATTEMPTS || !isWorthIt) return failed(error);
      }
    }
  }

  private async attempt(sockets: MigrateSockets): Promise<void> {
    const { host, port, timeoutMs } = this.request;
    const link = await sockets.take(host, port, timeoutMs);
    try {
      await this.talk(link);
    } catch (error) {
      link.destroy();
      throw error;
    }
    sockets.giveBack(host, port, link);
  }

  private async talk(link: MigrateLink): Promise<void> {
    const { db, timeoutMs, login } = this.request;
    const out = new LinkWriter(link, timeoutMs);
    const isSelected = link.selected === db;
    link.selected = undefined;
    if (login.length > 0) await out.command(['AUTH', ...login]);
    if (!isSelected) await out.command(['SELECT', db]);
    await out.flush();
    if (login.length > 0) this.heard(await link.reply(timeoutMs));
    if (!isSelected) this.heard(await link.reply(timeoutMs));
    if (this.refusal !== undefined) return;
    const sent = await this.sendKeys(out);
    for (const key of sent) {
      const error = await link.reply(timeoutMs);
      this.replies++;
      if (error === undefined) this.acknowledged.push(key);
      else this.heard(error);
    }
    if (this.refusal === undefined) link.selected = db;
  }

  /** Those that were sent: one whose time has come meanwhile is not. */
  private async sendKeys(out: LinkWriter): Promise<ByteString[]> {
    const sent: ByteString[] = [];
    for (const key of this.request.keys) {
      const value = this.valueIfAny(key);
      if (value === undefined) continue;
      await this.sendKey(out, key, value);
      sent.push(key);
    }
    await out.flush();
    return sent;
  }

  private async sendKey(out: LinkWriter, key: ByteString, { ttlMs, payload }: MigratedValue): Promise<void> {
    const { isReplace } = this.request;
    out.start(isReplace ? 5 : 4);
    await out.words(['RESTORE', key, String(ttlMs)]);
    await out.argument(payload);
    if (isReplace) await out.words(['REPLACE']);
  }

  private valueIfAny(key: ByteString): MigratedValue | undefined {
    try {
      return this.valueAt(key);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      this.refusal ??= error;
      return undefined;
    }
  }

  private heard(error: ByteString | undefined): void {
    if (error !== undefined) this.refusal ??= new CommandError(`ERR Target instance replied with error: ${error}`);
  }
}

/** In the words of the server, which never reads "from". */
function failed({ step }: LinkError): CommandError {
  const whom = step === 'connecting' ? 'the client' : 'target instance';
  return new CommandError(`IOERR error or timeout ${step} to ${whom}`);
}

/** Commands to another server, in pieces that are waited for: they take no memory, however many there are. */
class LinkWriter {
  private readonly out = new ByteWriter(neverFull);
  private readonly commands = new CommandWriter(this.out);

  constructor(
    private readonly link: MigrateLink,
    private readonly timeoutMs: number,
  ) {}

  start(count: number): void {
    this.commands.start(count);
  }

  async argument(bytes: Uint8Array): Promise<void> {
    const { out, commands } = this;
    commands.argumentStart(bytes.length);
    if (bytes.length <= PIECE_BYTES) out.copy(bytes);
    else {
      await this.flush();
      await this.link.write(bytes, this.timeoutMs);
    }
    commands.argumentEnd();
    if (out.pos >= PIECE_BYTES) await this.flush();
  }

  async words(words: readonly ByteString[]): Promise<void> {
    for (const word of words) await this.argument(fromByteString(word));
  }

  async command(words: readonly ByteString[]): Promise<void> {
    this.start(words.length);
    await this.words(words);
  }

  async flush(): Promise<void> {
    const { out } = this;
    await this.link.write(out.bytes.subarray(0, out.pos), this.timeoutMs);
    out.pos = 0;
  }
}

function neverFull(): never {
  throw new TypeError('what is written is sent before the buffer is full');
}
