/** What stands before FIELDS in HSETEX and HGETEX, or behind the fields where a server takes it there too. */
import type { Call } from '../call.js';
import { CommandError, syntaxError } from '../reply.js';
import type { UnixMs } from '../unix-ms.js';
import { expiryArgument, type Grammar, grammarOf } from './hash-expiry-arguments.js';

const SECOND = 1000;

export interface ExOptions {
  /** Position of the time, and how it counts. */
  timeAt: number;
  unitMs: number;
  isRelative: boolean;
  keepsTtl: boolean;
  persists: boolean;
  fieldsNew: boolean;
  fieldsThere: boolean;
  keyNew: boolean;
  keyThere: boolean;
  /** Where the grammar reads it on the way. */
  atMs: UnixMs | undefined;
}

export function noOptions(): ExOptions {
  return {
    timeAt: 0,
    unitMs: 1,
    isRelative: false,
    keepsTtl: false,
    persists: false,
    fieldsNew: false,
    fieldsThere: false,
    keyNew: false,
    keyThere: false,
    atMs: undefined,
  };
}

/** One option of HSETEX or HGETEX at a position: how many arguments it takes, 0 where it is none of them. */
export function readExOption(call: Call, at: number, options: ExOptions, isSet: boolean): number {
  const grammar = grammarOf(call);
  const option = call.args[at]!.toUpperCase();
  switch (option) {
    case 'EX':
    case 'PX':
    case 'EXAT':
    case 'PXAT':
      return readTime(call, at, option, options, isSet);
    case 'KEEPTTL':
    case 'PERSIST':
      if ((option === 'KEEPTTL') !== isSet && grammar !== 'free') return 0;
      checkOnlyTime(options, option, grammar, isSet);
      if (option === 'KEEPTTL') options.keepsTtl = true;
      else options.persists = true;
      return 1;
    case 'FNX':
    case 'FXX':
      return isSet || grammar === 'free' ? readFieldCondition(option === 'FNX', options, grammar) : 0;
    case 'NX':
    case 'XX':
      // Valkey's alone; of a log they are taken wherever it comes from.
      if (!isSet || grammar === 'strict' || grammar === 'free') return 0;
      if (options[option === 'NX' ? 'keyThere' : 'keyNew']) throw syntaxError();
      options[option === 'NX' ? 'keyNew' : 'keyThere'] = true;
      return 1;
    default:
      return 0;
  }
}

function readFieldCondition(isNew: boolean, options: ExOptions, grammar: Grammar): number {
  const { fieldsNew, fieldsThere } = options;
  if (grammar === 'valkey') {
    if (isNew ? fieldsThere : fieldsNew) throw syntaxError();
  } else if (fieldsNew || fieldsThere) {
    throw new CommandError('ERR Only one of FXX or FNX arguments can be specified');
  }
  if (isNew) options.fieldsNew = true;
  else options.fieldsThere = true;
  return 1;
}

function readTime(call: Call, at: number, option: string, options: ExOptions, isSet: boolean): number {
  const grammar = grammarOf(call);
  checkOnlyTime(options, option, grammar, isSet);
  options.timeAt = at + 1;
  options.unitMs = option.startsWith('EX') ? SECOND : 1;
  options.isRelative = option.length === 2;
  if (grammar === 'valkey') return 2;
  if (at + 1 >= call.args.length) throw new CommandError('ERR missing expire time');
  options.atMs = timeAt(call, options);
  return 2;
}

/** At most one time; it goes with neither KEEPTTL nor PERSIST. */
function checkOnlyTime(options: ExOptions, option: string, grammar: Grammar, isSet: boolean): void {
  const { keepsTtl, persists, timeAt: time } = options;
  const isTime = option !== 'KEEPTTL' && option !== 'PERSIST';
  if (grammar === 'valkey') {
    if ((time > 0 && timeOption(options) !== option) || (isTime && (keepsTtl || persists))) throw syntaxError();
    return;
  }
  if (time === 0 && !(keepsTtl && option !== 'PERSIST') && !(persists && option !== 'KEEPTTL')) return;
  throw new CommandError(
    `ERR Only one of EX, PX, EXAT, PXAT or ${isSet ? 'KEEPTTL' : 'PERSIST'} arguments can be specified`,
  );
}

/** The option that gave the time. */
function timeOption({ unitMs, isRelative }: ExOptions): string {
  return `${unitMs === SECOND ? 'EX' : 'PX'}${isRelative ? '' : 'AT'}`;
}

function timeAt(call: Call, { timeAt: at, unitMs, isRelative }: ExOptions): UnixMs {
  return expiryArgument(call, call.args[at], unitMs, isRelative ? call.nowMs : 0);
}

/** Redis 8.6 reads the options of both commands, and refuses those of the other one when it has read everything. */
export function checkOptions(
  call: Call,
  { keepsTtl, persists, fieldsNew, fieldsThere }: ExOptions,
  isSet: boolean,
): void {
  if (grammarOf(call) !== 'free') return;
  if (isSet ? persists : keepsTtl || fieldsNew || fieldsThere) throw new CommandError('ERR unknown argument');
}

/** The time, where one was given. Valkey reads it once everything else has been looked at. */
export function timeOf(call: Call, options: ExOptions): UnixMs | undefined {
  if (options.timeAt === 0) return undefined;
  return options.atMs ?? timeAt(call, options);
}
