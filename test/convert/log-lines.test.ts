/** Commands as lines: NDJSON that says everything, text that redis-cli reads. */
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AofDriver } from '../../src/aof/driver.js';
import { HOLD_KEYS } from '../../src/aof/large-command.js';
import { readAof, singleFileLog } from '../../src/aof/read.js';
import { runLogFile } from '../../src/aof/run.js';
import { JsonLines } from '../../src/convert/log-lines/json-lines.js';
import type { LineWriter } from '../../src/convert/log-lines/line-writer.js';
import { TextLines } from '../../src/convert/log-lines/text-lines.js';
import { joined, listAofFixtures, logged, text } from '../support/aof-files.js';

async function linesOf(
  log: Uint8Array,
  create: (write: (bytes: Uint8Array, start: number, end: number) => void) => LineWriter,
): Promise<string[]> {
  let output = '';
  const writer = create((bytes, start, end) => {
    output += Buffer.from(bytes.subarray(start, end)).toString('utf8');
  });
  writer.file('some.aof');
  const handler = (driver: () => AofDriver) => ({
    command: (view: Parameters<LineWriter['command']>[0]) => writer.command(view, driver().state),
    annotation: () => undefined,
    full: () => false,
  });
  await runLogFile(singleFileLog(log).files[0]!, handler, { holding: HOLD_KEYS });
  writer.flush();
  return output.split('\n').slice(0, -1);
}

const LOG = joined(
  logged('SELECT', '3'),
  logged('SET', 'two words', ''),
  text('#TS:1700000000\r\n'),
  logged('MULTI'),
  logged('SET', new Uint8Array([0xff, 0x00]), 'é"\n'),
  logged('EXEC'),
);

it('writes NDJSON as the format says', async () => {
  const lines = await linesOf(LOG, (write) => new JsonLines('auto', write));
  expect(lines).toEqual([
    '{"file":"some.aof","offset":0,"db":0,"command":["SELECT","3"]}',
    '{"file":"some.aof","offset":23,"db":3,"command":["SET","two words",""]}',
    '{"file":"some.aof","offset":73,"db":3,"ts":1700000000,"command":["MULTI"]}',
    '{"file":"some.aof","offset":88,"db":3,"ts":1700000000,"multi":true,"command":["SET",{"$b64":"/wA="},"é\\"\\n"]}',
    '{"file":"some.aof","offset":119,"db":3,"ts":1700000000,"command":["EXEC"]}',
  ]);
});

it('writes text lines with their places, or bare', async () => {
  const full = await linesOf(LOG, (write) => new TextLines({ bare: false, maxArgumentBytes: Infinity }, write));
  expect(full).toEqual([
    '0 [0] SELECT 3',
    '23 [3] SET "two words" ""',
    '73 2023-11-14T22:13:20Z [3] MULTI',
    '88 2023-11-14T22:13:20Z [3] SET "\\xff\\x00" "\\xc3\\xa9\\"\\n"',
    '119 2023-11-14T22:13:20Z [3] EXEC',
  ]);
  const bare = await linesOf(LOG, (write) => new TextLines({ bare: true, maxArgumentBytes: Infinity }, write));
  expect(bare[1]).toBe('SET "two words" ""');
});

it('cuts long arguments where that is asked for, and says their sizes', async () => {
  const log = joined(logged('SET', 'key', 'v'.repeat(100)), logged('SET', 'big', 'v'.repeat(3_000_000)));
  const lines = await linesOf(log, (write) => new TextLines({ bare: true, maxArgumentBytes: 10 }, write));
  expect(lines).toEqual(['SET key vvvvvvvvvv…(100 bytes)', 'SET big …(3000000 bytes)']);
});

describe.each(listAofFixtures())('$name', ({ path }) => {
  it('becomes lines that hold every byte', async () => {
    const bytes = new Uint8Array(fs.readFileSync(path));
    const lines = await linesOf(bytes, (write) => new JsonLines('auto', write));
    const expected: object[] = [];
    for await (const entry of readAof(bytes)) {
      if (entry.kind !== 'command') continue;
      expected.push({
        file: 'some.aof',
        offset: entry.place.offset,
        db: entry.db,
        ...(entry.timeSeconds !== undefined && { ts: entry.timeSeconds }),
        ...(entry.multiOffset !== undefined && { multi: true }),
        command: entry.args.map((arg) => Buffer.from(arg).toString('base64')),
      });
    }
    const found = lines.map((line) => {
      const { command, ...rest } = JSON.parse(line) as { command: (string | { $b64: string })[] };
      return {
        ...rest,
        command: command.map((arg) => (typeof arg === 'string' ? Buffer.from(arg).toString('base64') : arg.$b64)),
      };
    });
    expect(found).toEqual(expected);
  });
});
