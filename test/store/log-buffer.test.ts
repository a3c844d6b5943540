import { expect, it } from 'vitest';
import { CommandLog } from '../../src/engine/command-log.js';
import { Engine } from '../../src/engine/engine.js';
import { Session } from '../../src/engine/session.js';
import { LogBuffer } from '../../src/store/log-buffer.js';

function textOf({ bytes, size }: LogBuffer): string {
  return Buffer.from(bytes.subarray(0, size)).toString('latin1');
}

it('holds what the engine logs, in the form of the log', () => {
  const buffer = new LogBuffer();
  const engine = new Engine({ clock: () => 1_700_000_000_000 });
  engine.log = new CommandLog((args) => buffer.command(args), engine.settings.target);
  const session = new Session(engine);
  session.execute(['SET', 'k\xff', 'v', 'EX', '1']);
  session.execute(['GET', 'k\xff']);
  session.execute(['RPUSH', 'l', '', 'x'.repeat(100_000)]);
  expect(textOf(buffer)).toBe(
    [
      '*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n',
      '*5\r\n$3\r\nSET\r\n$2\r\nk\xff\r\n$1\r\nv\r\n$4\r\nPXAT\r\n$13\r\n1700000001000\r\n',
      `*4\r\n$5\r\nRPUSH\r\n$1\r\nl\r\n$0\r\n\r\n$100000\r\n${'x'.repeat(100_000)}\r\n`,
    ].join(''),
  );
});

it('says each second once', () => {
  const buffer = new LogBuffer();
  for (const second of [5, 5, 6, 6]) {
    buffer.annotate(second);
    buffer.command(['PING']);
  }
  const ping = '*1\r\n$4\r\nPING\r\n';
  expect(textOf(buffer)).toBe(`#TS:5\r\n${ping}${ping}#TS:6\r\n${ping}${ping}`);
  buffer.clear();
  buffer.annotate(6);
  expect(buffer.size).toBe(0);
});

it('gives back the room that a large command took', () => {
  const buffer = new LogBuffer();
  buffer.command(['SET', 'k', 'x'.repeat(3_000_000)]);
  expect(buffer.bytes.length).toBeGreaterThan(3_000_000);
  buffer.clear();
  expect(buffer.bytes.length).toBeLessThan(100_000);
});
