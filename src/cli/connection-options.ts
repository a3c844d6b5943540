/** The options by which commands reach a server: those of redis-cli, letters included. */
import { type Command, Option } from 'commander';
import { parseCount } from '../rdb/filter-text.js';
import { UsageError } from './failures.js';
import { reading } from './options.js';

/** What commander makes of {@link addConnectionOptions}. */
export interface ConnectionFlags {
  /** The URL under its three names. */
  readonly to?: string;
  readonly with?: string;
  readonly uri?: string;
  readonly host?: string;
  readonly port?: number;
  readonly socket?: string;
  readonly user?: string;
  readonly pass?: string;
  readonly askpass?: boolean;
  /** False: no remark about passwords that everybody on this machine can see. */
  readonly authWarning: boolean;
  readonly tls?: boolean;
  readonly sni?: string;
  /** Names of files in PEM. */
  readonly cacert?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly insecure?: boolean;
}

const MAX_PORT = 65535;

/**
 * `name` is what the URL is called besides `-u`. The letters `-h`, `-p`, `-s`, `-a` and `-u` are taken by no shared option:
 * help is `--help` alone.
 */
export function addConnectionOptions(command: Command, name: 'to' | 'with'): Command {
  const other = name === 'to' ? 'with' : 'to';
  return command
    .option(
      `--${name} <url>`,
      'the server: redis://user:password@host:port/db, rediss:// (TLS), unix://, redis-sentinel://',
    )
    .addOption(new Option(`--${other} <url>`, `as --${name}`).hideHelp())
    .option('-u, --uri <url>', `as --${name}`)
    .option('-h, --host <host>', 'its host (default: 127.0.0.1)')
    .option('-p, --port <port>', 'its port (default: 6379)', reading(parsePort))
    .option('-s, --socket <path>', 'its socket on this machine, in place of host and port')
    .option('-a, --pass <password>', 'its password; others may see it: REDISCLI_AUTH in the environment is safer')
    .option('--user <name>', 'the user that the password is of')
    .option('--askpass', 'read the password from the terminal')
    .option('--no-auth-warning', 'no remark about passwords on the command line')
    .option('--tls', 'TLS, where the URL does not say it')
    .option('--sni <name>', 'the name of the server for TLS (default: its host)')
    .option('--cacert <file>', "the authority that signed the server's certificate, in PEM (default: those of Node)")
    .option('--cert <file>', 'a certificate of our own, in PEM')
    .option('--key <file>', 'its private key, in PEM')
    .option('--insecure', 'whatever certificate the server has');
}

/** Throws UsageError. */
function parsePort(text: string): number {
  const port = parseCount(text);
  if (port < 1 || port > MAX_PORT) throw new UsageError(`'${text}' is no port: they are 1 to ${MAX_PORT}`);
  return port;
}
