/** Blocking commands: what they would wait for, and that they are served once a key has changed. */
import { describe, expect, it } from 'vitest';
import { CommandLog } from '../../src/engine/command-log.js';
import { Engine } from '../../src/engine/engine.js';
import { type Reply, Status } from '../../src/engine/reply.js';
import { Session } from '../../src/engine/session.js';

/** What a server does with waits: tries again when a key has changed that somebody waits for. */
function serve(): { wait: (line: string) => void; other: (line: string) => void; replies: Reply[]; log: string[] } {
  const engine = new Engine({ clock: () => 1_700_000_000_000 });
  const [waiting, other] = [new Session(engine), new Session(engine)];
  const replies: Reply[] = [];
  const log: string[] = [];
  const changed = new Set<string>();
  engine.listener = { changed: (_db, key) => void changed.add(key) };
  engine.log = new CommandLog((args) => void log.push(args.join(' ')), engine.settings.target);
  let retry: readonly string[] | undefined;
  const attempt = (args: readonly string[]): void => {
    const reply = waiting.execute(args);
    const { wait } = waiting;
    retry = wait === undefined ? undefined : (wait.retry ?? args);
    if (wait === undefined) replies.push(reply);
  };
  return {
    replies,
    log,
    wait: (line) => attempt(line.split(' ')),
    other: (line) => {
      changed.clear();
      other.execute(line.split(' '));
      const { wait } = waiting;
      const ready = wait?.keys.some((key) => {
        const value = engine.database(0).peek(key);
        return changed.has(key) && value !== undefined && typeof value !== 'string' && value.type === wait.type;
      });
      if (ready && retry !== undefined) attempt(retry);
    },
  };
}

describe('a wait', () => {
  it.each<[command: string, others: string[], reply: unknown, log: string]>([
    ['BLPOP a b 0', ['SET a 1', 'DEL a', 'RPUSH b x y'], ['b', 'x'], 'LPOP b'],
    ['BRPOP a 0', ['RPUSH a x y'], ['a', 'y'], 'RPOP a'],
    ['BLMOVE a b LEFT RIGHT 0', ['RPUSH b 1', 'LPUSH a x'], 'x', 'LMOVE a b LEFT RIGHT'],
    ['BRPOPLPUSH a b 0', ['LPUSH a x'], 'x', 'RPOPLPUSH a b'],
    ['BLMPOP 0 2 a b LEFT COUNT 2', ['RPUSH b x y z'], ['b', ['x', 'y']], 'LPOP b 2'],
    ['BLPOP a 0', ['RPUSH c x', 'RENAME c a'], ['a', 'x'], 'LPOP a'],
    ['BLPOP a 0', ['RPUSH c x', 'COPY c a'], ['a', 'x'], 'LPOP a'],
  ])('%s', (command, others, reply, line) => {
    const { wait, other, replies, log } = serve();
    wait(command);
    for (const [at, one] of others.entries()) {
      expect(replies).toEqual([]);
      other(one);
      if (at < others.length - 1) expect(replies).toEqual([]);
    }
    expect(replies).toEqual([reply]);
    expect(log.at(-1)).toBe(line);
  });

  it('for a sorted set', () => {
    const { wait, other, replies, log } = serve();
    wait('BZPOPMIN a 0');
    other('RPUSH a x');
    other('DEL a');
    other('ZADD a 2 y 1 x');
    expect(replies).toEqual([['a', 'x', expect.objectContaining({ value: 1 })]]);
    expect(log.at(-1)).toBe('ZPOPMIN a');
  });

  it('for what is new in a stream', () => {
    const { wait, other, replies } = serve();
    other('XADD s 1-1 f old');
    wait('XREAD BLOCK 0 STREAMS s $');
    other('XADD s 2-1 f new');
    expect(JSON.stringify(replies)).toContain('2-1');
    expect(JSON.stringify(replies)).not.toContain('1-1');
  });

  it('of a group', () => {
    const { wait, other, replies, log } = serve();
    other('XGROUP CREATE s g $ MKSTREAM');
    wait('XREADGROUP GROUP g c BLOCK 0 STREAMS s >');
    other('XADD s 2-1 f v');
    expect(JSON.stringify(replies)).toContain('2-1');
    expect(log.at(-1)).toContain('XCLAIM s g c 0 2-1 TIME');
  });

  it('says how long', () => {
    const session = new Session(new Engine());
    for (const [line, timeoutMs] of [
      ['BLPOP a 0.25', 250],
      ['BZPOPMAX a 0.0001', 1],
      ['XREAD BLOCK 30 STREAMS s 0', 30],
    ] as const) {
      session.execute(line.split(' '));
      expect(session.wait?.timeoutMs).toBe(timeoutMs);
    }
    expect(session.execute(['PING'])).toBeInstanceOf(Status);
    expect(session.wait).toBeUndefined();
  });
});
