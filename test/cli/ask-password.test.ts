/** A password from a terminal: what is typed, what is corrected, and what ends it. */
import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { askPassword } from '../../src/cli/ask-password.js';
import { StoppedBySignal, UsageError } from '../../src/cli/failures.js';

class FakeTerminal extends EventEmitter {
  readonly isTTY = true;
  readonly raw: boolean[] = [];
  isReading = false;

  setRawMode(isRaw: boolean): void {
    this.raw.push(isRaw);
  }

  resume(): void {
    this.isReading = true;
  }

  pause(): void {
    this.isReading = false;
  }
}

interface Typed {
  readonly outcome: unknown;
  readonly shown: string;
  readonly terminal: FakeTerminal;
}

async function type(act: (terminal: FakeTerminal, stop: AbortController) => void): Promise<Typed> {
  const terminal = new FakeTerminal();
  const stop = new AbortController();
  let shown = '';
  const asking = askPassword(terminal, (text) => (shown += text), stop.signal).catch((error: unknown) => error);
  act(terminal, stop);
  return { outcome: await asking, shown, terminal };
}

const typing = (text: string) => (terminal: FakeTerminal) => void terminal.emit('data', Buffer.from(text));

describe('a line', () => {
  it.each([
    ['geheim\r', 'geheim'],
    ['geheim\n', 'geheim'],
    ['\r', ''],
    ['ab\x7fc\r', 'ac'],
    ['ab\bc\r', 'ac'],
    ['ä€😀\x7f\x7f\r', 'ä'],
    ['\x7fa\r', 'a'],
    ['wrong\x15right\r', 'right'],
    ['abc\x04', 'abc'],
    ['abc\rrest', 'abc'],
  ])('%j', async (keys, password) => {
    const { outcome, shown, terminal } = await type(typing(keys));
    expect({ outcome, shown }).toEqual({ outcome: password, shown: 'Password: \n' });
    expect(terminal.raw).toEqual([true, false]);
    expect(terminal.isReading).toBe(false);
    expect(terminal.eventNames()).toEqual([]);
  });

  it('byte by byte', async () => {
    const { outcome } = await type((terminal) => {
      for (const byte of Buffer.from('pä€\x7fß\r')) terminal.emit('data', Buffer.of(byte));
    });
    expect(outcome).toBe('päß');
  });

  it('that the terminal ends', async () => {
    const { outcome } = await type((terminal) => {
      terminal.emit('data', Buffer.from('ab'));
      terminal.emit('end');
    });
    expect(outcome).toBe('ab');
  });
});

describe('no line', () => {
  it('after Ctrl-C', async () => {
    const { outcome, terminal } = await type(typing('ab\x03'));
    expect(outcome).toBeInstanceOf(StoppedBySignal);
    expect(terminal.raw).toEqual([true, false]);
  });

  it('after a signal', async () => {
    const reason = new StoppedBySignal('SIGTERM');
    const { outcome, terminal } = await type((_, stop) => stop.abort(reason));
    expect(outcome).toBe(reason);
    expect(terminal.raw).toEqual([true, false]);
  });

  it('without a terminal', async () => {
    const pipe = Object.assign(new FakeTerminal(), { isTTY: false });
    const asking = askPassword(pipe, () => undefined, new AbortController().signal);
    await expect(asking).rejects.toBeInstanceOf(UsageError);
  });
});
