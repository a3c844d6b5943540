/**
 * INCREX of Redis 8.8 and Valkey 9.2: a counter with bounds and an expiry. What is said of it is from the documentation and
 * the published tests of Redis; logs hold a SET instead.
 */
import type { ByteString } from '../../bytes/byte-string.js';
import { addInt64, parseInt64 } from '../arguments.js';
import type { Call, CommandTable } from '../call.js';
import { addLongDoubles, formatLongDouble, isInfinite, type LongDouble, parseLongDouble } from '../long-double.js';
import { CommandError, notAFloat, notAnInteger, type Reply, syntaxError } from '../reply.js';
import { isInt64Text } from '../values/int64-text.js';
import { RawString } from '../values/raw-string.js';
import { expireNow } from './deletion.js';
import { isPast, positiveTime, type TimeForm, timeFormOf } from './expiry-arguments.js';

export const STRING_INCREX_COMMANDS: CommandTable = { INCREX: increx };

interface Options {
  kind: 'BYINT' | 'BYFLOAT' | undefined;
  increment: ByteString;
  lower: ByteString | undefined;
  upper: ByteString | undefined;
  isSaturating: boolean;
  time: TimeForm | undefined;
  timeText: ByteString;
  isPersist: boolean;
  isOnlyNew: boolean;
  existence: 'NX' | 'XX' | undefined;
}

/** What a counter becomes: `text` as it is stored, both as they are answered; undefined where it is to stay. */
interface Step {
  readonly text: ByteString;
  readonly value: Reply;
  readonly applied: Reply;
}

/**
 * INCREX key [NX | XX] [BYINT increment | BYFLOAT increment] [LBOUND bound] [UBOUND bound] [SATURATE]
 * [EX seconds | PX ms | EXAT seconds | PXAT ms | PERSIST] [ENX]
 */
function increx(call: Call): Reply {
  const { db, args } = call;
  const key = args[1]!;
  const options = parseOptions(call);
  const { time } = options;
  const counter = options.kind === 'BYFLOAT' ? floatCounter(options) : integerCounter(options);
  const atMs = time === undefined ? undefined : positiveTime(call, options.timeText, time);
  const old = db.getString(key);
  if (options.existence !== undefined && (old === undefined) !== (options.existence === 'NX')) return null;
  const { current, step } = counter(old);
  if (step === undefined) return [current, typeof current === 'string' ? '0' : 0];
  const setsExpiry = atMs !== undefined && !(options.isOnlyNew && db.expiryOf(key) !== undefined);
  call.dirty++;
  if (setsExpiry && isPast(call, atMs)) {
    expireNow(call, key);
    return [step.value, step.applied];
  }
  const isText = options.kind === 'BYFLOAT' && isInt64Text(step.text);
  db.overwrite(key, isText ? new RawString(step.text, 'embstr') : step.text);
  if (setsExpiry) db.setExpiry(key, atMs);
  const isPersisted = !setsExpiry && options.isPersist && db.persist(key);
  const expiry = setsExpiry ? ['PXAT', atMs] : options.isPersist ? [] : ['KEEPTTL'];
  call.log?.replace(['SET', key, step.text, ...expiry]);
  // No live server has said which events there are: those of the commands that do the same in two.
  call.changed(key, '$', options.kind === 'BYFLOAT' ? 'incrbyfloat' : 'incrby');
  if (setsExpiry || isPersisted) call.notify('g', setsExpiry ? 'expire' : 'persist', key);
  return [step.value, step.applied];
}

interface Outcome {
  readonly current: Reply;
  readonly step: Step | undefined;
}

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;

function integerCounter({ increment, lower, upper, isSaturating }: Options): (old: ByteString | undefined) => Outcome {
  const by = parseInt64(increment);
  if (by === undefined) throw new CommandError('ERR Increment is not an integer or out of range');
  const least = lower === undefined ? MIN_INT64 : parseInt64(lower);
  const most = upper === undefined ? MAX_INT64 : parseInt64(upper);
  if (least === undefined || most === undefined) throw notAnInteger();
  if (least > most) throw boundsCrossed();
  return (old) => {
    const current = old === undefined ? 0 : parseInt64(old);
    if (current === undefined) throw notAnInteger();
    const sum = addInt64(current, by);
    const isWithin = sum !== undefined && sum >= least && sum <= most;
    if (!isWithin && !isSaturating) return { current, step: undefined };
    const isAbove = sum === undefined ? by > 0 : sum > most;
    const value = isWithin ? sum : isAbove ? most : least;
    const applied = addInt64(value, -BigInt(current));
    if (applied === undefined) throw new CommandError('ERR applied increment would overflow');
    return { current, step: { text: String(value), value: asReply(value), applied } };
  };
}

