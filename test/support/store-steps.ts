/**
 * What a store is given by a process that is going to be killed: numbered steps, of which each changes several keys at once.
 * What is there after a number of them follows from that number, so that whoever finds the files can say what belongs there.
 */
import type { ByteString } from '../../src/bytes/byte-string.js';
import { digestEngine } from '../../src/engine/digest.js';
import { Engine } from '../../src/engine/engine.js';
import { CommandError } from '../../src/engine/reply.js';
import { Session } from '../../src/engine/session.js';

/** How many steps have been run, as every step leaves it. */
export const COUNTER = 'counter';
/** What one has more than it began with, the other has less. */
export const PAIR = ['left', 'right'] as const;

const MOST_VALUE = 3000;

/** The commands of step `number`, which counts from 1: one command, or a transaction. */
export function storeStep(number: number): ByteString[][] {
  const amount = String((number * 7919) % 1000);
  const text = 'v'.repeat((number * 37) % MOST_VALUE);
  if (number % 3 === 0) return [['MSET', COUNTER, String(number), `text:${number % 200}`, text]];
  if (number % 3 === 1)
    return [
      ['MULTI'],
      ['INCR', COUNTER],
      ['INCRBY', PAIR[0], amount],
      ['DECRBY', PAIR[1], amount],
      ['RPUSH', 'list', amount],
      ['LTRIM', 'list', '-100', '-1'],
      ['EXEC'],
    ];
  return [
    ['MULTI'],
    ['SELECT', '3'],
    ['HSET', `hash:${number % 20}`, amount, text],
    ['ZADD', 'zset', String(number % 50), amount],
    ['SELECT', '0'],
    ['INCR', COUNTER],
    ['EXEC'],
  ];
}

/** An engine without files that has run the same steps. */
export class StepReference {
  private readonly engine: Engine;
  private readonly session: Session;
  private done = 0;

  constructor(target: string) {
    this.engine = new Engine({ target });
    this.session = new Session(this.engine);
  }

  /** DEBUG DIGEST after so many steps; numbers never go back. */
  digestAt(steps: number): string {
    if (steps < this.done) throw new RangeError(`${steps} steps, after ${this.done}`);
    while (this.done < steps)
      for (const args of storeStep(++this.done)) {
        const reply = this.session.execute(args);
        if (reply instanceof CommandError) throw reply;
      }
    return digestEngine(this.engine).digest;
  }
}
