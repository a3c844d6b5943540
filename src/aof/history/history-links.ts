/** The commands that make one key out of another: what the history of a key goes on with. */
import { allCommands, type CommandSpec, commandCount, findCommand, KEY_ROLE } from '../command-table.js';
import type { CommandView } from '../command-view.js';
import { KeyPositions } from '../key-positions.js';

/**
 * `rename`: the source is gone. `copy`: it stays. `replace`, `add`: the target is computed from it, in place of its old
 * value or together with it. `swap`: two databases change places, with every key in them.
 */
export const LINK = { NONE: 0, RENAME: 1, COPY: 2, REPLACE: 3, ADD: 4, SWAP: 5 } as const;
export type LinkKind = (typeof LINK)[keyof typeof LINK];

/** One key that became, or was used for, another; of a swap the databases alone. Indexes count arguments. */
export interface KeyLink {
  kind: LinkKind;
  sourceDb: number;
  sourceIndex: number;
  targetDb: number;
  targetIndex: number;
}

/** Which links count as history: none; those that move or copy a value; also the sources of values that are computed. */
export type Following = 'none' | 'moves' | 'all';

/** Reads the links of commands; made once, asked per command, without allocating. */
export class LinkReader {
  /** The first {@link count} are valid until the next {@link read}. */
  readonly links: KeyLink[] = [];
  count = 0;
  private readonly kinds: Uint8Array;
  private readonly positions = new KeyPositions();

  constructor(private readonly following: Following) {
    this.kinds = createKinds();
  }

  /** How many links a command in database `db` has. One whose keys are too long to be held has none. */
  read(view: CommandView, spec: CommandSpec, db: number): number {
    this.count = 0;
    const form = this.kinds[spec.id]!;
    if (form === FORM.NONE || this.following === 'none') return 0;
    if (form === FORM.COMPUTED) {
      if (this.following === 'all') this.readComputed(view, spec, db);
    } else if (view.argc >= 3 && !view.isElided(1) && !view.isElided(2)) {
      this.readMove(view, form, db);
    }
    return this.count;
  }

  private readMove(view: CommandView, form: number, db: number): void {
    if (form === FORM.RENAME) {
      this.add(LINK.RENAME, db, 1, db, 2);
    } else if (form === FORM.COPY) {
      this.add(LINK.COPY, db, 1, copyTarget(view, db), 2);
    } else if (form === FORM.MOVE) {
      this.add(LINK.RENAME, db, 1, decodeDb(view, 2), 1);
    } else {
      this.add(LINK.SWAP, decodeDb(view, 1), 0, decodeDb(view, 2), 0);
    }
  }

  private readComputed(view: CommandView, spec: CommandSpec, db: number): void {
    const { positions } = this;
    const count = positions.locate(view, spec);
    for (let target = 0; target < count; target++) {
      const role = positions.role[target];
      if (role !== KEY_ROLE.REPLACE && role !== KEY_ROLE.CHANGE) continue;
      for (let source = 0; source < count; source++) {
        if (positions.role[source] !== KEY_ROLE.READ) continue;
        const index = positions.index[source]!;
        if (view.isElided(index) || view.isElided(positions.index[target]!)) continue;
        this.add(role === KEY_ROLE.REPLACE ? LINK.REPLACE : LINK.ADD, db, index, db, positions.index[target]!);
      }
    }
  }

  private add(kind: LinkKind, sourceDb: number, sourceIndex: number, targetDb: number, targetIndex: number): void {
    // A number that is none is refused by every server.
    if (sourceDb < 0 || targetDb < 0 || (kind === LINK.SWAP && sourceDb === targetDb)) return;
    const link = this.links[this.count];
    if (link === undefined) {
      this.links.push({ kind, sourceDb, sourceIndex, targetDb, targetIndex });
    } else {
      link.kind = kind;
      link.sourceDb = sourceDb;
      link.sourceIndex = sourceIndex;
      link.targetDb = targetDb;
      link.targetIndex = targetIndex;
    }
    this.count++;
  }
}

/** COPY source target [DB n]: the database that it copies to; −1 for a number that is none. */
export function copyTarget(view: CommandView, db: number): number {
  for (let at = 3; at + 1 < view.held; at++) if (view.is(at, 'DB')) return decodeDb(view, at + 1);
  return db;
}

/** The number of a database; −1 for anything else. */
export function decodeDb(view: CommandView, index: number): number {
  if (view.isElided(index)) return -1;
  const start = view.start(index);
  const end = view.end(index);
  if (end === start || end - start > 9) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = view.bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

const FORM = { NONE: 0, RENAME: 1, COPY: 2, MOVE: 3, SWAPDB: 4, COMPUTED: 5 } as const;

/** By the id of a command. */
function createKinds(): Uint8Array {
  const kinds = new Uint8Array(commandCount());
  for (const { id, keys, isWrite } of allCommands()) {
    const isComputing = keys.some(({ role }) => role === KEY_ROLE.REPLACE || role === KEY_ROLE.CHANGE);
    if (isWrite && isComputing && keys.some(({ role }) => role === KEY_ROLE.READ)) kinds[id] = FORM.COMPUTED;
  }
  for (const [name, form] of [
    ['RENAME', FORM.RENAME],
    ['RENAMENX', FORM.RENAME],
    ['COPY', FORM.COPY],
    ['MOVE', FORM.MOVE],
    ['SWAPDB', FORM.SWAPDB],
  ] as const)
    kinds[findCommand(name)!.id] = form;
  return kinds;
}
