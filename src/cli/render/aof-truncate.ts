/** `aof-truncate@1`, and the same for people. */
import type { TruncatePlan } from '../../aof/repair/truncate.js';
import type { TruncatePoint } from '../../aof/repair/truncate-point.js';
import { plannedJson, plannedLines } from './aof-fix.js';
import { lineText } from './bytes-text.js';
import { formatTime, plural } from './quantity.js';
import type { Style } from './style.js';

export function aofTruncateJson(source: string, plan: TruncatePlan, output: string | undefined): object {
  const { point, files, omitted, end, lastSeconds, isWhole, commandsLost } = plan;
  return {
    schema: 'rdb-inspect/aof-truncate@1',
    source,
    point: pointText(point),
    end: { file: end.file.name, offset: end.offset },
    lastTime: lastSeconds ?? null,
    whole: isWhole,
    files: files.map(plannedJson),
    omitted: omitted.map(({ name }) => name),
    commandsLost,
    ...(output !== undefined && { output }),
  };
}

export function formatAofTruncate(plan: TruncatePlan, output: string | undefined, style: Style): string {
  const { point, files, omitted, end, lastSeconds, isWhole, commandsLost } = plan;
  const time = lastSeconds === undefined ? '' : `, the last time in it is ${formatTime(lastSeconds * 1000)}`;
  const lines = [
    ...files.filter(({ cuts }) => cuts.length > 0).flatMap((file) => plannedLines(file, style)),
    ...omitted.map(({ name }) => `${style.bold(textOf(name))} is left out`),
    isWhole
      ? `nothing is later than ${pointText(point)}: the log is kept as it is${time}`
      : `${pointText(point)}: the log ends at offset ${end.offset} of ${textOf(end.file.name)}${time}; ${plural(commandsLost, 'command is', 'commands are')} cut`,
    output === undefined ? 'nothing was written' : `${style.green('written')}: ${textOf(output)}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function pointText(point: TruncatePoint): string {
  switch (point.kind) {
    case 'time':
      return `to ${formatTime(point.seconds * 1000)}`;
    case 'offset':
      return `to offset ${point.offset}`;
    case 'command':
      return `before ${ordinal(point.nth)} ${point.args.map((arg) => lineText(arg)).join(' ')}`;
  }
}

function ordinal(nth: number): string {
  return nth === 1 ? 'the first' : `number ${nth} of`;
}

function textOf(text: string): string {
  return lineText(new TextEncoder().encode(text));
}
