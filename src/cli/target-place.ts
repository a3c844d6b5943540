/** From the options of a connection to the server that they name; options win over what the URL says. */
import * as fs from 'node:fs';
import {
  type Endpoint,
  type EndpointTls,
  endpointAt,
  formatAddress,
  parsePlace,
  type TargetPlace,
} from '../import/target/endpoint.js';
import type { ConnectionFlags } from './connection-options.js';
import { systemMessage, UsageError } from './failures.js';

/** What a place is made of beside the options. */
export interface PlaceContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asks for a password. Throws UsageError where nobody can be asked. */
  readonly askPassword: () => Promise<string>;
  /** Hears that the command line shows a password. */
  readonly warn: (text: string) => void;
}

const AUTH_WARNING =
  'warning: a password in -a or in a URL can be seen by others on this machine; REDISCLI_AUTH or --askpass is safer';

/**
 * As redis-cli has it: `--askpass` wins over `-a`, that over the URL, and REDISCLI_AUTH is taken where nothing else gives
 * a password.
 *
 * @throws UsageError, and TargetError (BAD_URL)
 */
export async function targetPlaceOf(flags: ConnectionFlags, context: PlaceContext): Promise<TargetPlace> {
  const url = urlOf(flags);
  const place = placeOf(url, flags);
  const login = place.kind === 'server' ? place.endpoint : place.place.primary;
  const isShown = (flags.pass ?? login.password) !== undefined;
  if (isShown && flags.askpass !== true && flags.authWarning) context.warn(AUTH_WARNING);
  const entered = await withLogin(login, flags, context);
  if (place.kind === 'sentinel') return { kind: 'sentinel', place: { ...place.place, primary: entered } };
  return { kind: 'server', endpoint: entered };
}

/** For people, without anything that is secret: `127.0.0.1:6379`, or `mymaster of 10.0.0.1:26379`. */
export function placeText(place: TargetPlace): string {
  if (place.kind === 'server') return formatAddress(place.endpoint);
  const { primaryName, sentinels } = place.place;
  return `${primaryName} of ${sentinels.map(formatAddress).join(', ')}`;
}

function urlOf({ to, with: beside, uri }: ConnectionFlags): string | undefined {
  const named = [...new Set([to, beside, uri].filter((url) => url !== undefined))];
  if (named.length > 1) throw new UsageError('--to, --with and -u are one option under three names: name one server');
  return named[0];
}

/** Without the login of the options. */
function placeOf(url: string | undefined, flags: ConnectionFlags): TargetPlace {
  const { host, port, socket, tls = false } = flags;
  if (socket !== undefined && (host !== undefined || port !== undefined))
    throw new UsageError('-s names a socket, which has neither host nor port');
  const isTls = tls || /^rediss(-sentinel)?:/i.test(url ?? '');
  const place = parsePlace(tls ? withTls(url ?? DEFAULT_URL) : (url ?? DEFAULT_URL), tlsOf(flags, isTls));
  if (place.kind === 'sentinel') {
    if (host !== undefined || port !== undefined || socket !== undefined)
      throw new UsageError('where sentinels name the server, -h, -p and -s cannot');
    return place;
  }
  return { kind: 'server', endpoint: movedTo(place.endpoint, flags) };
}

const DEFAULT_URL = 'redis://';

function movedTo(endpoint: Endpoint, { host, port, socket, tls = false }: ConnectionFlags): Endpoint {
  if (socket !== undefined || (endpoint.socketPath !== undefined && host === undefined)) {
    if (port !== undefined) throw new UsageError('-p is for a host, and the URL names a socket');
    if (tls || endpoint.tls !== undefined) throw new UsageError('TLS is for a host and a port, not for a socket');
    return socket === undefined ? endpoint : { ...endpoint, host: '', port: 0, socketPath: socket };
  }
  if (host === undefined && port === undefined) return endpoint;
  const plainHost = host?.replace(/^\[(.*)\]$/, '$1') ?? endpoint.host;
  return endpointAt(endpoint, plainHost, port ?? (endpoint.port || DEFAULT_PORT));
}

const DEFAULT_PORT = 6379;

function withTls(url: string): string {
  return url.replace(/^redis(-sentinel)?:/i, 'rediss$1:');
}

function tlsOf({ sni, cacert, cert, key, insecure }: ConnectionFlags, isTls: boolean): Partial<EndpointTls> {
  const given = Object.entries({ sni, cacert, cert, key, insecure }).find(([, value]) => value !== undefined);
  if (given !== undefined && !isTls) throw new UsageError(`--${given[0]} is for TLS: --tls, or a URL with rediss://`);
  if ((cert === undefined) !== (key === undefined)) throw new UsageError('--cert and --key belong together');
  return {
    ...(sni !== undefined && { servername: sni }),
    ...(cacert !== undefined && { ca: contentOf('--cacert', cacert) }),
    ...(cert !== undefined && { cert: contentOf('--cert', cert) }),
    ...(key !== undefined && { key: contentOf('--key', key) }),
    ...(insecure === true && { rejectUnauthorized: false }),
  };
}

function contentOf(option: string, path: string): string {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${option} ${path}: ${systemMessage(error as NodeJS.ErrnoException)}`);
  }
}

async function withLogin(
  endpoint: Endpoint,
  { user, pass, askpass = false }: ConnectionFlags,
  { env, askPassword }: PlaceContext,
): Promise<Endpoint> {
  const username = user ?? endpoint.username;
  // A variable that is empty is one that is not set.
  const password = askpass ? await askPassword() : (pass ?? endpoint.password ?? (env.REDISCLI_AUTH || undefined));
  if (username !== undefined && password === undefined)
    throw new UsageError('--user is the user that a password is of: -a, --askpass or REDISCLI_AUTH gives it');
  return { ...endpoint, username, password };
}
