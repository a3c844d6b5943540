/** `doctor`: rules with thresholds. */
import { DoctorCollector } from '../../inspect/doctor/doctor.js';
import type { DoctorCondition } from '../../inspect/doctor/doctor-rules.js';
import { collectSources } from '../collect.js';
import { EXIT } from '../exit-codes.js';
import type { Invocation } from '../invocation.js';
import { createMemoryMeasure, type MemoryModelOptions } from '../memory-measure.js';
import type { FilterOptions } from '../options.js';
import { doctorJson, findingJson } from '../render/doctor-json.js';
import { type ReportFormatOptions, reportFormat } from '../report-format.js';
import { Session, type SharedOptions } from '../session.js';

export interface DoctorCommandOptions
  extends SharedOptions,
    FilterOptions,
    MemoryModelOptions,
    Pick<ReportFormatOptions, 'format'> {
  readonly failOn?: DoctorCondition[];
}

export async function runDoctor(
  args: readonly string[],
  options: DoctorCommandOptions,
  invocation: Invocation,
): Promise<number> {
  const format = reportFormat(options);
  const session = new Session(options, invocation.signal, invocation.nowMs);
  const specs = await session.resolve(args);
  return await session.toOutput(specs, async (output) => {
    const collector = new DoctorCollector({ nowMs: session.nowMs, conditions: options.failOn ?? [], memory: true });
    await collectSources(specs, options, collector, createMemoryMeasure(options).model, session, output);
    const report = collector.report();
    const sources = specs.map(({ name }) => name);
    if (format === 'json') output.text(`${JSON.stringify(doctorJson(sources, report))}\n`);
    else if (format !== 'table')
      for (const finding of report.findings) output.text(`${JSON.stringify(findingJson(finding))}\n`);
    else {
      const { formatDoctor } = await import('../render/doctor-text.js');
      output.text(formatDoctor(sources, report, session.style));
    }
    return report.ok ? EXIT.OK : EXIT.BAD;
  });
}
