/**
 * A disk as a power cut finds it: what is durable, and what may have become durable or not.
 *
 * The bytes of a file and its name are durable apart from each other: an fsync of a file says nothing about the directory,
 * and one of the directory nothing about the bytes. A rename within a directory is done or not; one between two directories
 * is done where either of the two has been synced, but as long as only the new one was, the old name may be there as well.
 */
import { baseName, joinPath, parentPath } from '../../src/bytes/path.js';
import type { Change, Operation, Place, Tree } from './crash-journal.js';

/** Something done to names that may be lost. */
export interface PendingName {
  /** Its directory; durable when that is synced. */
  readonly directory: number;
  readonly added?: { readonly name: string; readonly node: number };
  readonly removed?: string;
  /** What is done wherever this is done. */
  readonly needs?: PendingName;
}

/** What was done to the bytes of a file and may be lost; each byte counts as a step, and so does a truncation. */
export interface PendingBytes {
  readonly node: number;
  readonly path: string;
  readonly steps: number;
  /** Bytes of the file with none of them, and with all. */
  readonly durableSize: number;
  readonly size: number;
}

/** What was done to one file and may be lost. */
export interface Fate {
  readonly node: number;
  /** So many steps were done, in order. */
  readonly kept: number;
  /** A range of the file that was not written although what stands behind it was: zeros. */
  readonly hole?: readonly [start: number, end: number];
}

interface FileState {
  durable: Uint8Array;
  pending: { readonly change: Extract<Change, { kind: 'write' | 'truncate' }>; readonly index: number }[];
  /** For messages: as it was called last. */
  path: string;
}

export class Disk {
  /** In the order in which they were done. */
  names: PendingName[] = [];
  private readonly directories = new Map<number, Map<string, number>>([[0, new Map()]]);
  private readonly files = new Map<number, FileState>();

  constructor(baseline: Tree) {
    let next = 1;
    const ids = new Map([['.', 0]]);
    for (const [path, bytes] of baseline) {
      const id = next++;
      this.directories.get(ids.get(parentPath(path))!)!.set(baseName(path), id);
      ids.set(path, id);
      if (bytes === undefined) this.directories.set(id, new Map());
      else this.files.set(id, { durable: bytes, pending: [], path });
    }
  }

  /** `index`: of the operation in its journal. */
  apply(operation: Operation, index: number): void {
    switch (operation.kind) {
      case 'create':
        this.files.set(operation.node, { durable: new Uint8Array(0), pending: [], path: operation.path });
        this.names.push(adding(operation.at, operation.node));
        return;
      case 'makeDirectory':
        this.directories.set(operation.node, new Map());
        this.names.push(adding(operation.at, operation.node));
        return;
      case 'rename':
        this.rename(operation.node, operation.from, operation.at, operation.path);
        return;
      case 'remove':
        this.names.push({ directory: operation.at.directory, removed: operation.at.name });
        return;
      case 'write':
      case 'truncate':
        this.files.get(operation.node)!.pending.push({ change: operation, index });
        return;
      case 'sync':
      case 'syncData':
        if (!operation.isLie) this.settle(operation.node, Infinity);
        return;
      case 'asideEnd':
        if (!operation.isLie) this.settle(operation.node, operation.begin);
        return;
      case 'syncDirectory':
        if (!operation.isLie) this.settleNames(operation.node);
    }
  }

  /** Files whose bytes may be others than the durable ones, whether or not there is a name for them. */
  bytes(): PendingBytes[] {
    const found: PendingBytes[] = [];
    for (const [node, { pending, durable, path }] of this.files) {
      if (pending.length === 0) continue;
      const steps = pending.reduce((sum, { change }) => sum + stepsOf(change), 0);
      found.push({ node, path, steps, durableSize: durable.length, size: this.content(node, { kept: steps }).length });
    }
    return found;
  }

  /** Whether nothing that was written to the file can be lost. */
  isDurable(node: number): boolean {
    return (this.files.get(node)?.pending.length ?? 0) === 0;
  }

