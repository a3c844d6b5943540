/** `doctor` for people: what is wrong first. */
import type { DoctorFinding, DoctorReport, FindingStatus } from '../../inspect/doctor/doctor.js';
import { formatShare } from './bar.js';
import { lineText } from './bytes-text.js';
import { fitMiddle } from './fit.js';
import { formatBytes, formatCount, plural } from './quantity.js';
import type { Style } from './style.js';
import { formatTable } from './table.js';

const MAX_KEY_COLUMNS = 40;
const ORDER: readonly FindingStatus[] = ['fail', 'warn', 'ok'];

export function formatDoctor(sources: readonly string[], report: DoctorReport, style: Style): string {
  const { findings } = report;
  const name = sources.map((source) => lineText(new TextEncoder().encode(source))).join(', ');
  const rows = ORDER.flatMap((status) => findings.filter((finding) => finding.status === status)).map((finding) => [
    statusText(finding.status, style),
    finding.rule,
    valueText(finding.value, finding),
    limitText(finding),
    aboutText(finding),
  ]);
  const columns = [
    { title: '' },
    { title: 'rule' },
    { title: 'is', align: 'right' as const },
    { title: 'limit', align: 'right' as const },
    { title: '' },
  ];
  return `${style.bold(name)}: ${verdict(report, style)}\n\n${formatTable(columns, rows, style.dim)}`;
}

function verdict({ findings }: DoctorReport, style: Style): string {
  const failed = findings.filter(({ status }) => status === 'fail').length;
  const warned = findings.filter(({ status }) => status === 'warn').length;
  const warnings = warned === 0 ? '' : plural(warned, 'warning');
  if (failed > 0) return `${style.red(`${plural(failed, 'rule')} broken`)}${warnings && `, ${warnings}`}`;
  return warned > 0 ? style.yellow(warnings) : style.green('nothing stands out');
}

function statusText(status: FindingStatus, style: Style): string {
  if (status === 'fail') return style.red('fail');
  return status === 'warn' ? style.yellow('warn') : style.green('ok');
}

function valueText(value: number, { unit, isLeast }: Pick<DoctorFinding, 'unit' | 'isLeast'>): string {
  const text =
    unit === 'bytes'
      ? formatBytes(value)
      : unit === 'share'
        ? formatShare(value)
        : unit === 'ratio'
          ? value.toFixed(1)
          : formatCount(value);
  return isLeast ? `>= ${text}` : text;
}

function limitText({ limit, unit, rule }: DoctorFinding): string {
  if (limit === undefined) return '';
  return typeof limit === 'number' ? `> ${valueText(limit, { unit })}` : limit.slice(rule.length).trim();
}

function aboutText({ about, key }: DoctorFinding): string {
  if (key === undefined) return about;
  const db = key.db === 0 ? '' : `, db ${key.db}`;
  return `${about}: ${fitMiddle(lineText(key.key), MAX_KEY_COLUMNS)}${db}`;
}
