import { describe, expect, it } from 'vitest';
import { toByteString } from '../../src/bytes/byte-string.js';
import { crc64 } from '../../src/bytes/crc64.js';
import { testEngine } from '../support/engine-run.js';

const BODY = "redis.register_function('f', function() return 1 end)";
const CODE = `#!lua name=lib\n${BODY}`;
/** FUNCTION DUMP of Redis 8.0.2 with that library. */
const DUMP = `\xf5@D${CODE}\x0c\0d\x9a~\x01\xf7\xe3\x92\xea`;
const BAD = '-ERR DUMP payload version or checksum are wrong';

describe('FUNCTION LOAD', () => {
  it.each<[code: string, reply: string]>([
    [CODE, 'lib'],
    [`#!LUA NAME=lib\n${BODY}`, 'lib'],
    [`#!lua  name="lib" \n${BODY}`, 'lib'],
    [`#!lua name='lib'\n${BODY}`, 'lib'],
    [`#!lua name="l\\x69b"\n${BODY}`, 'lib'],
    ['#!lua name=lib\n', '-ERR No functions registered'],
    ['#!lua name="lib\n', '-ERR Invalid library metadata'],
    ['#!lua name="lib"x\n', '-ERR Invalid library metadata'],
    ['lua', '-ERR Missing library metadata'],
    ['#!lua name=lib', '-ERR Invalid library metadata'],
    ['#!lua\n', '-ERR Library name was not given'],
    ['#!lua name=a name=b\n', '-ERR Invalid metadata value, name argument was given multiple times'],
    ['#!lua other=1\n', '-ERR Invalid metadata value given: other=1'],
    ['#!js name=lib\n', "-ERR Engine 'js' not found"],
    [
      '#!lua name=a-b\n',
      '-ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one character long',
    ],
  ])('%j', (code, reply) => {
    const { engine, run, runner } = testEngine();
    expect(run('FUNCTION', 'LOAD', code)).toBe(reply);
    expect([engine.functions.size, runner.dirty]).toEqual(reply === 'lib' ? [1, 1] : [0, 0]);
  });

  it('replaces where it may', () => {
    const { engine, run } = testEngine();
    run('FUNCTION', 'LOAD', CODE);
    expect(run('FUNCTION', 'LOAD', CODE)).toBe("-ERR Library 'lib' already exists");
    expect(run('FUNCTION', 'LOAD', 'none', CODE)).toBe('-ERR Unknown option given: none');
    expect(run('FUNCTION', 'LOAD', 'replace', `${CODE} `)).toBe('lib');
    expect(engine.functions.get('lib')).toEqual({ name: 'lib', engine: 'lua', code: `${CODE} ` });
  });
});

describe('other commands on functions', () => {
  it('deletes and flushes', () => {
    const { engine, run } = testEngine();
    run('FUNCTION', 'LOAD', CODE);
    expect(run('FUNCTION', 'DELETE', 'none')).toBe('-ERR Library not found');
    expect(run('FUNCTION', 'DELETE', 'lib')).toBe('+OK');
    run('FUNCTION', 'LOAD', CODE);
    expect(run('FUNCTION', 'FLUSH', 'none')).toBe('-ERR FUNCTION FLUSH only supports SYNC|ASYNC option');
    expect([run('FUNCTION', 'FLUSH', 'SYNC'), engine.functions.size]).toEqual(['+OK', 0]);
  });

  it('restores', () => {
    const { engine, run } = testEngine({ target: 'redis:8.0' });
    expect(run('FUNCTION', 'RESTORE', DUMP)).toBe('+OK');
    expect(engine.functions.get('lib')).toEqual({ name: 'lib', engine: 'lua', code: CODE });
    expect(run('FUNCTION', 'RESTORE', DUMP)).toBe('-ERR Library lib already exists');
    run('FUNCTION', 'LOAD', `#!lua name=other\n${BODY.replace("'f'", "'g'")}`);
    expect([run('FUNCTION', 'RESTORE', DUMP, 'replace'), engine.functions.size]).toEqual(['+OK', 2]);
    expect([run('FUNCTION', 'RESTORE', DUMP, 'FLUSH'), engine.functions.size]).toEqual(['+OK', 1]);
  });

  it.each<[name: string, payload: string, reply: string]>([
    ['nothing', '', BAD],
    ['another checksum', `${DUMP.slice(0, -1)}\0`, BAD],
    ['a newer version', payload('', 99), BAD],
    ['no library', payload('', 11), '+OK'],
    ['a key', payload('\0\x01k\x01v', 11), '-ERR given type is not a function'],
    ['an end inside', payload('\xf5\x40', 11), '-ERR Failed loading library payload'],
  ])('refuses or takes %s', (_name, bytes, reply) => {
    expect(testEngine({ target: 'redis:8.0' }).run('FUNCTION', 'RESTORE', bytes)).toBe(reply);
  });

  it('answers to scripts that are loaded', () => {
    const { run } = testEngine();
    expect(run('SCRIPT', 'LOAD', 'return 1')).toBe('e0e1f9fabfc9d4800c877a703b823ac0578ff8db');
    expect([run('SCRIPT', 'FLUSH'), run('SCRIPT', 'FLUSH', 'x')]).toEqual([
      '+OK',
      '-ERR SCRIPT FLUSH only support SYNC|ASYNC option',
    ]);
  });
});

function payload(body: string, version: number): string {
  const bytes = Buffer.alloc(body.length + 10);
  bytes.write(body, 'latin1');
  bytes.writeUInt16LE(version, body.length);
  bytes.writeBigUInt64LE(crc64(bytes, 0, body.length + 2), body.length + 2);
  return toByteString(bytes);
}
