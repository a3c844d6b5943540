import { describe, expect, it } from 'vitest';
import { compareStreamStates } from '../../../src/import/verify/compare-streams.js';
import type { StreamGroup, StreamId, StreamState } from '../../../src/rdb/model.js';
import { findTarget } from '../../../src/rdb/versions.js';
import { ascii } from '../../support/packed.js';

const id = (text: string): StreamId => {
  const [ms = '0', seq = '0'] = text.split('-');
  return { ms: BigInt(ms), seq: BigInt(seq) };
};
const FIRST = id('1-1');
const GROUP: StreamGroup = {
  name: ascii('g'),
  lastId: id('5-1'),
  entriesRead: 3n,
  pending: [{ id: id('4-1'), deliveredAtMs: 1000, deliveries: 2n, consumer: ascii('ann') }],
  consumers: [{ name: ascii('ann'), seenAtMs: 1000, activeAtMs: 900 }],
};
const STATE: StreamState = {
  length: 4,
  lastId: id('6-1'),
  maxDeletedId: id('2-1'),
  entriesAdded: 5n,
  groups: [GROUP],
};
const IDMP = {
  durationSeconds: 100,
  maxEntries: 100,
  iidsAdded: 1n,
  iidsDuplicates: 0n,
  producers: [{ id: ascii('p'), entries: [{ iid: ascii('x'), id: id('500000-1') }] }],
};

function compare(source: StreamState, target: StreamState, version = 'redis:8.8', horizonMs = 0): string | undefined {
  const rules = { target: findTarget(version)!, toleranceMs: 1000, horizonMs };
  return compareStreamStates(source, target, FIRST, rules);
}

const withGroup = (changes: Partial<StreamGroup>): StreamState => ({ ...STATE, groups: [{ ...GROUP, ...changes }] });
const withPending = (changes: object): StreamState => withGroup({ pending: [{ ...GROUP.pending[0]!, ...changes }] });

describe('states of streams', () => {
  const SAME: readonly (readonly [string, StreamState])[] = [
    ['itself', STATE],
    ['consumers that were seen later', withGroup({ consumers: [{ name: ascii('ann'), seenAtMs: 9, activeAtMs: -1 }] })],
    ['deliveries within the tolerance', withPending({ deliveredAtMs: 2000 })],
  ];
  it.each(SAME)('are the same as %s', (_, target) => {
    expect(compare(STATE, target)).toBeUndefined();
  });

  const OTHER: readonly (readonly [StreamState, string])[] = [
    [{ ...STATE, lastId: id('6-2') }, 'last id 6-2, not 6-1'],
    [{ ...STATE, maxDeletedId: id('0-0') }, 'max deleted id 0-0, not 2-1'],
    [{ ...STATE, entriesAdded: 4n }, 'entries added 4, not 5'],
    [{ ...STATE, groups: [] }, 'no group "g"'],
    [{ ...STATE, groups: [GROUP, { ...GROUP, name: ascii('h') }] }, 'a group "h" too many'],
    [withGroup({ entriesRead: -1n }), 'group "g": entries read unknown, not 3'],
    [withGroup({ consumers: [] }), 'group "g": no consumer "ann"'],
    [withGroup({ pending: [] }), 'group "g": 4-1 is not pending'],
    [withGroup({ pending: [...GROUP.pending, { ...GROUP.pending[0]!, id: id('5-1') }] }), 'group "g": 5-1 is pending'],
    [withPending({ consumer: undefined }), 'group "g": 4-1 pending for nobody, not "ann"'],
    [withPending({ deliveries: 1n }), 'group "g": 4-1 deliveries 1, not 2'],
    [withPending({ deliveredAtMs: 2001 }), 'group "g": 4-1 delivered at 2001, not 1000'],
    [{ ...STATE, idmp: { ...IDMP, maxEntries: 7 } }, 'idempotent ids at most 7, not 100; an id "x" of "p" too many'],
    [
      {
        length: 0,
        lastId: id('0-0'),
        maxDeletedId: id('0-0'),
        entriesAdded: 0n,
        groups: [{ ...GROUP, lastId: id('0-0') }],
      },
      'last id 0-0, not 6-1; max deleted id 0-0, not 2-1; entries added 0, not 5; group "g": last id 0-0, not 5-1',
    ],
  ];
  it.each(OTHER)('%# are others: %s', (target, text) => {
    expect(compare(STATE, target)).toBe(text);
  });

  it('tell of four differences, and count the rest', () => {
    const groups = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ ...GROUP, name: ascii(name) }));
    expect(compare({ ...STATE, groups }, { ...STATE, groups: [] })).toBe(
      'no group "a"; no group "b"; no group "c"; no group "d"; and 2 more',
    );
  });

  it('are compared as far as the target can hold them', () => {
    const { maxDeletedId: _, entriesAdded: __, ...rest } = STATE;
    const { entriesRead: ___, ...group } = GROUP;
    expect(compare(STATE, { ...rest, groups: [group] }, 'redis:6.2')).toBeUndefined();
    expect(compare({ ...rest, groups: [group] }, STATE)).toBeUndefined();
    expect(compare({ ...STATE, idmp: IDMP }, STATE, 'redis:7.2')).toBeUndefined();
    const orphan = withPending({ consumer: undefined });
    expect(compare(orphan, STATE, 'redis:8.6')).toBeUndefined();
    expect(compare(orphan, STATE)).toBe('group "g": 4-1 pending for "ann", not nobody');
  });

  it('may lack ids that the target has forgotten', () => {
    expect(compare({ ...STATE, idmp: IDMP }, STATE)).toBe('no id "x" of "p"');
    expect(compare({ ...STATE, idmp: IDMP }, STATE, 'redis:8.8', 600_000)).toBeUndefined();
    expect(compare({ ...STATE, idmp: IDMP }, { ...STATE, idmp: { ...IDMP, iidsAdded: 9n } })).toBeUndefined();
  });
});
