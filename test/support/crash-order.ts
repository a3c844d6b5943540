/** The order in which a store must do what it does, read from its journal: each rule gives the operations that break it. */
import { parseManifest } from '../../src/aof/directory/manifest.js';
import { baseName } from '../../src/bytes/path.js';
import { Disk } from './crash-disk.js';
import { isIncrement } from './crash-expectation.js';
import { formatOperation, type Operation, type Recording } from './crash-journal.js';
import { DATA_DIRECTORY } from './crash-reference.js';

const LOG_DIRECTORY = `${DATA_DIRECTORY}/appendonlydir`;
const MANIFEST = `${LOG_DIRECTORY}/appendonly.aof.manifest`;
const DUMP = `${DATA_DIRECTORY}/dump.rdb`;

export interface BrokenRule {
  readonly rule: string;
  readonly index: number;
  readonly operation: string;
}

/** How often each rule had something to look at. */
export interface OrderReport {
  readonly broken: BrokenRule[];
  readonly looked: Map<string, number>;
}

interface Look {
  readonly operation: Operation;
  readonly index: number;
  readonly journal: readonly Operation[];
  /** As it is before the operation. */
  readonly disk: Disk;
  readonly policy: string;
  readonly isLog: boolean;
}

interface Rule {
  readonly name: string;
  readonly isAbout: (look: Look) => boolean;
  readonly holds: (look: Look) => boolean;
}

const RULES: readonly Rule[] = [
  {
    name: 'under always, what was written to the log is synced before replies go out',
    isAbout: ({ operation, policy, isLog }) => isAcknowledgement(operation) && policy === 'always' && isLog,
    holds: ({ disk }) => disk.bytes().every(({ path }) => !isIncrement(path)),
  },
  {
    name: 'a manifest is synced before it takes its name',
    isAbout: ({ operation }) => isRenameTo(operation, MANIFEST),
    holds: isSyncedFile,
  },
  {
    name: 'the directory is synced behind a manifest, before anything else is done',
    isAbout: ({ operation }) => isRenameTo(operation, MANIFEST),
    holds: ({ journal, index }) => isSyncOf(journal[index + 1], LOG_DIRECTORY),
  },
  {
    name: 'a base is synced before it takes its name',
    isAbout: ({ operation }) => isRenameToBase(operation),
    holds: isSyncedFile,
  },
  {
    name: 'what a manifest lists is durable under its name before the manifest takes its own',
    isAbout: ({ operation }) => isRenameTo(operation, MANIFEST),
    holds: listsDurable,
  },
  {
    name: 'a file of the log is removed only where no manifest lists it any more',
    isAbout: ({ operation }) => operation.kind === 'remove' && /\.(?:base|incr)\.(?:rdb|aof)$/.test(operation.path),
    holds: isUnlisted,
  },
  {
    name: 'a dump is synced before it takes its name',
    isAbout: ({ operation }) => isRenameTo(operation, DUMP),
    holds: isSyncedFile,
  },
  {
    name: 'the directory is synced behind a dump, before anybody is told of it',
    isAbout: ({ operation }) => isRenameTo(operation, DUMP),
    holds: ({ journal, index }) => isSyncOf(journal[index + 1], DATA_DIRECTORY),
  },
];

export function checkOrder({ journal, baseline }: Recording): OrderReport {
  const report: OrderReport = { broken: [], looked: new Map(RULES.map(({ name }) => [name, 0])) };
  const disk = new Disk(baseline);
  let policy = '';
  let isLog = false;
  journal.forEach((operation, index) => {
    const look: Look = { operation, index, journal, disk, policy, isLog };
    for (const { name, isAbout, holds } of RULES) {
      if (!isAbout(look)) continue;
      report.looked.set(name, report.looked.get(name)! + 1);
      if (!holds(look)) report.broken.push({ rule: name, index, operation: formatOperation(operation) });
    }
    disk.apply(operation, index);
    if (operation.kind !== 'mark') return;
    if (operation.mark.kind === 'policy') policy = operation.mark.appendfsync;
    if (operation.mark.kind === 'log') isLog = operation.mark.isOn;
  });
  return report;
}

function isAcknowledgement(operation: Operation): boolean {
  return operation.kind === 'mark' && operation.mark.kind === 'acknowledged';
}

function isRenameTo(operation: Operation, path: string): boolean {
  return operation.kind === 'rename' && operation.path === path;
}

function isRenameToBase(operation: Operation): boolean {
  return operation.kind === 'rename' && /\.base\.(?:rdb|aof)$/.test(operation.path);
}

function isSyncOf(operation: Operation | undefined, directory: string): boolean {
  return operation?.kind === 'syncDirectory' && operation.path === directory;
}

function isSyncedFile({ operation, disk }: Look): boolean {
  return operation.kind === 'rename' && disk.isDurable(operation.node);
}

/** A single file that is taken over is listed before it is moved: whoever starts in between moves it. */
function listsDurable({ operation, disk }: Look): boolean {
  if (operation.kind !== 'rename') return false;
  const least = disk.left(() => false, []);
  if (!disk.isDurable(operation.node)) return false;
  return listed(disk.durable(operation.node)).every(
    ({ name, type }) => type === 'history' || least.has(`${LOG_DIRECTORY}/${name}`) || name === 'appendonly.aof',
  );
}

function isUnlisted({ operation, disk }: Look): boolean {
  const bytes = disk.left(() => false, []).get(MANIFEST);
  const isOpen = disk.names.some(({ added }) => added?.name === baseName(MANIFEST));
  if (bytes === undefined || bytes.length === 0 || isOpen) return false;
  return listed(bytes).every(({ name, type }) => type === 'history' || name !== baseName(operation.path));
}

function listed(manifest: Uint8Array): ReturnType<typeof parseManifest>['entries'] {
  return parseManifest(manifest).entries;
}