  /** What a file holds for certain. */
  durable(node: number): Uint8Array {
    return this.files.get(node)!.durable;
  }

  /** What is there where of the pending names `isDone`, and of each file what its fate says; all is lost without one. */
  left(isDone: (name: PendingName, index: number) => boolean, fates: readonly Fate[]): Tree {
    const directories = new Map([...this.directories].map(([id, entries]) => [id, new Map(entries)]));
    const done = new Set<PendingName>();
    this.names.forEach((name, index) => {
      if (isDone(name, index)) for (let at: PendingName | undefined = name; at; at = at.needs) done.add(at);
    });
    for (const name of this.names) if (done.has(name)) change(directories.get(name.directory)!, name);
    const tree = new Map<string, Uint8Array | undefined>();
    const visit = (directory: number, path: string): void => {
      for (const [name, node] of directories.get(directory)!) {
        const at = joinPath(path, name);
        const isDirectory = directories.has(node);
        tree.set(
          at,
          isDirectory
            ? undefined
            : this.content(
                node,
                fates.find((fate) => fate.node === node),
              ),
        );
        if (isDirectory) visit(node, at);
      }
    };
    visit(0, '');
    return tree;
  }

  private content(node: number, fate: Pick<Fate, 'kept' | 'hole'> = { kept: 0 }): Uint8Array {
    const { durable, pending } = this.files.get(node)!;
    let bytes = durable;
    let left = fate.kept;
    for (const { change } of pending) {
      if (left <= 0) break;
      if (change.kind === 'write') bytes = joined(bytes, change.bytes.subarray(0, left));
      else
        bytes = change.size <= bytes.length ? bytes.subarray(0, change.size) : joined(bytes, zeros(bytes, change.size));
      left -= stepsOf(change);
    }
    if (fate.hole === undefined) return bytes;
    return new Uint8Array(bytes).fill(0, ...fate.hole);
  }

  /** Those before operation `end` are durable. */
  private settle(node: number, end: number): void {
    const file = this.files.get(node)!;
    const settled = file.pending.filter(({ index }) => index < end);
    const kept = settled.reduce((sum, { change }) => sum + stepsOf(change), 0);
    file.durable = this.content(node, { kept });
    file.pending = file.pending.slice(settled.length);
  }

  private settleNames(directory: number): void {
    const settled = new Set<PendingName>();
    for (const name of this.names)
      if (name.directory === directory) for (let at: PendingName | undefined = name; at; at = at.needs) settled.add(at);
    for (const name of this.names) if (settled.has(name)) change(this.directories.get(name.directory)!, name);
    this.names = this.names.filter((name) => !settled.has(name));
  }

  private rename(node: number, from: Place, at: Place, path: string): void {
    const added = { name: at.name, node };
    const file = this.files.get(node);
    if (file !== undefined) file.path = path;
    if (from.directory === at.directory) {
      this.names.push({ directory: at.directory, added, removed: from.name });
      return;
    }
    const needs: PendingName = { directory: at.directory, added };
    this.names.push(needs, { directory: from.directory, removed: from.name, needs });
  }
}

/** For messages. */
export function formatName({ added, removed, directory }: PendingName): string {
  const from = removed === undefined ? '' : `-${removed}`;
  return `${directory}:${from}${added === undefined ? '' : `+${added.name}`}`;
}

function adding({ directory, name }: Place, node: number): PendingName {
  return { directory, added: { name, node } };
}

function change(entries: Map<string, number>, { added, removed }: PendingName): void {
  if (removed !== undefined) entries.delete(removed);
  if (added !== undefined) entries.set(added.name, added.node);
}

function stepsOf(change: Extract<Change, { kind: 'write' | 'truncate' }>): number {
  return change.kind === 'write' ? change.bytes.length : 1;
}

function zeros({ length }: Uint8Array, size: number): Uint8Array {
  return new Uint8Array(size - length);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
