/** `aof-fix@1`, and the same for people: what is kept, what is cut, and what was written. */
import type { PlannedFile, RepairPlan } from '../../aof/repair/repair.js';
import type { InPlaceResult } from '../../aof/repair/repair-write.js';
import type { Cut, CutReason } from '../../aof/repair/salvage-ledger.js';
import { lineText } from './bytes-text.js';
import { formatBytes, plural } from './quantity.js';
import type { Style } from './style.js';

export interface FixOutcome {
  /** The log was as it should be. */
  readonly isNothing: boolean;
  readonly isDryRun: boolean;
  /** The manifest is written anew. */
  readonly writesManifest: boolean;
  /** Path of the repaired copy. */
  readonly copy?: string;
  readonly inPlace?: InPlaceResult;
}

export const CUT_REASONS: Readonly<Record<CutReason, string>> = {
  damage: 'cannot be read',
  tail: 'the tail, from the last whole command on',
  transaction: 'commands of a transaction of which a part is missing',
  'half-transaction': 'half of a transaction, left behind by a server that started on a cut log',
  'inside-value': 'looks like commands, and lay inside a value',
  uncertain: 'looks like commands, too few to be sure',
  'nested-multi': 'a MULTI inside a transaction, which servers ignore',
  'stray-exec': 'an EXEC outside of a transaction, which servers ignore',
  annotation: 'an annotation without line end',
  unloadable: 'a command with too few arguments',
  later: 'later than the point',
};

export function aofFixJson(source: string, plan: RepairPlan, outcome: FixOutcome): object {
  const { mode, files, unlisted, bytesLost, commandsLost, mayLoseMore } = plan;
  return {
    schema: 'rdb-inspect/aof-fix@1',
    source,
    mode,
    needed: !outcome.isNothing,
    dryRun: outcome.isDryRun,
    files: files.map(plannedJson),
    unlisted: unlisted.map(({ name }) => name),
    manifest: outcome.writesManifest ? 'rewritten' : 'kept',
    bytesLost,
    commandsLost,
    mayLoseMore,
    ...(outcome.copy !== undefined && { output: outcome.copy }),
    ...(outcome.inPlace && { ...outcome.inPlace }),
  };
}

export function plannedJson({ file, sizeBytes, kept, cuts, commandsLost, sha256 }: PlannedFile): object {
  return {
    name: file.name,
    bytes: sizeBytes,
    ...(sha256 !== undefined && { sha256 }),
    keptBytes: kept.reduce((sum, { start, end }) => sum + end - start, 0),
    kept: kept.map(({ start, end }) => [start, end]),
    cuts: cuts.map(({ confidence, mayHideSelect, ...cut }) => ({
      ...cut,
      bytes: cut.end - cut.start,
      ...(confidence !== undefined && { confidence }),
      ...(mayHideSelect && { mayHideSelect }),
    })),
    commandsLost,
  };
}

export function formatAofFix(plan: RepairPlan, outcome: FixOutcome, style: Style): string {
  const { files, unlisted, bytesLost, commandsLost, mayLoseMore } = plan;
  const lines = files.filter(({ cuts }) => cuts.length > 0).flatMap((file) => plannedLines(file, style));
  for (const { name } of unlisted) lines.push(`${style.bold(textOf(name))} is missing, and left out of the manifest`);
  if (outcome.writesManifest) lines.push('the manifest is written anew');
  if (outcome.isNothing) {
    lines.push(`${style.green('Nothing to fix')}: ${plural(files.length, 'file')}`);
  } else {
    const more = mayLoseMore ? ', and what could not be read' : '';
    lines.push(
      `${outcome.isDryRun ? 'would lose' : 'lost'} ${plural(commandsLost, 'whole command')}${more}; ${formatBytes(bytesLost)} are cut`,
    );
  }
  if (outcome.copy !== undefined) lines.push(`${style.green('written')}: ${textOf(outcome.copy)}`);
  for (const path of outcome.inPlace?.changed ?? []) lines.push(`${style.green('replaced')}: ${textOf(path)}`);
  for (const path of outcome.inPlace?.backups ?? []) lines.push(`backup: ${textOf(path)}`);
  return lines.map((line) => `${line}\n`).join('');
}

export function plannedLines({ file, sizeBytes, kept, cuts, sha256 }: PlannedFile, style: Style): string[] {
  const keptBytes = kept.reduce((sum, { start, end }) => sum + end - start, 0);
  return [
    `${style.bold(textOf(file.name))}: ${plural(sizeBytes, 'byte')}, of which ${plural(keptBytes, 'is', 'are')} kept`,
    ...(sha256 === undefined ? [] : [`  sha256 before: ${sha256}`]),
    ...cuts.map((cut) => `  ${cutText(cut)}`),
  ];
}

function cutText({ start, end, reason, commands, confidence, mayHideSelect }: Cut): string {
  const whole = commands === 0 ? '' : `, ${plural(commands, 'whole command')}`;
  const sure = confidence === undefined ? '' : `; that commands go on at ${end} is of ${confidence} confidence`;
  const db = mayHideSelect ? '; a SELECT is in it, so that what follows may belong to another database' : '';
  return `cut ${start} to ${end}, ${plural(end - start, 'byte')}: ${CUT_REASONS[reason]}${whole}${sure}${db}`;
}

function textOf(text: string): string {
  return lineText(new TextEncoder().encode(text));
}