function floatCounter({ increment, lower, upper, isSaturating }: Options): (old: ByteString | undefined) => Outcome {
  const by = parseLongDouble(increment);
  if (by === undefined) throw new CommandError('ERR Increment is not a valid float');
  if (isInfinite(by)) throw new CommandError('ERR BYFLOAT increment cannot be Infinity');
  const least = bound(lower);
  const most = bound(upper);
  if (least !== undefined && most !== undefined && isLess(most, least)) throw boundsCrossed();
  return (old) => {
    const current = parseLongDouble(old ?? '0');
    if (current === undefined) throw notAFloat();
    if (isInfinite(current)) throw new CommandError('ERR value cannot be Infinity');
    const sum = addLongDoubles(current, by);
    const isBelow = least !== undefined && isLess(sum, least);
    const isAbove = isInfinite(sum) ? !sum.negative : most !== undefined && isLess(most, sum);
    const isWithin = !isBelow && !isAbove && !isInfinite(sum);
    const value = isWithin ? sum : isAbove ? most : least;
    // The limits of the type itself are nothing that a counter comes to.
    if (value === undefined || (!isWithin && !isSaturating))
      return { current: formatLongDouble(current), step: undefined };
    const text = formatLongDouble(value);
    const applied = formatLongDouble(addLongDoubles(value, negated(current)));
    return { current: text, step: { text, value: text, applied } };
  };
}

function bound(text: ByteString | undefined): LongDouble | undefined {
  if (text === undefined) return undefined;
  const value = parseLongDouble(text);
  if (value === undefined || isInfinite(value)) throw notAFloat();
  return value;
}

function isLess(left: LongDouble, right: LongDouble): boolean {
  if (isInfinite(left)) return left.negative;
  const difference = addLongDoubles(left, negated(right));
  return difference.negative && difference.significand !== 0n;
}

function negated(value: LongDouble): LongDouble {
  return { ...value, negative: !value.negative };
}

function asReply(value: number | bigint): Reply {
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function boundsCrossed(): CommandError {
  return new CommandError("ERR LBOUND can't be greater than UBOUND");
}

/** Every option once, in any order. */
function parseOptions({ args, engine }: Call): Options {
  const options: Options = {
    kind: undefined,
    increment: '1',
    lower: undefined,
    upper: undefined,
    isSaturating: false,
    time: undefined,
    timeText: '',
    isPersist: false,
    isOnlyNew: false,
    existence: undefined,
  };
  const isValkey = engine.settings.target.family === 'valkey';
  for (let at = 2; at < args.length; at++) {
    const option = args[at]!.toUpperCase();
    if (takeFlag(options, option, isValkey)) continue;
    const operand = args[++at];
    if (operand === undefined) throw syntaxError();
    takeOperand(options, option, operand);
  }
  if (options.isPersist && (options.time !== undefined || options.isOnlyNew)) throw syntaxError();
  if (options.isOnlyNew && options.time === undefined)
    throw new CommandError('ERR ENX flag requires an expiration (EX, PX, EXAT, or PXAT)');
  return options;
}

function takeFlag(options: Options, option: string, isValkey: boolean): boolean {
  switch (option) {
    case 'SATURATE':
      if (options.isSaturating) throw syntaxError();
      options.isSaturating = true;
      return true;
    case 'PERSIST':
      if (options.isPersist) throw syntaxError();
      options.isPersist = true;
      return true;
    case 'ENX':
      if (options.isOnlyNew) throw syntaxError();
      options.isOnlyNew = true;
      return true;
    case 'NX':
    case 'XX':
      if (!isValkey || options.existence !== undefined) throw syntaxError();
      options.existence = option;
      return true;
    default:
      return false;
  }
}

function takeOperand(options: Options, option: string, operand: ByteString): void {
  const time = timeFormOf(option);
  if (time !== undefined && options.time === undefined) {
    options.time = time;
    options.timeText = operand;
  } else if ((option === 'BYINT' || option === 'BYFLOAT') && options.kind === undefined) {
    options.kind = option;
    options.increment = operand;
  } else if (option === 'LBOUND' && options.lower === undefined) {
    options.lower = operand;
  } else if (option === 'UBOUND' && options.upper === undefined) {
    options.upper = operand;
  } else {
    throw syntaxError();
  }
}
