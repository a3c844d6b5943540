/** How long a target is tried again; the servers are played. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Patience, type PatienceOptions, pause } from '../../../src/import/send/patience.js';
import type { TargetServers } from '../../../src/import/target/servers.js';
import { TargetError, type TargetErrorCode } from '../../../src/import/target/target-error.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number, value: unknown, { signal }: { signal?: AbortSignal } = {}) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const timer = setTimeout(() => resolve(value), ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(new Error('the wait was given up'));
      });
    }),
}));

interface Played {
  readonly patience: Patience;
  /** How often the servers were looked for. */
  readonly refreshes: () => number;
  readonly waits: number[];
  /** What looking for the servers throws, from now on. */
  fails: unknown;
}

function played(options: Partial<PatienceOptions> = {}): Played {
  const waits: number[] = [];
  const one = { fails: undefined as unknown };
  const refresh = vi.fn(async () => {
    if (one.fails !== undefined) throw one.fails;
  });
  const patience = new Patience({
    servers: { refresh } as unknown as TargetServers,
    retryMs: 60_000,
    signal: undefined,
    onRetry: (_error, waitMs) => waits.push(waitMs),
    ...options,
  });
  return Object.assign(one, { patience, waits, refreshes: () => refresh.mock.calls.length });
}

const failure = (code: TargetErrorCode): TargetError => new TargetError(code, 'why', 'h:1');

/** How the wait ends, once the clock has moved on as far as it takes. */
async function outcome(promise: Promise<unknown>): Promise<unknown> {
  let result: unknown;
  const settled = promise.then(
    () => {
      result = 'again';
    },
    (error: unknown) => {
      result = error;
    },
  );
  for (let turn = 0; turn < 400 && result === undefined; turn++) await vi.advanceTimersByTimeAsync(50);
  await settled;
  return result;
}

describe('a failure', () => {
  it.each<TargetErrorCode>(['AUTH', 'OOM', 'NOPERM', 'REPLY', 'BUSYKEY', 'CLOSED'])(
    '%s is thrown at once',
    async (code) => {
      const { patience, waits, refreshes } = played();
      const error = failure(code);
      expect(await outcome(patience.afterFailure(error))).toBe(error);
      expect([waits, refreshes()]).toEqual([[], 0]);
    },
  );

  it('of anything else is thrown at once', async () => {
    const error = new RangeError('a mistake');
    expect(await outcome(played().patience.afterFailure(error))).toBe(error);
  });

  it('is not waited for where nobody wants that', async () => {
    const { patience, waits } = played({ retryMs: 0 });
    const error = failure('LOST');
    expect(await outcome(patience.afterFailure(error))).toBe(error);
    expect(waits).toEqual([]);
  });

  it('is followed by waits that grow, up to two seconds, and a look at the servers', async () => {
    const { patience, waits, refreshes } = played();
    for (let turn = 0; turn < 8; turn++) expect(await outcome(patience.afterFailure(failure('LOST')))).toBe('again');
    expect(waits).toEqual([50, 100, 200, 400, 800, 1600, 2000, 2000]);
    expect(refreshes()).toBe(8);
  });

  it('is the last one when nothing has succeeded for too long', async () => {
    const { patience, waits } = played({ retryMs: 3000 });
    const error = failure('CONNECT');
    const ends: unknown[] = [];
    while (ends.at(-1) !== error) ends.push(await outcome(patience.afterFailure(error)));
    // 50 + 100 + 200 + 400 + 800 + 1600 are 3150 ms.
    expect(ends.length).toBe(7);
    expect(waits.length).toBe(6);
  });

  it('begins anew once something has succeeded', async () => {
    const { patience, waits } = played({ retryMs: 500 });
    for (let turn = 0; turn < 20; turn++) {
      expect(await outcome(patience.afterFailure(failure('LOST')))).toBe('again');
      expect(await outcome(patience.afterFailure(failure('LOST')))).toBe('again');
      patience.succeeded();
    }
    expect(waits).toEqual(Array.from({ length: 20 }, () => [50, 100]).flat());
  });
});

describe('a redirection', () => {
  it('is followed at once, and is waited for when it goes on', async () => {
    const { patience, waits, refreshes } = played();
    expect(await outcome(patience.afterFailure(failure('MOVED')))).toBe('again');
    expect([waits, refreshes()]).toEqual([[], 1]);
    expect(await outcome(patience.afterFailure(failure('MOVED')))).toBe('again');
    expect([waits, refreshes()]).toEqual([[100], 2]);
  });

  it.each<TargetErrorCode>(['ASK', 'TRYAGAIN', 'LOADING', 'BUSY'])('%s leads to no other servers', async (code) => {
    const { patience, refreshes } = played();
    expect(await outcome(patience.afterFailure(failure(code)))).toBe('again');
    expect(refreshes()).toBe(0);
  });
});

describe('looking for the servers', () => {
  it('may fail as the target does', async () => {
    const one = played();
    one.fails = failure('CONNECT');
    expect(await outcome(one.patience.afterFailure(failure('LOST')))).toBe('again');
  });

  it.each([failure('AUTH'), new RangeError('a mistake')])(
    'ends it with an error that time does not heal',
    async (error) => {
      const one = played();
      one.fails = error;
      expect(await outcome(one.patience.afterFailure(failure('LOST')))).toBe(error);
    },
  );
});

describe('a signal', () => {
  it('ends it before anything else', async () => {
    const reason = new Error('enough');
    const { patience, refreshes } = played({ signal: AbortSignal.abort(reason) });
    expect(await outcome(patience.afterFailure(failure('LOST')))).toBe(reason);
    expect(refreshes()).toBe(0);
  });

  it('ends a wait with its reason', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    const { patience } = played({ signal: controller.signal });
    const ended = outcome(patience.afterFailure(failure('LOST')));
    controller.abort(reason);
    expect(await ended).toBe(reason);
  });

  it('is not needed', async () => {
    expect(await outcome(pause(100, undefined))).toBe('again');
  });
});

describe('what is tried', () => {
  it('until it succeeds has its result', async () => {
    const { patience, waits } = played();
    const run = vi.fn<() => Promise<number>>();
    run.mockRejectedValueOnce(failure('LOST')).mockRejectedValueOnce(failure('LOADING')).mockResolvedValue(7);
    const results: number[] = [];
    await outcome(patience.keepTrying(run).then((value) => results.push(value)));
    expect([results, run.mock.calls.length, waits]).toEqual([[7], 3, [50, 100]]);
    // It has: the next failure is a first one.
    await outcome(patience.afterFailure(failure('LOST')));
    expect(waits.at(-1)).toBe(50);
  });

  it('ends with what is no use to try', async () => {
    const { patience } = played();
    const error = failure('AUTH');
    const run = vi.fn<() => Promise<number>>().mockRejectedValueOnce(failure('LOST')).mockRejectedValue(error);
    expect(await outcome(patience.keepTrying(run))).toBe(error);
    expect(run.mock.calls.length).toBe(2);
  });
});
