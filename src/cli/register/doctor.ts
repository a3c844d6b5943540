/** `doctor`: what stands out, and what somebody has forbidden. */
import type { Command } from 'commander';
import { DOCTOR_RULES, type DoctorRule, parseConditions } from '../../inspect/doctor/doctor-rules.js';
import { addExamples, defineCommand, sourceArgument } from '../define-command.js';
import type { Invocation } from '../invocation.js';
import { addModelOptions } from '../memory-options.js';
import { addFilterOptions, addReplayOptions, addSharedOptions, repeated } from '../options.js';
import { formatBytes, formatCount } from '../render/quantity.js';
import { reportFormatOption } from '../report-option.js';

export function registerDoctor(parent: Command, invocation: Invocation): void {
  const command = defineCommand(parent, 'doctor', 'what stands out in a data set; with --fail-on a check for CI')
    .addArgument(sourceArgument('<src...>'))
    .addOption(
      repeated(
        '--fail-on <rules>',
        "exit with 1 where one holds: 'maxKey>100MB,noTtl>50%'; may be repeated",
        parseConditions,
      ),
    )
    .addOption(reportFormatOption(['table', 'ndjson', 'json']))
    .action(async (sources, options) => {
      const { runDoctor } = await import('../commands/doctor.js');
      invocation.exitCode = await runDoctor(sources, options, invocation);
    });
  addSharedOptions(addModelOptions(addReplayOptions(addFilterOptions(command)))).addHelpText(
    'after',
    `
A rule is NAME>VALUE, also with >= < and <=; several have commas between them. A value is a size (100MB), a share (50% or
0.5), a number, or a ratio (3.5). Names, with what is a warning where nothing else is said:
${DOCTOR_RULES.map(ruleLine).join('\n')}
Warnings do not change the exit code.`,
  );
  addExamples(command, [
    'doctor dump.rdb',
    "doctor dump.rdb --fail-on 'maxKey>100MB,noTtl>50%'",
    "doctor shards/ --fail-on 'keys<1000000' --json",
    "doctor dump.rdb -k 'session:*' --fail-on 'noTtl>0%'",
  ]);
}

function ruleLine({ name, unit, about, warnAbove }: DoctorRule): string {
  const limit = warnAbove === undefined ? '' : `, warns above ${limitText(warnAbove, unit)}`;
  return `  ${name.padEnd(12)} ${about} (${unit === 'bytes' ? 'size' : unit === 'count' ? 'number' : unit}${limit})`;
}

function limitText(limit: number, unit: DoctorRule['unit']): string {
  if (unit === 'bytes') return formatBytes(limit);
  return unit === 'share' ? `${limit * 100}%` : formatCount(limit);
}
