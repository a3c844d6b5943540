/** The state is whole at every moment, whatever a power cut leaves, and nobody else's is taken for it. */
import { describe, expect, it } from 'vitest';
import { CheckpointError, type ImportState, readState, writeState } from '../../../src/import/checkpoint/state-file.js';
import { ForgetfulFiles } from '../../support/forgetful-files.js';
import { MemoryFiles } from '../../support/memory-files.js';
import { ascii } from '../../support/packed.js';

const PATH = 'd/state.json';

function stateOf(done: number, more: Partial<ImportState> = {}): ImportState {
  return {
    id: 'cafe',
    fingerprint: '17:ab',
    settings: '{}',
    nowMs: 1_700_000_000_000,
    done: [[0, done]],
    inFlight: [],
    existing: [],
    counts: undefined,
    isFinished: false,
    ...more,
  };
}

const doneIn = (files: MemoryFiles): number | undefined => readState({ path: PATH, files }, stateOf(0))?.done[0]?.[1];

/** Writes the first state whole, and the second until a step fails. */
function writeUntil(failAt: number): { files: ForgetfulFiles; failed: boolean } {
  const before = new ForgetfulFiles();
  writeState({ path: PATH, files: before }, stateOf(1));
  const files = before.reopened();
  files.failAt = failAt;
  try {
    writeState({ path: PATH, files }, stateOf(2));
    return { files, failed: false };
  } catch (error) {
    expect(error).toMatchObject({ code: 'EIO' });
    return { files, failed: true };
  }
}

const STEPS = 5;

describe('a state that is replaced', () => {
  it('is the old one or the new one after each step, and the new one in the end', () => {
    for (let failAt = 0; failAt < STEPS; failAt++) {
      const { files, failed } = writeUntil(failAt);
      expect(failed).toBe(true);
      // A rename that went well is seen at once by everybody but a power cut.
      for (const left of [files, ...files.survivors()]) expect([1, 2]).toContain(doneIn(left));
      if (failAt < 4) for (const left of files.survivors()) expect(doneIn(left)).toBe(1);
    }
    const { files, failed } = writeUntil(STEPS);
    expect(failed).toBe(false);
    for (const left of files.survivors()) expect(doneIn(left)).toBe(2);
    expect(files.steps).toEqual([
      `create ${PATH}.tmp`,
      expect.stringMatching(`^write ${PATH}.tmp \\d+$`),
      `sync ${PATH}.tmp`,
      `rename ${PATH}.tmp ${PATH}`,
      'syncdir d',
    ]);
  });

  it('takes the place of what an attempt that was cut off has left', () => {
    for (let failAt = 0; failAt < STEPS; failAt++) {
      for (const files of writeUntil(failAt).files.survivors()) {
        writeState({ path: PATH, files }, stateOf(3));
        expect(doneIn(files)).toBe(3);
        expect([...files.nodes.keys()]).toEqual([PATH]);
      }
    }
  });

  it('is there whole, or not at all, when it is the first', () => {
    for (let failAt = 0; failAt <= STEPS; failAt++) {
      const files = new ForgetfulFiles();
      files.failAt = failAt;
      const write = (): void => writeState({ path: PATH, files }, stateOf(1));
      if (failAt < STEPS) expect(write).toThrow('EIO');
      else write();
      const found = files.survivors().map(doneIn);
      expect(new Set(found)).toEqual(new Set(failAt < 4 ? [undefined] : failAt === 4 ? [undefined, 1] : [1]));
    }
  });
});

it('comes back as it was', () => {
  const files = new MemoryFiles();
  const state = stateOf(7, {
    skipExpiredBeforeMs: 5,
    inFlight: [[7, 9]],
    existing: [{ db: 3, key: Buffer.from([0, 255]).toString('base64'), unit: 8 }],
    counts: { keys: 7, sent: 1, skipped: 2, replaced: 0, failed: 3, expired: 1, functions: 0 },
    isFinished: true,
  });
  writeState({ path: PATH, files }, state);
  expect(readState({ path: PATH, files }, state)).toEqual({ schema: 'rdb-inspect/import-state@1', ...state });
});

it('is none where there is no file', () => {
  expect(readState({ path: PATH, files: new MemoryFiles() }, stateOf(0))).toBeUndefined();
});

describe('refused', () => {
  it.each<[string, Partial<ImportState>, string]>([
    ['of another source', { fingerprint: '18:ab' }, 'from another source'],
    ['with other options', { settings: '{"db":1}' }, 'with other options'],
  ])('the state %s', (_, facts, message) => {
    const files = new MemoryFiles();
    writeState({ path: PATH, files }, stateOf(1));
    const read = (): unknown => readState({ path: PATH, files }, { ...stateOf(1), ...facts });
    expect(read).toThrow(CheckpointError);
    expect(read).toThrow(message);
  });

  const whole = JSON.stringify({ schema: 'rdb-inspect/import-state@1', ...stateOf(1) });

  it.each([
    ['nothing', ''],
    ['half a state', whole.slice(0, whole.length >> 1)],
    ['other JSON', '[]'],
    ['null', 'null'],
    ['a later schema', whole.replace('@1', '@2')],
    ['no intervals', whole.replace('"done":[[0,1]]', '"done":7')],
    ['intervals that are none', whole.replace('[[0,1]]', '[["0",1]]')],
    ['an interval with one end', whole.replace('[[0,1]]', '[[0]]')],
    ['existing keys without names', whole.replace('"existing":[]', '"existing":[{"db":0,"unit":1}]')],
    ['no time', whole.replace('1700000000000', '"then"')],
  ])('%s', (_, text) => {
    const files = new MemoryFiles();
    files.nodes.set(PATH, ascii(text));
    expect(() => readState({ path: PATH, files }, stateOf(1))).toThrow(CheckpointError);
    expect(() => readState({ path: PATH, files }, stateOf(1))).toThrow('this is no state of an import');
  });

  it('a directory', () => {
    const files = new MemoryFiles();
    files.nodes.set(PATH, undefined);
    expect(() => readState({ path: PATH, files }, stateOf(1))).toThrow('this is no state of an import');
  });
});
