/** A password from the terminal, which is not shown. */
import { StoppedBySignal, UsageError, withHint } from './failures.js';

/** What is needed of a terminal: of process.stdin, where that is one. */
export interface PasswordTerminal {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
  on(event: 'data', listener: (bytes: Uint8Array) => void): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
  removeListener(event: 'data', listener: (bytes: Uint8Array) => void): unknown;
  removeListener(event: 'end' | 'close', listener: () => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

const CTRL_C = 0x03;
const CTRL_D = 0x04;
const BACKSPACE = 0x08;
const NEWLINE = 0x0a;
const CTRL_U = 0x15;
const RETURN = 0x0d;
const DELETE = 0x7f;

/**
 * Reads a line. `write` shows the question, and the end of the line.
 *
 * @throws UsageError without a terminal; StoppedBySignal for Ctrl-C, which is a byte while nothing is shown; the reason of
 * `signal`
 */
export async function askPassword(
  terminal: PasswordTerminal,
  write: (text: string) => void,
  signal: AbortSignal,
): Promise<string> {
  if (terminal.isTTY !== true || terminal.setRawMode === undefined)
    throw withHint(
      new UsageError('--askpass asks at a terminal, and standard input is none'),
      'REDISCLI_AUTH in the environment gives a password, too',
    );
  signal.throwIfAborted();
  write('Password: ');
  terminal.setRawMode(true);
  try {
    return await readLine(terminal, signal);
  } finally {
    terminal.setRawMode(false);
    // A terminal that is listened to keeps the process from ending.
    terminal.pause();
    write('\n');
  }
}

function readLine(terminal: PasswordTerminal, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const line: number[] = [];
    const settle = (finish: () => void): void => {
      terminal.removeListener('data', onData);
      terminal.removeListener('end', onEnd);
      terminal.removeListener('close', onEnd);
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    const done = (): void => settle(() => resolve(new TextDecoder().decode(Uint8Array.from(line))));
    const onAbort = (): void => settle(() => reject(signal.reason));
    const onEnd = (): void => done();
    const onData = (bytes: Uint8Array): void => {
      for (const byte of bytes) {
        const isEnd = byte === RETURN || byte === NEWLINE || byte === CTRL_D;
        if (byte === CTRL_C) settle(() => reject(new StoppedBySignal('SIGINT')));
        else if (isEnd) done();
        else edit(line, byte);
        if (isEnd || byte === CTRL_C) return;
      }
    };
    terminal.on('data', onData);
    terminal.on('end', onEnd);
    terminal.on('close', onEnd);
    signal.addEventListener('abort', onAbort, { once: true });
    terminal.resume();
  });
}

/** UTF-8: the bytes of a character go together. */
function edit(line: number[], byte: number): void {
  if (byte === CTRL_U) line.length = 0;
  else if (byte !== BACKSPACE && byte !== DELETE) line.push(byte);
  else while (isContinuation(line.pop()));
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
