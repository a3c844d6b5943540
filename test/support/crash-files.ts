/** A file system in memory that keeps a journal of all that is done to it, for crash-states.ts. It may lie about syncs. */
import type { FileStat, Files, GrowingFile, WritableFile } from '../../src/bytes/files.js';
import { baseName, joinPath, parentPath } from '../../src/bytes/path.js';
import type { SyncByteSource } from '../../src/bytes/source.js';
import { BytesSource } from '../../src/bytes/source-plain.js';
import type { Change, Mark, Operation, Place, Recording, Sync, Tree } from './crash-journal.js';

/** Syncs that claim to have been done, and were not. */
export type Lie = 'files' | 'directories';

interface FileNode {
  readonly id: number;
  readonly entries?: undefined;
  /** The first `size` are its content. */
  bytes: Uint8Array;
  size: number;
}

interface DirectoryNode {
  readonly id: number;
  readonly entries: Map<string, Node>;
}

type Node = FileNode | DirectoryNode;

type Step = Change | Sync | { readonly kind: 'mark'; readonly mark: Mark };

export class CrashFiles implements Files, Recording {
  readonly journal: Operation[] = [];
  /** How many commands have been run: it stands in the journal. */
  moment = 0;
  private readonly root: DirectoryNode = { id: 0, entries: new Map() };
  /** All that there ever were. */
  private readonly nodes = new Map<number, Node>([[0, this.root]]);
  private readonly aside: (() => void)[] = [];

  constructor(
    readonly baseline: Tree,
    private readonly lie?: Lie,
  ) {
    for (const [path, bytes] of baseline) {
      const step = { node: this.nodes.size, at: plain(this.place(path)) };
      this.apply({ kind: bytes === undefined ? 'makeDirectory' : 'create', ...step });
      if (bytes !== undefined) this.apply({ kind: 'write', node: step.node, bytes });
    }
  }

  /**
   * Those of a program that was killed after so many operations: all that it did is there, and as durable as it was. Whoever
   * comes next finds it so.
   */
  static after({ baseline, journal }: Recording, count: number): CrashFiles {
    const files = new CrashFiles(baseline);
    for (const operation of journal.slice(0, count)) {
      files.moment = operation.moment;
      files.apply(operation);
      files.journal.push(operation);
    }
    return files;
  }

  mark(mark: Mark): void {
    this.note('', { kind: 'mark', mark });
  }

  /** Syncs that go on aside come to their end. */
  catchUp(): void {
    for (const work of this.aside.splice(0)) work();
  }

  /** As it is now. */
  tree(): Tree {
    const found = new Map<string, Uint8Array | undefined>();
    const visit = ({ entries }: DirectoryNode, path: string): void => {
      for (const [name, node] of entries) {
        const at = joinPath(path, name);
        found.set(at, node.entries === undefined ? node.bytes.slice(0, node.size) : undefined);
        if (node.entries !== undefined) visit(node, at);
      }
    };
    visit(this.root, '');
    return found;
  }

  list(directory: string): string[] {
    return [...this.directory(directory).entries.keys()].sort();
  }

  stat(path: string): FileStat | undefined {
    const node = this.find(path);
    if (node === undefined) return undefined;
    const isDirectory = node.entries !== undefined;
    return { isFile: !isDirectory, isDirectory, sizeBytes: isDirectory ? 0 : node.size, modifiedMs: 0 };
  }

  open(path: string): SyncByteSource {
    const { bytes, size } = this.file(path);
    return new BytesSource(bytes.subarray(0, size));
  }

  openGrowing(): GrowingFile {
    throw new TypeError('nothing grows here');
  }

  create(path: string): WritableFile {
    const at = this.place(path);
    if (at.entries.has(at.name)) throw systemError('EEXIST', path);
    this.note(path, { kind: 'create', node: this.nodes.size, at: plain(at) });
    return this.writable(this.file(path), path);
  }

  append(path: string): WritableFile {
    return this.writable(this.file(path), path);
  }

  copyOwnership(from: string, to: string): void {
    this.file(from);
    this.file(to);
  }

  rename(from: string, to: string): void {
    const source = this.place(from);
    const at = this.place(to);
    const node = source.entries.get(source.name);
    if (node === undefined) throw systemError('ENOENT', from);
    const taken = at.entries.get(at.name);
    if (taken?.entries !== undefined && (node.entries === undefined || taken.entries.size > 0))
      throw systemError(node.entries === undefined ? 'EISDIR' : 'ENOTEMPTY', to);
    this.note(to, { kind: 'rename', node: node.id, from: plain(source), at: plain(at) });
  }

