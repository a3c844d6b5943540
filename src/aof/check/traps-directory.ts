/** The traps that lie in the directory of a log, not in its files (aof-format.md §4). */
import { baseName } from '../../bytes/path.js';
import type { Target } from '../../rdb/versions.js';
import type { OpenedAofLog } from '../directory/directory.js';
import { type AofTrap, describeTrap, type TrapCode } from './traps.js';

const HASH = 0x23;
const LF = 0x0a;

/** `mended`: paths of manifests that their server refuses (repair-manifest.ts). */
export function directoryTraps(log: OpenedAofLog, target: Target | undefined, mended: readonly string[]): AofTrap[] {
  const traps: (AofTrap | undefined)[] = [];
  const add = (code: TrapCode, subject?: string): void => {
    traps.push(describeTrap(code, target, { file: log.name, subject }));
  };
  for (const path of mended) add('REFUSED_MANIFEST', apostropheName(log) ?? baseName(path));
  const { facts, manifest } = log;
  if (facts === undefined) return traps.filter((trap) => trap !== undefined);
  if (facts.staleNext !== undefined) add('STALE_INCREMENT', baseName(facts.staleNext.path));
  for (const name of facts.repeated) add('LISTED_TWICE', name);
  if (facts.ignored !== undefined) add('OLD_FILE_IGNORED', facts.ignored.path);
  if (manifest !== undefined) {
    add('MULTI_PART');
    if (mended.length === 0 && isMisread(facts.manifestBytes)) add('MISREAD_MANIFEST');
    if (log.history.length > 0) add('HISTORY_FILES');
  }
  for (const { path } of facts.unlisted) {
    if (path !== facts.staleNext?.path && !isBackup(path)) add('UNLISTED_FILE', baseName(path));
  }
  for (const { path } of facts.leftovers) add('UNLISTED_FILE', baseName(path));
  return traps.filter((trap) => trap !== undefined);
}

function apostropheName({ manifest }: OpenedAofLog): string | undefined {
  return manifest?.entries.find(({ name }) => name.includes("'"))?.name;
}

/** What fix --in-place leaves. */
function isBackup(path: string): boolean {
  return /\.before-fix(\.\d+)?$/.test(path);
}

/** redis-check-aof knows a manifest by the first word of its first line that is no comment. */
function isMisread(bytes: Uint8Array | undefined): boolean {
  if (bytes === undefined) return false;
  let pos = 0;
  while (pos < bytes.length && bytes[pos] === HASH) {
    const end = bytes.indexOf(LF, pos);
    pos = end < 0 ? bytes.length : end + 1;
  }
  return pos < bytes.length && String.fromCharCode(...bytes.subarray(pos, pos + 4)) !== 'file';
}
