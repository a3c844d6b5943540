/** `aof-check@1`, and the same for people: the lines of redis-check-aof, and the traps. */
import type { AofCheckReport } from '../../aof/check/check.js';
import type { AofFileReport } from '../../aof/check/check-file.js';
import type { AofTrap } from '../../aof/check/traps.js';
import { baseName } from '../../bytes/path.js';
import { describeError } from '../report-error.js';
import { lineText } from './bytes-text.js';
import { formatTime, plural } from './quantity.js';
import type { Style } from './style.js';

export function aofCheckJson(source: string, { ok, files, traps }: AofCheckReport): object {
  return {
    schema: 'rdb-inspect/aof-check@1',
    source,
    ok,
    files: files.map(fileJson),
    traps: traps.map(trapJson),
  };
}

export function trapJson({ code, severity, file, offset, count, subject, consequence, advice }: AofTrap): object {
  return {
    code,
    severity,
    file,
    offset: offset ?? null,
    count,
    ...(subject !== undefined && { subject }),
    consequence,
    advice,
  };
}

/** One paragraph per file, then the traps; the last line is the verdict. */
export function formatAofCheck(report: AofCheckReport, style: Style): string {
  const lines = [
    ...report.files.flatMap((file) => fileLines(file, style)),
    ...report.traps.flatMap((trap) => trapLines(trap, style)),
    verdict(report, style),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function fileJson(file: AofFileReport): object {
  const { name, role, seq, verdict, error, sizeBytes, okUpTo, okUpToLine, warnings } = file;
  return {
    name,
    role,
    ...(seq !== undefined && { seq: Number(seq) }),
    verdict,
    bytes: sizeBytes,
    okUpTo,
    okUpToLine,
    diff: sizeBytes - okUpTo,
    commands: file.commands,
    commandsBehind: file.commandsBehind,
    transactions: file.transactions,
    annotations: file.annotations,
    firstTime: file.firstSeconds ?? null,
    lastTime: file.lastSeconds ?? null,
    ...(file.head && { head: { ...file.head, bytes: file.rdbBytes, keys: file.rdbKeys } }),
    ...(error && { error: describeError(error) }),
    ...(warnings.length > 0 && { warnings }),
  };
}

function fileLines(file: AofFileReport, style: Style): string[] {
  const name = textOf(baseName(file.name));
  if (file.verdict === 'missing') return [`${style.red(`${name} is missing`)}: the manifest lists it`];
  if (file.verdict === 'empty') return [`AOF ${name} is empty`];
  const { sizeBytes, okUpTo, okUpToLine, head, error } = file;
  const lines: string[] = [];
  if (head !== undefined && file.rdbBytes > 0)
    lines.push(`${name}: a dump of ${plural(file.rdbKeys, 'key')} at its head, ${head.magic} version ${head.version}`);
  if (error !== undefined && file.verdict !== 'growing')
    lines.push(`[offset ${error.offset}] ${style.red('error')}: ${error.message} (${error.code})`);
  lines.push(
    `AOF analyzed: filename=${name}, size=${sizeBytes}, ok_up_to=${okUpTo}, ok_up_to_line=${okUpToLine}, diff=${sizeBytes - okUpTo}`,
  );
  lines.push(`AOF ${name} ${state(file, style)}`);
  return lines;
}

function state(file: AofFileReport, style: Style): string {
  const what = contents(file);
  if (file.verdict === 'ok') return `${style.green('is valid')}: ${what}`;
  if (file.verdict === 'growing') return `${style.green('is still being written')}: ${what} so far`;
  const behind =
    file.commandsBehind === 0
      ? ''
      : `, ${plural(file.commandsBehind, 'of them stands', 'of them stand')} behind ok_up_to`;
  return `${style.red('is not valid')}: ${what} could be read${behind}`;
}

function contents({ commands, transactions, firstSeconds, lastSeconds }: AofFileReport): string {
  const between =
    firstSeconds === undefined || lastSeconds === undefined
      ? ''
      : `, from ${formatTime(firstSeconds * 1000)}${lastSeconds === firstSeconds ? '' : ` to ${formatTime(lastSeconds * 1000)}`}`;
  const inside = transactions === 0 ? '' : `, ${plural(transactions, 'transaction')}`;
  return `${plural(commands, 'command')}${inside}${between}`;
}

function trapLines({ code, severity, file, offset, count, consequence, advice }: AofTrap, style: Style): string[] {
  const colour = severity === 'fatal' ? style.red : severity === 'danger' ? style.yellow : style.dim;
  const place =
    offset === undefined ? '' : `, offset ${offset}${count > 1 ? ` and ${plural(count - 1, 'more place')}` : ''}`;
  return [
    `${colour(severity)} ${code} (${textOf(baseName(file))}${place})`,
    `  ${sentence(textOf(consequence))}`,
    ...(advice === 'nothing' ? [] : [`  ${sentence(textOf(advice))}`]),
  ];
}

function verdict({ name, ok, files, traps }: AofCheckReport, style: Style): string {
  const subject = textOf(name);
  const fatal = traps.filter(({ severity }) => severity === 'fatal').length;
  const bad = files.filter(({ verdict: one }) => one === 'bad' || one === 'missing').length;
  if (ok) {
    const growing = files.some(({ verdict: one }) => one === 'growing');
    return `${style.green(growing ? 'Log looks OK, and is being written' : 'Log looks OK')}: ${subject}, ${plural(files.length, 'file')}`;
  }
  const reasons = [
    bad > 0 ? plural(bad, 'bad file') : '',
    fatal > 0 ? plural(fatal, 'reason not to load', 'reasons not to load') : '',
  ];
  return `${style.red('Log is not OK')}: ${subject}, ${reasons.filter((reason) => reason !== '').join(', ')}`;
}

function sentence(text: string): string {
  // The names of programs keep their case.
  return /^(rdb-inspect|redis-|valkey-)/.test(text) ? `${text}.` : `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

/** Names come from the file and may hold anything. */
function textOf(text: string): string {
  return lineText(new TextEncoder().encode(text));
}
