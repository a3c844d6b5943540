/** What the target says of the keys of a batch: type, expiry, and digest or number of elements. */
import { Slice } from '../../bytes/slice.js';
import type { CommandWriter } from '../../codecs/resp.js';
import type { ValueType } from '../../rdb/model.js';
import type { Endpoint } from '../target/endpoint.js';
import { ErrorReply, type Reply } from '../target/reply-parser.js';
import { replyError } from '../target/target-error.js';
import type { Abilities } from './abilities.js';
import type { KeyBatch } from './key-batch.js';
import type { TargetLinks } from './links.js';
import { numberOf } from './reply-values.js';

/** Type of a key that is not there. */
export const NONE = 'none';

const COUNT_COMMANDS: Readonly<Partial<Record<ValueType, string>>> = {
  string: 'STRLEN',
  list: 'LLEN',
  set: 'SCARD',
  zset: 'ZCARD',
  hash: 'HLEN',
  stream: 'XLEN',
};
/** Of databases that are not there, and of clusters. */
const NO_DATABASE = /^ERR (?:DB index is out of range|invalid DB index|SELECT is not allowed)/;

export class KeyAnswers {
  readonly type: string[] = [];
  /** Unix ms; negative: none. */
  readonly expireAtMs: Float64Array;
  /** As DEBUG DIGEST-VALUE prints it; undefined where it was not asked for, or refused. */
  readonly digest: (string | undefined)[] = [];
  /** NaN where it is not known. */
  readonly count: Float64Array;
  /** Keys whose database the target does not have. */
  readonly homeless = new Set<number>();
  private readonly name = new Slice();

  constructor(
    private readonly batch: KeyBatch,
    private readonly links: TargetLinks,
    private readonly abilities: Abilities,
  ) {
    this.expireAtMs = new Float64Array(batch.count);
    this.count = new Float64Array(batch.count).fill(Number.NaN);
  }

  /** Everything that is asked of all keys. @throws TargetError */
  async askAll(): Promise<void> {
    const { abilities, batch } = this;
    const { expireTime } = abilities;
    // PTTL counts from the server's own clock, which is asked right behind it.
    const parts = expireTime ? 3 : 4;
    await this.ask(
      Array.from({ length: batch.count }, (_, item) => item),
      parts,
      (writer, item, part) => {
        if (part === 0) this.write(writer, item, 'TYPE');
        else if (part === 1) this.write(writer, item, expireTime ? 'PEXPIRETIME' : 'PTTL');
        else if (part === parts - 1) this.writeValueQuestion(writer, item);
        else writer.command('TIME');
      },
      (item, part, reply) => {
        if (part === 0) this.takeType(item, reply);
        else if (part === 1) this.takeExpiry(item, reply);
        else if (part === parts - 1) this.takeValueAnswer(item, reply);
        else this.expireAtMs[item] = absolute(this.expireAtMs[item]!, reply);
      },
    );
  }

  /** The numbers of elements that are not known so far. @throws TargetError */
  async askCounts(items: readonly number[]): Promise<void> {
    const left = items.filter((item) => Number.isNaN(this.count[item]!) && this.countCommand(item) !== undefined);
    await this.ask(
      left,
      1,
      (writer, item) => this.write(writer, item, this.countCommand(item)!),
      (item, _part, reply) => this.takeCount(item, reply),
    );
  }

  /** DUMP of some keys. @throws TargetError, and what `take` throws */
  async askPayloads(items: readonly number[], take: (item: number, reply: Reply) => void): Promise<void> {
    await this.ask(
      items,
      1,
      (writer, item) => this.write(writer, item, 'DUMP'),
      (item, _part, reply) => take(item, reply),
    );
  }

  endpointOf(item: number): Endpoint {
    const { servers } = this.links;
    return servers.nodeOfSlot(servers.kind === 'cluster' ? this.batch.slotOf(item) : 0);
  }

  /** Asks the same commands about some keys, database by database. */
  private async ask(
    items: readonly number[],
    parts: number,
    write: (writer: CommandWriter, item: number, part: number) => void,
    take: (item: number, part: number, reply: Reply) => void,
  ): Promise<void> {
    const byDb = new Map<number, number[]>();
    for (const item of items) {
      const db = this.batch.db[item]!;
      const known = byDb.get(db);
      if (known === undefined) byDb.set(db, [item]);
      else known.push(item);
    }
    const endpointOf = (item: number): Endpoint => this.endpointOf(item);
    for (const [db, some] of byDb) await this.links.ask({ db, parts, endpointOf, write, take }, some);
  }

  private write(writer: CommandWriter, item: number, ...words: string[]): void {
    this.batch.readName(item, this.name);
    writer.start(1 + words.length);
    writer.arguments(...words);
    writer.slice(this.name);
  }

  private writeValueQuestion(writer: CommandWriter, item: number): void {
    if (this.isDigested(item)) this.write(writer, item, 'DEBUG', 'DIGEST-VALUE');
    else this.write(writer, item, this.countCommand(item) ?? 'EXISTS');
  }

  /** What has to be read anyway needs no digest, unless reading it takes long. */
  private isDigested(item: number): boolean {
    const { batch, abilities } = this;
    return abilities.digest && (batch.isDeep[item] === 0 || batch.large.has(item));
  }

  private countCommand(item: number): string | undefined {
    return COUNT_COMMANDS[this.batch.typeOf(item)];
  }

  private takeType(item: number, reply: Reply): void {
    this.homeless.delete(item);
    this.type[item] = NONE;
    if (!(reply instanceof ErrorReply)) this.type[item] = String(reply);
    else if (NO_DATABASE.test(reply.text)) this.homeless.add(item);
    else throw replyError(reply.text, '');
  }

  private takeExpiry(item: number, reply: Reply): void {
    if (reply instanceof ErrorReply && !this.homeless.has(item)) throw replyError(reply.text, '');
    this.expireAtMs[item] = reply instanceof ErrorReply ? -1 : numberOf(reply);
  }

  private takeValueAnswer(item: number, reply: Reply): void {
    if (this.isDigested(item)) this.digest[item] = Array.isArray(reply) ? String(reply[0]) : undefined;
    else this.takeCount(item, reply);
  }

  private takeCount(item: number, reply: Reply): void {
    const isCount = this.countCommand(item) !== undefined && typeof reply === 'number';
    this.count[item] = isCount ? reply : Number.NaN;
  }
}

/** A time to live at the time that TIME has answered, as a time; −1 and −2 are none. */
function absolute(ttlMs: number, reply: Reply): number {
  if (ttlMs < 0) return ttlMs;
  const [seconds, micros] = Array.isArray(reply) ? (reply as readonly Reply[]) : [];
  if (seconds === undefined || micros === undefined) return Date.now() + ttlMs;
  return numberOf(seconds) * 1000 + Math.floor(numberOf(micros) / 1000) + ttlMs;
}
