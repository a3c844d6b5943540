/** Commands by several threads: the same bytes, losses and errors as by one. `npm test` builds the workers. */
import { describe, expect, it } from 'vitest';
import { BytesSource } from '../../src/bytes/source-plain.js';
import { Window } from '../../src/bytes/window.js';
import { type LossEntry, LossLedger } from '../../src/convert/loss.js';
import { CommandJoiner, CommandTask, type CommandTaskOptions } from '../../src/convert/rdb-to-commands/command-task.js';
import { RestoreHandler } from '../../src/convert/rdb-to-commands/restore-handler.js';
import { RewriteHandler } from '../../src/convert/rdb-to-commands/rewrite-handler.js';
import { drive } from '../../src/rdb/drive.js';
import { RdbDriver } from '../../src/rdb/driver.js';
import { findTarget } from '../../src/rdb/versions.js';
import { ParallelReader } from '../../src/workers/parallel-reader.js';
import { bytesOf, keyRecord, len, rdbFile, str } from '../support/file-builder.js';
import { listFixtures, readFixture } from '../support/fixtures.js';
import { errorFacts } from './json-threads.js';
import { manyKeys } from './many-keys.js';

interface Outcome {
  readonly text: string;
  readonly losses: readonly LossEntry[];
  readonly error: unknown;
}

type Options = Pick<CommandTaskOptions, 'format'> & Partial<CommandTaskOptions>;

const LIMITS = { largeValueBytes: 20_000 };

function settingsOf(options: Options): CommandTaskOptions {
  return { target: undefined, replace: false, onUnsupported: 'error', filter: undefined, nowMs: 1e12, ...options };
}

async function byOne(file: Uint8Array, options: Options): Promise<Outcome> {
  const pieces: Buffer[] = [];
  const losses: LossEntry[] = [];
  const { format, target, replace, onUnsupported, nowMs } = settingsOf(options);
  const settings = {
    target: target === undefined ? undefined : findTarget(target),
    replace,
    onUnsupported,
    nowMs,
    write: (bytes: Uint8Array, start: number, end: number) => pieces.push(Buffer.from(bytes.subarray(start, end))),
    onLoss: (loss: LossEntry) => losses.push(loss),
  };
  const handler = format === 'restore' ? new RestoreHandler(settings) : new RewriteHandler(settings);
  const source = new BytesSource(file);
  const window = Window.for(source.sizeBytes);
  const driver = new RdbDriver(window, handler, { limits: LIMITS });
  handler.driver = driver;
  let error: unknown;
  try {
    while ((await drive(source, driver)) === 'pause');
  } catch (thrown) {
    error = errorFacts(thrown);
  }
  handler.flush();
  return { text: Buffer.concat(pieces).toString('latin1'), losses, error };
}

async function bySeveral(file: Uint8Array, options: Options, jobs = 2, rangeBytes = 1000): Promise<Outcome> {
  const pieces: Buffer[] = [];
  const losses: LossEntry[] = [];
  const settings = settingsOf(options);
  const joiner = new CommandJoiner(
    (bytes, start, end) => pieces.push(Buffer.from(bytes.subarray(start, end))),
    new LossLedger((loss) => losses.push(loss)),
  );
  const reader = new ParallelReader({
    source: new BytesSource(file),
    jobs,
    rangeBytes,
    file: 'worker',
    spec: { name: 'commands', options: settings },
    task: new CommandTask(settings),
    collector: { result: (result) => joiner.add(result), warning: () => undefined },
    driver: { limits: LIMITS },
  });
  let error: unknown;
  try {
    await reader.run();
  } catch (thrown) {
    error = errorFacts(thrown);
  }
  return { text: Buffer.concat(pieces).toString('latin1'), losses, error };
}

const OPTIONS: readonly Options[] = [
  { format: 'resp', onUnsupported: 'convert' },
  { format: 'restore', target: 'redis:6.2', onUnsupported: 'drop', replace: true },
  { format: 'resp', target: 'redis:4.0', onUnsupported: 'drop' },
  { format: 'resp', target: 'redis:4.0' },
];

describe('every fixture', () => {
  it.each(listFixtures().map(({ name }, index) => ({ name, options: OPTIONS[index % OPTIONS.length]! })))(
    '$name $options.format for $options.target',
    async ({ name, options }) => {
      const file = readFixture(name);
      const expected = await byOne(file, options);
      expect(await bySeveral(file, options)).toEqual(expected);
    },
  );
});

describe('a file of many ranges', () => {
  const file = manyKeys('redis-8.6/types', 1_000_000);

  it.each(OPTIONS)('$format for $target, $onUnsupported', async (options) => {
    const expected = await byOne(file, options);
    expect(await bySeveral(file, options, 3, 30_000)).toEqual(expected);
  });

  it('where one value is damaged', async () => {
    const damaged = file.slice();
    damaged.fill(0xee, 400_000, 400_040);
    const expected = await byOne(damaged, { format: 'resp', onUnsupported: 'convert' });
    expect(expected.error).toBeDefined();
    expect(await bySeveral(damaged, { format: 'resp', onUnsupported: 'convert' }, 3, 30_000)).toEqual(expected);
  });
});

describe('databases', () => {
  const key = (name: string): Uint8Array => keyRecord(0, name, str('value'));
  const list = keyRecord(1, 'long', bytesOf(len(1000), new Array(1000).fill(str('x'.repeat(90)))));

  it('are selected once, whoever writes what stands in front', async () => {
    const records = [
      key('a'),
      key('b'),
      0xfe,
      1,
      0xfe,
      0,
      key('c'),
      list,
      key('d'),
      0xfe,
      2,
      list,
      list,
      0xfe,
      0,
      key('e'),
    ];
    const file = rdbFile('REDIS0011', ...records);
    const expected = await byOne(file, { format: 'resp' });
    expect(expected.text.match(/SELECT/g)).toHaveLength(3);
    expect(await bySeveral(file, { format: 'resp' }, 2, 1)).toEqual(expected);
  });
});
