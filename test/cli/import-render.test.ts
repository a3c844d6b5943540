/** What is printed of imports and comparisons: for people, and for programs. */
import { describe, expect, it } from 'vitest';
import { failureJson, importJson } from '../../src/cli/render/import-json.js';
import { formatFailure, formatImport } from '../../src/cli/render/import-text.js';
import { formatElapsed, paceText } from '../../src/cli/render/quantity.js';
import { createStyle } from '../../src/cli/render/style.js';
import { differenceJson, type VerifyDifference, verifyJson } from '../../src/cli/render/verify-json.js';
import { formatDifference, formatVerify } from '../../src/cli/render/verify-text.js';
import type { LossCount } from '../../src/convert/loss.js';
import type { ImportResult, KeyFailure } from '../../src/import/model.js';
import type { VerifyResult } from '../../src/import/verify/model.js';

const plain = createStyle('never', false, {});
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const nothing = { keys: 0, sent: 0, skipped: 0, replaced: 0, failed: 0, expired: 0, functions: 0 };

function imported(changes: Partial<ImportResult>): ImportResult {
  return {
    server: 'redis 7.0.15',
    kind: 'standalone',
    mode: 'auto',
    counts: { ...nothing, keys: 12_000, sent: 12_000 },
    failures: [],
    lost: [],
    asCommands: 0,
    sentBytes: 3 * 1024 ** 2,
    requests: 12_002,
    retries: 0,
    elapsedMs: 1500,
    isResumed: false,
    plan: undefined,
    ...changes,
  };
}

const failure = (key: string, code: KeyFailure['code'] = 'BUSYKEY'): KeyFailure => ({
  kind: 'key',
  db: 3,
  key: utf8(key),
  code,
  message: 'the key exists',
});

describe('an import for people', () => {
  it('that went well', () => {
    expect(formatImport('dump.rdb', '127.0.0.1:6379', imported({}), plain)).toBe(
      `dump.rdb → 127.0.0.1:6379 (redis 7.0.15)
  keys       12,000 keys
  sent       12,000 by RESTORE
  traffic    3.0 MB in 12,002 requests
  time       1.5 s: 8,000 keys/s, 2.0 MB/s
`,
    );
  });

  it('with everything that may be', () => {
    const result = imported({
      kind: 'cluster',
      counts: { keys: 90, sent: 50, skipped: 20, replaced: 5, failed: 15, expired: 5, functions: 2 },
      failures: [...Array(11).keys()].map((index) => failure(`k\n${index}`)),
      asCommands: 7,
      retries: 1,
      isResumed: true,
    });
    const text = formatImport('du\x1bmp', 'host:1', result, plain);
    expect(text).toContain('"du\\x1bmp" → host:1 (redis 7.0.15, a cluster)\n');
    expect(text).toContain('90 keys, those of the import that this one goes on with included');
    expect(text).toContain('50 by RESTORE, 7 of them as commands, 5 in the place of others');
    expect(text).toContain('not sent   20 that the server has, 5 expired, 15 failed');
    expect(text).toContain('functions  2 libraries');
    expect(text).toContain('1 request sent again');
    expect(text).not.toContain('keys/s');
    expect(text).toMatch(/"k\\n9" +3 {2}BUSYKEY {2}the key exists\n {2}… and 5 more: --report FILE has all of them\n/);
    expect(text).not.toContain('"k\\n10"');
    expect(text).toContain('hint: --on-exists skip or replace');
  });

  it('with losses, and nothing sent', () => {
    const lost: LossCount[] = [
      {
        what: 'field-expiry',
        scope: 'part',
        count: 3,
        dropped: 0,
        converted: 3,
        detail: '1 of 2 fields has an expiry',
        examples: [{ db: 0, key: utf8('h') }],
      },
    ];
    const text = formatImport('a', 'b', imported({ counts: { ...nothing, keys: 3 }, lost }), plain);
    expect(text).toContain('  sent       0\n');
    expect(text).toMatch(/expiries of hash fields +3 +0 {2}h: 1 of 2 fields has an expiry/);
  });

  it('that is a plan', () => {
    const plan = {
      databases: [
        { db: 0, keys: 1000 },
        { db: 3, keys: 20 },
      ],
      nodes: [
        { address: '10.0.0.1:7000', keys: 500, bytes: 2048 },
        { address: '10.0.0.2:7000', keys: 520, bytes: 4096 },
      ],
      requests: 1022,
      bytes: 6144,
      estimatedMs: 250,
    };
    const counts = { ...nothing, keys: 1020, sent: 1020, functions: 1 };
    expect(formatImport('a', 'b:1', imported({ counts, plan, sentBytes: 0, requests: 0 }), plain)).toBe(
      `a → b:1 (redis 7.0.15)
  dry run    nothing was written; 1,020 keys and 1 function library would be
  traffic    6.0 KB in 1,022 requests
  time       about 250 ms

  db   keys
   0  1,000
   3     20

  node           keys   bytes
  10.0.0.1:7000   500  2.0 KB
  10.0.0.2:7000   520  4.0 KB
`,
    );
    expect(importJson('a', 'b:1', imported({ plan }))).toMatchObject({ plan });
  });

  it('key by key', () => {
    expect(formatFailure(failure('a b\n'))).toBe('db 3, key "a b\\n": the key exists (BUSYKEY)');
    expect(formatFailure({ ...failure('lib', 'REPLY'), kind: 'function' })).toBe(
      'function library lib: the key exists (REPLY)',
    );
  });
});

