/** Targets by name and by the header of a file. */
import { describe, expect, it } from 'vitest';
import { findTarget, TARGETS, targetOfHeader } from '../../src/rdb/versions.js';

describe('the target of a header', () => {
  it.each([
    ['REDIS', 1, 'redis:2.2'],
    ['REDIS', 3, 'redis:2.6'],
    ['REDIS', 6, 'redis:2.6'],
    ['REDIS', 9, 'redis:5.0'],
    ['REDIS', 10, 'redis:7.0'],
    ['REDIS', 11, 'redis:7.2'],
    ['REDIS', 15, 'redis:8.10'],
    ['REDIS', 16, 'redis:8.10'],
    ['REDIS', 9999, 'redis:8.10'],
    ['VALKEY', 80, 'valkey:9.0'],
    ['VALKEY', 81, 'valkey:9.2'],
    ['VALKEY', 82, 'valkey:9.2'],
  ] as const)('%s %i is %s', (magic, version, name) => {
    expect(targetOfHeader(magic, version).name).toBe(name);
  });

  it('is never KeyDB, whose header is that of Redis', () => {
    for (const { magic, version } of TARGETS) expect(targetOfHeader(magic, version).family).not.toBe('keydb');
  });
});

describe('the target of a name', () => {
  it.each([
    ['redis:7.0', 'redis:7.0'],
    ['Redis:7.0.15', 'redis:7.0'],
    ['redis:7', 'redis:7.0'],
    ['keydb:6', 'keydb:6'],
    ['keydb:6.3.4', 'keydb:6'],
    ['valkey:9', 'valkey:9.0'],
    ['redis:9.9', undefined],
    ['memcached:1', undefined],
    ['redis', undefined],
  ])('%s is %s', (name, expected) => {
    expect(findTarget(name)?.name).toBe(expected);
  });
});
