/** Canonical lines, for comparing what commands say of a dataset with what a dump says. */
import type { Target } from '../../src/rdb/versions.js';

const COUNTERS = / (deleted|added|read|duplicates)=\S+/g;

/** Without what no command says: when a consumer was last seen, how often a message was repeated; before 7.0 counters of streams. */
export function sayable(lines: readonly string[], { version }: Target): string[] {
  return lines
    .map((line) => line.replace(/ seen=\d+ active=\S+$/, ''))
    .map((line) => (version < 10 || line.includes(' idmp ') ? line.replace(COUNTERS, '') : line));
}
