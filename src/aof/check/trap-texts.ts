/** What is said about each trap: see traps.ts. Facts: aof-format.md, in the sections named. */
import type { ServerGeneration, TrapSeverity, TrapText } from './traps.js';

const FIX = 'run rdb-inspect aof fix before a server starts on it';
const COPY_FIRST = 'copy the directory before anything else';

export const TRAP_TEXTS = {
  /** The tail ends inside a command of a transaction (§1.4). */
  CUT_IN_TRANSACTION: (server) => {
    if (isValkey(server) && server.version >= 901)
      return note('the server cuts before the MULTI, so that the transaction is missing as a whole', 'nothing');
    const who = server === undefined ? 'Redis to 8.6 and Valkey to 8.1 cut' : 'the server cuts';
    const other = server === undefined ? '; Valkey 9.1 cuts before it' : '';
    return danger(
      `${who} behind the last whole command of the transaction and leave its MULTI open${other}. What clients write afterwards is queued behind that MULTI, and lost or half applied at the next start`,
      `${FIX}: it cuts before the MULTI`,
    );
  },
  /** The same after a server has fallen into it: commands of a later run stand behind an open MULTI (§1.4). */
  HALF_TRANSACTION: () =>
    danger(
      'a server that started on a cut transaction has left its MULTI open and written on behind it: at the next start what stands there is dropped, or half of the old transaction is applied with it',
      'rdb-inspect aof fix --salvage takes out the half transaction and keeps what was written after it; --tail, as redis-check-aof, would lose that',
    ),
  /** A file that is not the last ends early (§1.4). */
  EARLIER_FILE_CUT: (server) =>
    danger(
      `${server === undefined ? 'servers refuse' : 'the server refuses'} to start, but only after the file has been cut on disk: a second start succeeds, and what was lost is no longer seen`,
      `start no server on it; ${COPY_FIRST}, then restore the file from a backup, or run rdb-inspect aof fix and accept the loss`,
    ),
  CUT_TAIL: (server) =>
    note(
      `${server === undefined ? 'servers cut' : 'the server cuts'} the file there when aof-load-truncated is yes, which is the default, and ${server === undefined ? 'do' : 'does'} not start otherwise`,
      'run rdb-inspect aof fix, or leave it to the server',
    ),
  CORRUPT_TAIL: (server) => {
    if (server === undefined)
      return fatal(
        'no server starts on it; Redis 8.4 and later cut a tail smaller than aof-load-corrupt-tail-max-size, which is 0 by default',
        'run rdb-inspect aof fix; --salvage keeps what follows the damage',
      );
    if (server.family === 'redis' && server.version >= 804)
      return fatal(
        'the server does not start, unless what follows is smaller than aof-load-corrupt-tail-max-size (0 by default): then it cuts there',
        'run rdb-inspect aof fix; --salvage keeps what follows the damage',
      );
    return fatal(
      'the server finds the file damaged and does not start',
      'run rdb-inspect aof fix; --salvage keeps what follows the damage',
    );
  },
  /** A MULTI inside a transaction (§1.1, §5). */
  NESTED_MULTI: () =>
    danger(
      'servers ignore the inner MULTI and load the file, while redis-check-aof calls it damaged, and its --fix cuts off everything from the outer MULTI on',
      'look at the commands before it: they may be a half transaction; rdb-inspect aof fix --salvage cuts nothing behind it',
    ),
  STRAY_EXEC: () =>
    danger(
      'servers ignore it and load the file, while redis-check-aof calls it damaged, and its --fix cuts off everything behind it',
      'rdb-inspect aof fix --salvage takes out only the EXEC',
    ),
  DISCARD_IN_TRANSACTION: () =>
    danger(
      'a DISCARD in a log ends no transaction: servers queue it and apply what stands around it',
      'no server writes it; find out who did',
    ),
  /** `*0`, `*-1` (§1). */
  EMPTY_COMMAND: () =>
    fatal(
      'no server loads a command without arguments, while redis-check-aof takes it for sound',
      'run rdb-inspect aof fix',
    ),
  /** A size that no file has (§1). */
  HUGE_LENGTH: () =>
    fatal(
      'the size is taken as it is: the server asks its allocator for it and is aborted, in place of reporting a damaged file',
      'run rdb-inspect aof fix; --salvage keeps what follows',
    ),
  /** The two bytes behind an argument are none of CR LF (§1). */
  UNCHECKED_LINE_END: () =>
    note(
      'servers do not look at these two bytes and load the file; redis-check-aof does, and its --fix cuts there',
      'rdb-inspect aof fix --salvage leaves out this one command',
    ),
  /** Blanks, signs, leading zeros, empty sizes (§1). */
  ODD_FORM: () =>
    note(
      'servers and redis-check-aof read it, but no server writes numbers with blanks, signs or leading zeros: the file was written by something else',
      'read such logs with what wrote them in mind',
    ),
  UNKNOWN_COMMAND: (server, name) => {
    const isModule = name.includes('.');
    if (server === undefined || isModule)
      return danger(
        `a server that does not know ${name} ${isModule ? '(it belongs to a module) ' : ''}stops loading there and does not start`,
        isModule
          ? 'load the module before the server reads the log'
          : 'use a server that knows it; --target says whether one does',
      );
    return fatal(
      `the server does not know ${name}, stops loading there and does not start`,
      'use a server that knows it',
    );
  },
  TOO_FEW_ARGUMENTS: (server, name) => {
    if (isValkey(server))
      return server.version >= 801
        ? fatal(`the server checks the number of arguments of ${name} and does not start`, 'take the command out')
        : fatal(
            `the server does not check the number of arguments of ${name} and may crash while loading`,
            'take the command out',
          );
    const others = server === undefined ? '; Valkey 8.1 and later check it and do not start' : '';
    return fatal(
      `Redis does not check the number of arguments of ${name} while it loads and may crash${others}`,
      'take the command out: no server has written it',
    );
  },
  /** Expiries counted from now (§7). */
  RELATIVE_EXPIRY: (_, name) =>
    danger(
      `${name} counts from the moment at which the log is loaded: each load gives the keys their whole life again`,
      'logs of Redis 3.2 and later have no such SET, those of 7.0 and later no such RESTORE; set expiries anew after loading',
    ),
  ANNOTATIONS: (server) =>
    server !== undefined && server.version < 700
      ? fatal('the server does not know lines that begin with # and does not start', 'use Redis 7.0 or later')
      : undefined,
  /** A last line without line end is taken, and swallows what is written behind it (§1). */
  UNENDED_ANNOTATION: () =>
    danger(
      'the file ends in an annotation without line end, which servers take: the first line of the next command is written behind it and read as part of it, and the start after that fails',
      FIX,
    ),
  MALFORMED_TIMESTAMP: () =>
    note(
      'redis-check-aof --truncate-to-timestamp gives up at a #TS that is no number',
      'rdb-inspect aof truncate --to-time passes over it',
    ),
  TIMESTAMP_IN_TRANSACTION: () =>
    note(
      'redis-check-aof --truncate-to-timestamp may cut at this annotation, inside a transaction, and leave its MULTI open',
      'use rdb-inspect aof truncate --to-time, which cuts before the MULTI',
    ),
  CLOCK_WENT_BACK: () =>
    note(
      'times go backwards here: a moment may stand in the log more than once',
      'rdb-inspect aof truncate --to-time cuts at the first that is later',
    ),
  /** §3, §5. */
  VALKEY_HEAD: (server) => {
    if (server !== undefined && (server.family !== 'valkey' || server.version < 900))
      return fatal(
        'the server does not know dumps with the magic VALKEY and does not start',
        'use Valkey 9.0 or later, or convert the base',
      );
    return danger(
      'valkey-check-aof 9.1 knows only the magic REDIS: it reports the base as damaged, and its --fix may cut the file to 0 bytes',
      'do not run valkey-check-aof --fix on it; rdb-inspect aof check and fix read it',
    );
  },
  HEAD_TOO_NEW: (_, subject) =>
    fatal(
      `the server does not read the dump at the head: ${subject}`,
      'rdb-inspect convert --target writes one that it reads',
    ),
  HEAD_IN_INCREMENT: () =>
    danger(
      'servers load a dump at the head of an increment, but redis-check-aof takes it for damage, and its --fix cuts the file to 0 bytes',
      'do not run redis-check-aof --fix on it',
    ),
  DAMAGED_HEAD: () =>
    fatal(
      'no server loads it, and no tool can mend the dump at the head of the file: redis-check-aof does not try either',
      'restore the file from a backup, or read what is whole with rdb-inspect export',
    ),
  /** Of the directory: §4. */
  STALE_INCREMENT: (server, name) =>
    danger(
      `${server === undefined ? 'servers append' : 'the server appends'} to ${name}, which is there though the manifest does not list it, as to a new file: what is in it is replayed at the start after the next`,
      `move ${name} away before a server starts`,
    ),
  UNLISTED_FILE: (_, name) =>
    note(
      `the manifest does not list ${name}: servers never read it`,
      'it may hold data of before a failed rewrite; delete it when it is not needed',
    ),
  LISTED_TWICE: (_, name) =>
    danger(
      `${name} is listed twice, and servers load it twice: INCR, APPEND, RPUSH and their like are applied again`,
      'list it once',
    ),
  REFUSED_MANIFEST: (_, name) =>
    fatal(
      `the server has written the name ${name} without quotes and refuses its own manifest: ' begins a quoted word (Redis 7.0 to 8.6, Valkey 9.1), and so does " in Valkey 8.1`,
      'rdb-inspect aof fix writes it with quotes; choose an appendfilename without quotes',
    ),
  MISREAD_MANIFEST: () =>
    danger(
      'redis-check-aof does not take this for a manifest, since its first line does not begin with file: it reads it as commands, and its --fix cuts it to 0 bytes',
      'rdb-inspect aof fix writes it in the order of servers',
    ),
  OLD_FILE_IGNORED: (_, name) =>
    danger(
      `${name} beside the directory is not loaded: the manifest lists other files`,
      'compare the two; a server of before 7.0 may have gone on writing to the old file',
    ),
  HISTORY_FILES: () =>
    note(
      'servers delete history files when they start, unless aof-disable-auto-gc is yes',
      'copy them first, if an earlier state may be wanted',
    ),
  MULTI_PART: (server) =>
    server !== undefined && server.version < 700
      ? fatal(
          'the server reads no directory of several files: it looks for one file and starts empty',
          'use Redis 7.0 or later',
        )
      : undefined,
  PREAMBLE: (server) =>
    server !== undefined && server.version < 400
      ? fatal('the server reads no dump at the head of a log', 'use Redis 4.0 or later')
      : undefined,
} as const satisfies Readonly<Record<string, TrapText>>;

type Said = { readonly severity: TrapSeverity; readonly consequence: string; readonly advice: string };

function fatal(consequence: string, advice: string): Said {
  return { severity: 'fatal', consequence, advice };
}

function danger(consequence: string, advice: string): Said {
  return { severity: 'danger', consequence, advice };
}

function note(consequence: string, advice: string): Said {
  return { severity: 'note', consequence, advice };
}

function isValkey(server: ServerGeneration | undefined): server is ServerGeneration & { readonly family: 'valkey' } {
  return server?.family === 'valkey';
}
