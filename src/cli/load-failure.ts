/**
 * Why a server does not start on its files, in the words that redis-server leaves in its log: what watches logs for them finds
 * ours. The sentence for people goes to standard error.
 */
import { ManifestError, type ManifestRule } from '../aof/directory/manifest.js';
import { FormatError } from '../bytes/errors.js';
import { isSystemError } from './exit-codes.js';
import { systemMessage } from './failures.js';

const MANIFEST_WORDS: Readonly<Record<ManifestRule, string>> = {
  grammar: 'Invalid AOF manifest file format',
  empty: 'Found an empty AOF manifest',
  'line-length': 'The AOF manifest file contains too long line',
  type: 'Unknown AOF file type',
  'second-base': 'Found duplicate base file information',
  order: 'Found a non-monotonic sequence number',
};

/** Lines for the log. `isLog`: the append-only file was loaded, and not a dump. */
export function loadFailureLines(error: unknown, isLog: boolean): string[] {
  if (isSystemError(error)) return [`Fatal error loading the DB: ${systemMessage(error)}. Exiting.`];
  if (!(error instanceof FormatError)) return [`Fatal error loading the DB: ${String(error)}. Exiting.`];
  return isLog ? [logFailure(error)] : dumpFailure(error);
}

function logFailure(error: FormatError): string {
  const { code, message, offset, trail } = error;
  if (error instanceof ManifestError) return `${MANIFEST_WORDS[error.rule]}: ${[...trail, message].join(', ')}`;
  const where = `${[...trail, `offset ${offset}`].join(', ')}: ${message}`;
  switch (code) {
    case 'MISSING_FILE':
      return `${message}: No such file or directory`;
    case 'UNKNOWN_COMMAND': {
      const [name = ''] = message.split(/[\s:]/, 1);
      return `Unknown command '${name.toLowerCase()}' reading the append only file, ${where}`;
    }
    case 'TRUNCATED':
    case 'OPEN_TRANSACTION':
      return `Unexpected end of file reading the append only file, ${where}. "aof-load-truncated yes" cuts it; rdb-inspect aof fix does so too, and keeps a copy.`;
    default:
      return `Bad file format reading the append only file, ${where}. Make a copy, then use rdb-inspect aof fix.`;
  }
}

function dumpFailure({ code, message, offset, trail }: FormatError): string[] {
  return [
    code === 'CHECKSUM_MISMATCH' ? `RDB CRC error: ${message}` : `${message}: integrity check failed`,
    `Internal error in RDB reading offset ${offset} (${[code, ...trail].join(', ')}): integrity check failed`,
    'Terminating server after rdb file reading failure.',
  ];
}
