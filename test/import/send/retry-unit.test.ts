/** What is sent once more: whole requests, in order, each behind ASKING where a server was asked for a slot on its way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCommand } from '../../../src/codecs/resp.js';
import { BatchEnd } from '../../../src/import/send/batch-end.js';
import { retryBytes, retryUnitOf } from '../../../src/import/send/retry-unit.js';
import { parseEndpoint } from '../../../src/import/target/endpoint.js';
import { TargetError } from '../../../src/import/target/target-error.js';
import { UNIT, UnitBatch } from '../../../src/import/units/unit-batch.js';
import { commandLines, commandsOf } from '../../support/command-run.js';
import { ascii, latin1 } from '../../support/packed.js';

const asked = parseEndpoint('redis://127.0.0.1:7001');
const command = (line: string): Uint8Array => encodeCommand(line.split(' '));
const bytesOf = (...lines: string[]): Uint8Array => new Uint8Array(Buffer.concat(lines.map(command)));

describe('requests', () => {
  const unit = bytesOf('RPUSH t a', 'PEXPIREAT t 5');
  const clearing = [command('DEL k'), command('DEL t')];

  it('are those of the unit, behind what clears its place', () => {
    const { bytes, requests } = retryBytes({ bytes: unit, asked: undefined }, clearing);
    expect([commandLines(bytes), requests]).toEqual([['DEL k', 'DEL t', 'RPUSH t a', 'PEXPIREAT t 5'], 4]);
    expect(commandLines(retryBytes({ bytes: unit, asked: undefined }, []).bytes)).toEqual([
      'RPUSH t a',
      'PEXPIREAT t 5',
    ]);
  });

  it('are asked for one by one', () => {
    const { bytes, requests } = retryBytes({ bytes: unit, asked }, clearing);
    const lines = ['DEL k', 'DEL t', 'RPUSH t a', 'PEXPIREAT t 5'].flatMap((line) => ['ASKING', line]);
    expect([commandLines(bytes), requests]).toEqual([lines, 8]);
  });

  it('are whole, whatever is in them', () => {
    const argument = fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc.constantFrom('*1\r\n', '$3\r\nDEL', '\r\n', '').map(ascii),
    );
    const args = fc.array(argument, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.array(args, { maxLength: 6 }),
        fc.array(args, { maxLength: 2 }),
        fc.boolean(),
        (unit, clear, isAsked) => {
          const all = unit.map((one) => encodeCommand(one));
          const retry = { bytes: new Uint8Array(Buffer.concat(all)), asked: isAsked ? asked : undefined };
          const { bytes, requests } = retryBytes(
            retry,
            clear.map((one) => encodeCommand(one)),
          );
          const found = commandsOf(bytes);
          expect(found.length).toBe(requests);
          const wanted = [...clear, ...unit].flatMap((one) => [...(isAsked ? [['ASKING']] : []), one.map(latin1)]);
          expect(found).toEqual(wanted);
        },
      ),
    );
  });
});

it('a unit is copied out of its batch, which may be used again', () => {
  const batch = new UnitBatch(8);
  batch.db = 3;
  const units = [bytesOf('SET a 1'), bytesOf('RPUSH t x', 'RPUSH t y'), bytesOf('SET c 3')];
  for (const [unit, bytes] of units.entries()) {
    const key = ascii(`k\r\n${unit}`);
    batch.add(UNIT.KEY, 40 + unit, 100 + unit, batch.size, key, 0, key.length);
    batch.append(bytes, 0, bytes.length);
    batch.requests[unit] = commandsOf(bytes).length;
  }
  batch.moved[1] = 1;
  const error = new TargetError('ASK', 'elsewhere', 'h:1');
  const end = new BatchEnd(40, 43);
  const rest = { error, asked, server: undefined, batch: end };
  const retries = units.map((_, unit) => retryUnitOf(batch, unit, rest));
  batch.bytes.fill(0);
  batch.keys.fill(0);
  batch.clear();
  for (const [unit, retry] of retries.entries()) {
    expect(retry).toEqual({
      kind: UNIT.KEY,
      ordinal: 40 + unit,
      db: 3,
      slot: 100 + unit,
      key: ascii(`k\r\n${unit}`),
      bytes: units[unit],
      isMoved: unit === 1,
      ...rest,
    });
  }
});