  remove(path: string): void {
    const at = this.place(path);
    const node = at.entries.get(at.name);
    if (node === undefined) throw systemError('ENOENT', path);
    if (node.entries !== undefined && node.entries.size > 0) throw systemError('ENOTEMPTY', path);
    this.note(path, { kind: 'remove', node: node.id, at: plain(at) });
  }

  makeDirectory(path: string): void {
    const at = this.place(path);
    if (at.entries.has(at.name)) throw systemError('EEXIST', path);
    this.note(path, { kind: 'makeDirectory', node: this.nodes.size, at: plain(at) });
  }

  syncDirectory(path: string): void {
    this.note(path, { kind: 'syncDirectory', node: this.directory(path).id, isLie: this.lie === 'directories' });
  }

  private writable(node: FileNode, path: string): WritableFile {
    const isLie = this.lie === 'files';
    const { id } = node;
    let isOpen = true;
    const opened = (): void => {
      if (!isOpen) throw new TypeError(`${path} was closed`);
    };
    const aside = (done: (error?: unknown) => void): void => {
      opened();
      const begin = this.journal.length;
      this.note(path, { kind: 'asideBegin', node: id });
      this.aside.push(() => {
        this.note(path, { kind: 'asideEnd', node: id, begin, isLie });
        done();
      });
    };
    return {
      get position() {
        return node.size;
      },
      write: (bytes, start, end) => {
        opened();
        const copy = new Uint8Array(bytes.subarray(start, end));
        this.note(path, { kind: 'write', node: id, bytes: copy });
      },
      sync: () => {
        opened();
        this.note(path, { kind: 'sync', node: id, isLie });
      },
      syncData: () => {
        opened();
        this.note(path, { kind: 'syncData', node: id, isLie });
      },
      syncAside: aside,
      syncDataAside: aside,
      truncate: (size) => {
        opened();
        this.note(path, { kind: 'truncate', node: id, size });
      },
      close: () => {
        isOpen = false;
      },
    };
  }

  private note(path: string, step: Step): void {
    this.apply(step);
    this.journal.push({ ...step, path, moment: this.moment });
  }

  private apply(step: Step): void {
    switch (step.kind) {
      case 'create':
        this.add(step.at, { id: step.node, bytes: new Uint8Array(256), size: 0 });
        return;
      case 'makeDirectory':
        this.add(step.at, { id: step.node, entries: new Map() });
        return;
      case 'rename':
        this.entriesOf(step.from).delete(step.from.name);
        this.entriesOf(step.at).set(step.at.name, this.nodes.get(step.node)!);
        return;
      case 'remove':
        this.entriesOf(step.at).delete(step.at.name);
        return;
      case 'write':
        append(this.nodes.get(step.node)!, step.bytes);
        return;
      case 'truncate':
        truncate(this.nodes.get(step.node)!, step.size);
    }
  }

  private add(at: Place, node: Node): void {
    this.nodes.set(node.id, node);
    this.entriesOf(at).set(at.name, node);
  }

  private entriesOf({ directory }: Place): Map<string, Node> {
    return this.nodes.get(directory)!.entries!;
  }

  private find(path: string): Node | undefined {
    let node: Node | undefined = this.root;
    if (path === '.' || path === '') return node;
    for (const name of path.split('/')) node = node?.entries?.get(name);
    return node;
  }

  private file(path: string): FileNode {
    const node = this.find(path);
    if (node === undefined || node.entries !== undefined)
      throw systemError(node === undefined ? 'ENOENT' : 'EISDIR', path);
    return node;
  }

  private directory(path: string): DirectoryNode {
    const node = this.find(path);
    if (node?.entries === undefined) throw systemError(node === undefined ? 'ENOENT' : 'ENOTDIR', path);
    return node;
  }

  private place(path: string): Place & { readonly entries: Map<string, Node> } {
    const { id, entries } = this.directory(parentPath(path));
    return { directory: id, name: baseName(path), entries };
  }
}

function plain({ directory, name }: Place): Place {
  return { directory, name };
}

/** Whoever has opened the file keeps what was there: bytes move where there is no room behind them. */
function append(node: Node, bytes: Uint8Array): void {
  if (node.entries !== undefined) return;
  const end = node.size + bytes.length;
  if (end > node.bytes.length) {
    const grown = new Uint8Array(Math.max(end, node.bytes.length * 2));
    grown.set(node.bytes.subarray(0, node.size));
    node.bytes = grown;
  }
  node.bytes.set(bytes, node.size);
  node.size = end;
}

function truncate(node: Node, size: number): void {
  if (node.entries !== undefined) return;
  append(node, new Uint8Array(Math.max(0, size - node.size)));
  node.size = size;
}

function systemError(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code, syscall: 'test' });
}