it('an import for programs', () => {
  const result = imported({ failures: [failure('k'), { ...failure(''), key: Uint8Array.of(0xff) }] });
  expect(importJson('dump.rdb', 'b:1', result)).toEqual({
    schema: 'rdb-inspect/import@1',
    source: 'dump.rdb',
    target: 'b:1',
    server: 'redis 7.0.15',
    kind: 'standalone',
    mode: 'auto',
    counts: { ...nothing, keys: 12_000, sent: 12_000 },
    failures: [
      { kind: 'key', db: 3, key: 'k', code: 'BUSYKEY', message: 'the key exists' },
      { kind: 'key', db: 3, key: { $b64: '/w==' }, code: 'BUSYKEY', message: 'the key exists' },
    ],
    lost: [],
    asCommands: 0,
    bytes: 3 * 1024 ** 2,
    requests: 12_002,
    retries: 0,
    ms: 1500,
    resumed: false,
  });
  expect(failureJson(failure('k'))).not.toHaveProperty('$b64');
});

function compared(changes: Partial<VerifyResult>): VerifyResult {
  return {
    server: 'valkey 8.1.0',
    kind: 'standalone',
    method: 'digest',
    counts: { keys: 10, same: 10, missing: 0, different: 0, expired: 0 },
    unknown: 0,
    extra: 0,
    functions: undefined,
    differences: [],
    isSame: true,
    elapsedMs: 20,
    ...changes,
  };
}

const difference: VerifyDifference = {
  kind: 'different',
  db: 1,
  key: utf8('h\t'),
  what: 'value',
  detail: '3 fields, not 4',
};

describe('a comparison', () => {
  it('without a difference', () => {
    expect(formatVerify('dump.rdb', 'b:1', compared({}), plain)).toBe(
      `dump.rdb and b:1 (valkey 8.1.0): no difference
  10 keys compared by digests (DEBUG DIGEST-VALUE) in 20 ms: 10 the same
`,
    );
  });

  it('with all of them', () => {
    const missing = { ...difference, kind: 'missing', what: 'existence', detail: 'it is not there' } as const;
    const result = compared({
      method: 'dump',
      counts: { keys: 10, same: 4, missing: 2, different: 2, expired: 1 },
      unknown: 1,
      extra: 3,
      functions: { libraries: 2, differing: 1 },
      differences: [missing, difference, { ...difference, what: 'function', detail: 'other code' }],
      isSame: false,
    });
    const text = formatVerify('a', 'b', result, plain);
    expect(text).toContain('2 missing, 2 different, 3 on the server alone, 1 function library\n');
    expect(text).toContain(': 4 the same, 1 expired, 1 that only their modules could compare, 2 function libraries\n');
    expect(text).toMatch(/ missing +1 {2}"h\\t" {2}it is not there\n/);
    expect(text).toMatch(/ different +1 {2}"h\\t" {2}value: 3 fields, not 4\n/);
    expect(text).toMatch(/ different +"h\\t" {2}function: other code\n/);
    expect(text).toContain('… and 5 more\n');
    expect(verifyJson('a', 'b', result)).toMatchObject({
      schema: 'rdb-inspect/verify@1',
      same: false,
      extra: 3,
      functions: { libraries: 2, differing: 1 },
      differences: [{ kind: 'missing', key: 'h\t' }, {}, {}],
    });
  });

  it('key by key', () => {
    expect(formatDifference(difference)).toBe('db 1, key "h\\t": value: 3 fields, not 4 (different)');
    expect(formatDifference({ ...difference, kind: 'extra', what: 'existence', detail: '' })).toBe(
      'db 1, key "h\\t" (extra)',
    );
    expect(differenceJson(difference)).toEqual({ ...difference, key: 'h\t' });
  });

  it('says null of what was not looked at', () => {
    expect(verifyJson('a', 'b', compared({ extra: undefined }))).toMatchObject({ extra: null, functions: null });
  });
});

it.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [999.6, '1.0 s'],
  [9949, '9.9 s'],
  [12_000, '12 s'],
  [200_000, '3 min'],
])('%d ms', (ms, text) => {
  expect(formatElapsed(ms)).toBe(text);
});

it('rates of keys', () => {
  expect([paceText(81_301, 1000), paceText(3, 0)]).toEqual(['81,301 keys/s', '3,000 keys/s']);
});
