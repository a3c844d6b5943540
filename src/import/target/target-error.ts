/**
 * What goes wrong with the server that is imported into: one class, and the one table of its codes.
 *
 * `isTransient` says whether the same request may succeed later without anybody doing something: after a new connection,
 * after the servers have been looked up again, or just after a while. Messages never show a password, and never the
 * arguments of a command.
 */

/** What each code means. */
export const TARGET_ERROR_CODES = {
  BAD_URL: 'the address of the target cannot be read',
  CONNECT: 'no connection can be made',
  TLS: 'the server and we do not agree on TLS, or its certificate is not trusted',
  AUTH: 'the server wants a password, or does not accept the one that it was given',
  NOPERM: 'the user may not do this',
  LOST: 'the connection ended while replies were expected',
  TIMEOUT: 'no byte has moved for too long',
  CLOSED: 'the connection has been closed from this side',
  PROTOCOL: 'what the server sends is no reply',
  UNKNOWN_SERVER: 'the server does not say what it is',
  SENTINEL: 'no sentinel names a primary that is one',
  READONLY: 'the server is a replica, and takes no writes',
  OOM: 'the server has reached its maxmemory',
  LOADING: 'the server is reading its data',
  MASTERDOWN: 'the server is a replica that has lost its primary',
  CLUSTER: 'the cluster does not serve this slot at the moment',
  MOVED: 'another node of the cluster serves this slot',
  ASK: 'this key may be on another node, to which its slot is being moved',
  TRYAGAIN: 'the keys of a request are on two nodes while their slot is being moved',
  CROSSSLOT: 'the keys of a request are in different slots',
  BUSYKEY: 'the key exists',
  BAD_PAYLOAD: 'the server does not take the payload of a RESTORE',
  MISCONF: 'the server refuses writes because it cannot save',
  NOREPLICAS: 'the server refuses writes because too few replicas follow it',
  BUSY: 'the server is busy with a script, or has no room for another client',
  NO_DATABASE: 'the server has no database of this number',
  UNBLOCKED: 'the server has given up a request that waited',
  REPLY: 'any other error reply',
} as const;

/** One of the codes of {@link TARGET_ERROR_CODES}. */
export type TargetErrorCode = keyof typeof TARGET_ERROR_CODES;

/** Where MOVED and ASK lead. `host` is empty where the server means itself: the host that was asked. */
export interface Redirect {
  readonly slot: number;
  readonly host: string;
  readonly port: number;
}

export interface TargetErrorOptions extends ErrorOptions {
  /** Without it, what the code says by itself. */
  readonly isTransient?: boolean;
  readonly redirect?: Redirect | undefined;
  readonly replies?: number | undefined;
}

/** An import's target failed: `code` says how, `message` is one sentence for people. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
  readonly isTransient: boolean;
  /** With MOVED and ASK. */
  readonly redirect: Redirect | undefined;
  /** With LOST, TIMEOUT, CLOSED and PROTOCOL: how many replies of this request had come before; the others are not known. */
  readonly replies: number | undefined;

  constructor(
    readonly code: TargetErrorCode,
    message: string,
    /** Such as `127.0.0.1:6379` or `unix:/run/redis.sock`; empty where no address is known. */
    readonly address: string,
    options: TargetErrorOptions = {},
  ) {
    super(address === '' ? message : `${address}: ${message}`, options.cause === undefined ? {} : options);
    this.isTransient = options.isTransient ?? TRANSIENT.has(code);
    this.redirect = options.redirect;
    this.replies = options.replies;
  }
}

const TRANSIENT: ReadonlySet<TargetErrorCode> = new Set<TargetErrorCode>([
  'CONNECT',
  'LOST',
  'TIMEOUT',
  'SENTINEL',
  // After a failover the primary is another server.
  'READONLY',
  'LOADING',
  'MASTERDOWN',
  'CLUSTER',
  'MOVED',
  'ASK',
  'TRYAGAIN',
  'NOREPLICAS',
  'BUSY',
  'UNBLOCKED',
]);

/** First words of error replies (RESP, "Simple errors"), where they differ from our code. */
const CODE_OF_WORD: Readonly<Record<string, TargetErrorCode>> = {
  NOAUTH: 'AUTH',
  WRONGPASS: 'AUTH',
  // Protected mode.
  DENIED: 'AUTH',
  NOPERM: 'NOPERM',
  READONLY: 'READONLY',
  OOM: 'OOM',
  LOADING: 'LOADING',
  MASTERDOWN: 'MASTERDOWN',
  CLUSTERDOWN: 'CLUSTER',
  MOVED: 'MOVED',
  ASK: 'ASK',
  TRYAGAIN: 'TRYAGAIN',
  CROSSSLOT: 'CROSSSLOT',
  BUSYKEY: 'BUSYKEY',
  MISCONF: 'MISCONF',
  NOREPLICAS: 'NOREPLICAS',
  BUSY: 'BUSY',
  UNBLOCKED: 'UNBLOCKED',
};

/** Replies that begin with no more than ERR (their texts in networking.c, acl.c and cluster.c of 7.0). */
const CODE_OF_TEXT: readonly (readonly [RegExp, TargetErrorCode])[] = [
  [/^ERR max number of clients/, 'BUSY'],
  [/^ERR (?:DB index is out of range|invalid DB index|SELECT is not allowed)/, 'NO_DATABASE'],
  [/^ERR (?:DUMP payload|Bad data format)/, 'BAD_PAYLOAD'],
  [/^ERR (?:operation not permitted|invalid password)/, 'AUTH'],
];

/** The error that an error reply stands for; `text` is the reply without its `-` and its line end. */
export function replyError(text: string, address: string, replies?: number): TargetError {
  const word = /^[A-Z]+/.exec(text)?.[0] ?? '';
  const found = Object.hasOwn(CODE_OF_WORD, word) ? CODE_OF_WORD[word] : undefined;
  const code = found ?? CODE_OF_TEXT.find(([pattern]) => pattern.test(text))?.[1] ?? 'REPLY';
  const redirect = code === 'MOVED' || code === 'ASK' ? parseRedirect(text) : undefined;
  return new TargetError(code, withoutArguments(text), address, { redirect, replies });
}

/** `MOVED 3999 127.0.0.1:6381`; the host may be empty, an IPv6 address stands there without brackets. */
function parseRedirect(text: string): Redirect | undefined {
  const parts = /^(?:MOVED|ASK) (\d+) (\S*):(\d+)/.exec(text);
  return parts === null ? undefined : { slot: Number(parts[1]), host: parts[2]!, port: Number(parts[3]) };
}

/** A server that does not know a command repeats what it was given: a value, or a password. */
function withoutArguments(text: string): string {
  return text.replace(/,? with args beginning with.*$/s, '');
}
