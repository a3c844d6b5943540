import type { RedisCommand } from './command.js';
import { Prng } from './prng.js';
import { FAR_AHEAD_MS, hexText, productArray, prose, session, WORDS } from './text.js';

const STEPS_AT_SCALE_1 = 4_350_000;

/** What one step draws from: the generator, an 18-bit number naming an object, the step's number. */
interface Step {
  random: Prng;
  object: number;
  number: number;
}

/** Kinds of traffic, each up to its cumulative share in 256ths. */
const KINDS: readonly { upTo: number; make: (step: Step) => readonly RedisCommand[] }[] = [
  { upTo: 60, make: setSession },
  { upTo: 85, make: touchUser },
  { upTo: 105, make: ({ object }) => [['HINCRBY', `user:${object}`, 'visits', '1']] },
  { upTo: 125, make: ({ object }) => [['INCR', `counter:${object & 4095}`]] },
  { upTo: 145, make: ({ random, object }) => [['RPUSH', `queue:${object & 255}`, session(random)]] },
  { upTo: 165, make: ({ object }) => [['LPOP', `queue:${object & 255}`]] },
  { upTo: 180, make: tag },
  { upTo: 205, make: score },
  { upTo: 220, make: event },
  { upTo: 232, make: ({ object }) => [['DEL', `session:${object}`]] },
  { upTo: 240, make: expireUser },
  { upTo: 246, make: transaction },
  { upTo: 250, make: otherDatabase },
  { upTo: 256, make: setDocument },
];

/** The traffic of a web application, as a log of commands: all types, MULTI, SELECT, expiries, deletions. */
export function* aofCommands(scale: number): Generator<RedisCommand> {
  const random = new Prng(1004);
  const steps = Math.trunc(STEPS_AT_SCALE_1 * scale);
  const kindOf = KINDS.flatMap((kind, k) => Array<typeof kind>(kind.upTo - (KINDS[k - 1]?.upTo ?? 0)).fill(kind));
  for (let number = 1; number <= steps; number++) {
    const kind = kindOf[random.bits(8)];
    if (kind !== undefined) yield* kind.make({ random, object: random.bits(18), number });
  }
}

function setSession({ random, object }: Step): readonly RedisCommand[] {
  return [['SET', `session:${object}`, session(random), 'PXAT', String(FAR_AHEAD_MS + random.bits(30))]];
}

function touchUser({ random, object }: Step): readonly RedisCommand[] {
  const seen = String(1_700_000_000 + random.bits(25));
  const agent = prose(random, 20 + random.bits(4));
  return [['HSET', `user:${object}`, 'last_seen', seen, 'visits', String(random.bits(10)), 'agent', agent]];
}

function tag({ random, object }: Step): readonly RedisCommand[] {
  return [['SADD', `tags:${object & 16383}`, hexText(random, 12), hexText(random, 12)]];
}

function score({ random, object }: Step): readonly RedisCommand[] {
  return [['ZADD', `board:${object & 511}`, String(random.real() * 1e5), `player:${random.bits(20)}`]];
}

function event({ random, object, number }: Step): readonly RedisCommand[] {
  const id = `${1_700_000_000_000 + number}-0`;
  const fields = ['user', String(object), 'type', random.pick(WORDS), 'data', prose(random, 30)];
  return [['XADD', `events:${object & 127}`, 'MAXLEN', '~', '10000', id, ...fields]];
}

function expireUser({ random, object }: Step): readonly RedisCommand[] {
  return [['PEXPIREAT', `user:${object}`, String(FAR_AHEAD_MS + random.bits(30))]];
}

function transaction({ random, object }: Step): readonly RedisCommand[] {
  const set = ['SET', `acct:${object}`, String(random.bits(20))];
  return [['MULTI'], set, ['INCRBY', 'acct:total', String(random.bits(8))], ['EXEC']];
}

function otherDatabase({ random, object }: Step): readonly RedisCommand[] {
  return [
    ['SELECT', '1'],
    ['SET', `cfg:${object & 1023}`, prose(random, 200)],
    ['SELECT', '0'],
  ];
}

function setDocument({ random, object, number }: Step): readonly RedisCommand[] {
  return [['SET', `doc:${object & 8191}`, productArray(random, number, 1 + random.bits(2))]];
}
