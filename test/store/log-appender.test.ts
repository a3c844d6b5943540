/** The log's file under each policy: the order of writes and syncs, and what becomes of failures. */
import { describe, expect, it } from 'vitest';
import { type AppendFsync, LogAppender, LogLostError } from '../../src/store/log-appender.js';
import { ForgetfulFiles } from '../support/forgetful-files.js';
import { MemoryFiles } from '../support/memory-files.js';

const PING = '*1\r\n$4\r\nPING\r\n';

function start(policy: AppendFsync, files = new MemoryFiles()) {
  let nowMs = 10_000;
  const appender = new LogAppender(files.create('log'), 0, policy, { clock: () => nowMs });
  files.steps.length = 0;
  return {
    appender,
    files,
    ping: (count = 1): void => {
      for (let left = count; left > 0; left--) appender.buffer.command(['PING']);
    },
    pass: (ms: number): void => {
      nowMs += ms;
    },
    text: (): string => Buffer.from(files.nodes.get('log')!).toString(),
  };
}

describe('always', () => {
  it('writes what has come together at once, and syncs it', () => {
    const { appender, files, ping, text } = start('always');
    ping(3);
    appender.flush();
    appender.flush();
    expect(files.steps).toEqual([`write log ${PING.length * 3}`, 'syncdata log']);
    expect([text(), appender.isSynced]).toEqual([PING.repeat(3), true]);
  });

  it('ends with the first failure, nothing half in the file', () => {
    for (const failing of [0, 1]) {
      const { appender, files, ping, text } = start('always');
      ping();
      files.failAt = failing;
      expect(() => appender.flush()).toThrow(LogLostError);
      expect(['', PING]).toContain(text());
    }
  });
});

describe('everysec', () => {
  it('syncs aside, once a second', () => {
    const { appender, files, ping, pass } = start('everysec');
    for (let at = 0; at < 30; at++) {
      ping();
      appender.flush();
      files.catchUp();
      pass(100);
    }
    expect(files.steps.filter((step) => step === 'syncdata log').length).toBe(2);
    expect(files.steps.filter((step) => step.startsWith('write')).length).toBe(30);
  });

  it('waits for a sync that lasts, though not for ever', () => {
    const { appender, files, ping, pass } = start('everysec');
    ping();
    pass(1000);
    appender.flush();
    for (let at = 0; at < 25; at++) {
      ping();
      pass(100);
      appender.flush();
    }
    const [first, second, ...later] = files.steps.filter((step) => step.startsWith('write'));
    expect([first, second, later.length]).toEqual([`write log ${PING.length}`, `write log ${PING.length * 21}`, 0]);
    files.catchUp();
    appender.flush();
    expect(files.steps.filter((step) => step.startsWith('write')).length).toBe(3);
  });

  it('keeps what could not be written, takes back half of it, and tries again', () => {
    const { appender, files, ping, text } = start('everysec');
    ping();
    files.failAt = 0;
    appender.flush();
    expect([appender.error !== undefined, appender.buffer.size, text()]).toEqual([true, PING.length, '']);
    expect(files.steps).toEqual([`write log ${PING.length}`]);
    files.failAt = Infinity;
    ping();
    appender.flush();
    expect([appender.error, text()]).toEqual([undefined, PING.repeat(2)]);
  });

  it('takes back half of what it wrote, or lets the rest follow where that fails too', () => {
    for (const canCut of [true, false]) {
      const { appender, files, ping, text } = start('everysec');
      ping(2);
      files.failAt = 0;
      files.partOfFailed = 0.75;
      if (canCut) appender.flush();
      else {
        files.failFrom = true;
        appender.flush();
        files.failFrom = false;
      }
      expect(text().length).toBe(canCut ? 0 : PING.length * 1.5);
      files.failAt = Infinity;
      ping();
      appender.flush();
      expect([appender.error, text(), appender.sizeBytes]).toEqual([undefined, PING.repeat(3), PING.length * 3]);
    }
  });

  it('is well again once a later sync succeeds', () => {
    const { appender, files, ping, pass } = start('everysec');
    ping();
    pass(1000);
    appender.flush();
    files.failAt = files.steps.length;
    files.catchUp();
    expect(appender.error).toBeDefined();
    files.failAt = Infinity;
    pass(1000);
    appender.flush();
    files.catchUp();
    expect([appender.error, appender.isSynced]).toEqual([undefined, true]);
  });

  it('says so where a sync has failed', () => {
    const { appender, files, ping, pass } = start('everysec');
    ping();
    pass(1000);
    appender.flush();
    files.failAt = files.steps.length;
    files.catchUp();
    expect([appender.error !== undefined, appender.isSynced]).toEqual([true, false]);
  });
});

describe('no', () => {
  it('never syncs but at the end', () => {
    const { appender, files, ping, pass } = start('no');
    for (let at = 0; at < 5; at++) {
      ping();
      pass(5000);
      appender.flush();
    }
    expect(files.steps.every((step) => step.startsWith('write'))).toBe(true);
    appender.settle();
    expect(files.steps.at(-1)).toBe('syncdata log');
  });
});

it('leaves after a power cut what was synced, and any part of the rest', () => {
  const files = new ForgetfulFiles();
  const { appender, ping, pass } = start('everysec', files);
  files.syncDirectory('.');
  ping(4);
  pass(1000);
  appender.flush();
  files.catchUp();
  ping(4);
  appender.flush();
  const sizes = files.survivors().map((left) => left.nodes.get('log')?.length);
  expect(new Set(sizes)).toEqual(new Set([PING.length * 4, PING.length * 8]));
});
