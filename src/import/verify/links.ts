/**
 * Questions to the servers of a target, as many at once as one likes: they go to the node that has the key, in one buffer per
 * node, and are asked again where a connection breaks, a slot has moved, or a server is busy. They change nothing, so asking
 * twice is harmless.
 */
import { ByteWriter } from '../../bytes/writer.js';
import { type CommandArgument, CommandWriter } from '../../codecs/resp.js';
import { Patience } from '../send/patience.js';
import { type Endpoint, endpointAt, formatAddress } from '../target/endpoint.js';
import { Pipe, type PipeOptions } from '../target/pipe.js';
import { ErrorReply, type Reply } from '../target/reply-parser.js';
import type { TargetServers } from '../target/servers.js';
import { type Redirect, replyError, TargetError } from '../target/target-error.js';

/** The same commands of each of some items. */
export interface Question {
  readonly db: number;
  /** Commands per item. */
  readonly parts: number;
  /** Who is asked. @throws TargetError */
  endpointOf(item: number): Endpoint;
  /** One command. */
  write(writer: CommandWriter, item: number, part: number): void;
  /** Its reply; of an item that has to be asked again, more than once, and the last one counts. */
  take(item: number, part: number, reply: Reply): void;
}

export interface LinksOptions {
  readonly pipe: PipeOptions;
  readonly retryMs: number;
  readonly onRetry: ((error: Error, waitMs: number) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** A connection. */
interface Link {
  readonly pipe: Pipe;
  /** It may be in another database than that of its endpoint. */
  hasSelected: boolean;
}

/** What one node is asked. */
interface Errand {
  readonly endpoint: Endpoint;
  readonly items: number[];
  /** The slot is on its way to this node: each command is announced by ASKING. */
  readonly isAsking: boolean;
}

/** Items without an answer, and why. */
interface Unanswered {
  readonly items: Set<number>;
  /** Where they may be instead, for once. */
  readonly redirects: Map<number, Endpoint>;
  error: TargetError | undefined;
}

export class TargetLinks {
  private readonly links = new Map<string, Promise<Link>>();
  private readonly buffers: CommandWriter[] = [];

  constructor(
    readonly servers: TargetServers,
    private readonly options: LinksOptions,
  ) {}

  /**
   * Asks about `items` until each has had its answers. Error replies are answers, unless they may be others a while later.
   *
   * @throws TargetError; the reason of the signal; what the question's own functions throw
   */
  async ask(question: Question, items: readonly number[]): Promise<void> {
    const { signal, retryMs, onRetry } = this.options;
    const patience = new Patience({ servers: this.servers, retryMs, onRetry, signal });
    let left: Iterable<number> = items;
    let redirects: ReadonlyMap<number, Endpoint> = new Map();
    for (;;) {
      signal?.throwIfAborted();
      const unanswered: Unanswered = { items: new Set(), redirects: new Map(), error: undefined };
      const errands = plan(question, left, redirects, unanswered);
      await Promise.all(errands.map((errand) => this.run(question, errand, unanswered)));
      if (unanswered.error === undefined) return;
      left = unanswered.items;
      redirects = unanswered.redirects;
      await patience.afterFailure(unanswered.error);
    }
  }

  /** One command to the node that `endpointOf` names at the moment. Error replies are replies. @throws as {@link ask} */
  async one(db: number, endpointOf: () => Endpoint, ...args: readonly CommandArgument[]): Promise<Reply> {
    let answer: Reply = null;
    const write = (writer: CommandWriter): void => writer.command(...args);
    const take = (_item: number, _part: number, reply: Reply): void => {
      answer = reply;
    };
    await this.ask({ db, parts: 1, endpointOf, write, take }, [0]);
    return answer;
  }

  /** Ends all connections at once. */
  async close(): Promise<void> {
    for (const link of this.links.values()) (await link.catch(() => undefined))?.pipe.destroy();
    this.links.clear();
  }

  private async run(question: Question, errand: Errand, unanswered: Unanswered): Promise<void> {
    const { options } = this;
    const writer = this.buffers.pop() ?? new CommandWriter(new ByteWriter(() => undefined));
    try {
      const link = await this.linkTo(errand.endpoint);
      await link.pipe.drained();
      await send(link, question, errand, writer, unanswered);
    } catch (error) {
      if (options.signal?.aborted) throw options.signal.reason;
      if (!(error instanceof TargetError && error.isTransient)) throw error;
      for (const item of errand.items) unanswered.items.add(item);
      unanswered.error = error;
    }
    writer.out.pos = 0;
    this.buffers.push(writer);
  }

  private async linkTo(endpoint: Endpoint): Promise<Link> {
    const { links, options } = this;
    const address = formatAddress(endpoint);
    for (let known = links.get(address); known !== undefined; known = links.get(address)) {
      const link = await known.catch(() => undefined);
      if (link?.pipe.isOpen) return link;
      if (links.get(address) === known) links.delete(address);
    }
    const made = Pipe.connect(endpoint, options.pipe).then((pipe) => ({ pipe, hasSelected: false }));
    links.set(address, made);
    return made;
  }
}

/** Items by node. Those that nobody is there for stay unanswered. */
function plan(
  question: Question,
  items: Iterable<number>,
  redirects: ReadonlyMap<number, Endpoint>,
  unanswered: Unanswered,
): Errand[] {
  const errands = new Map<string, Errand>();
  let last: Errand | undefined;
  for (const item of items) {
    const redirect = redirects.get(item);
    let endpoint: Endpoint;
    try {
      endpoint = redirect ?? question.endpointOf(item);
    } catch (error) {
      if (!(error instanceof TargetError && error.isTransient)) throw error;
      unanswered.items.add(item);
      unanswered.error = error;
      continue;
    }
    const isAsking = redirect !== undefined;
    if (last?.endpoint !== endpoint || last.isAsking !== isAsking) {
      const name = `${formatAddress(endpoint)} ${isAsking}`;
      last = errands.get(name) ?? { endpoint, items: [], isAsking };
      errands.set(name, last);
    }
    last.items.push(item);
  }
  return [...errands.values()];
}

async function send(
  link: Link,
  question: Question,
  { endpoint, items, isAsking }: Errand,
  writer: CommandWriter,
  unanswered: Unanswered,
): Promise<void> {
  const { pipe } = link;
  const { db, parts } = question;
  // Nothing is handed on while the mark stands: the bytes must stay as they are until the replies have come.
  writer.out.mark();
  if (db !== endpoint.db) link.hasSelected = true;
  const heads = link.hasSelected ? 1 : 0;
  if (heads > 0) writer.command('SELECT', db);
  for (const item of items) {
    for (let part = 0; part < parts; part++) {
      if (isAsking) writer.command('ASKING');
      question.write(writer, item, part);
    }
  }
  const { bytes, pos } = writer.out;
  const repliesPerPart = isAsking ? 2 : 1;
  const count = heads + items.length * parts * repliesPerPart;
  let selectFailure: ErrorReply | undefined;
  await pipe.send(bytes.subarray(0, pos), count, (reply, index) => {
    if (index < heads) {
      if (reply instanceof ErrorReply) selectFailure = reply;
      return;
    }
    const at = index - heads;
    if (isAsking && at % 2 === 0) return;
    const nth = Math.floor(at / repliesPerPart);
    const item = items[Math.floor(nth / parts)]!;
    // What follows a SELECT that failed comes from another database.
    const answer = selectFailure ?? reply;
    if (answer instanceof ErrorReply && isToBeAskedAgain(answer, item, pipe, unanswered)) return;
    question.take(item, nth % parts, answer);
  });
}

function isToBeAskedAgain({ text }: ErrorReply, item: number, pipe: Pipe, unanswered: Unanswered): boolean {
  const error = replyError(text, pipe.address);
  if (!error.isTransient) return false;
  unanswered.items.add(item);
  if (error.code === 'ASK' && error.redirect !== undefined)
    unanswered.redirects.set(item, redirected(pipe, error.redirect));
  // Something else than ASK means that the servers must be looked up again.
  if (unanswered.error === undefined || unanswered.error.code === 'ASK') unanswered.error = error;
  return true;
}

/** An empty host is that of the server which says it. */
function redirected({ endpoint }: Pipe, { host, port }: Redirect): Endpoint {
  return endpointAt(endpoint, host === '' ? endpoint.host : host, port);
}
