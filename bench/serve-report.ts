import type { Peer } from './peers.js';
import { formatServe, measureServe, SERVE_NOTE, type ServeOptions, type ServeRow } from './serve.js';
import { DUMP_NOTE, type DumpRow, formatDump, measureDump } from './serve-dump.js';
import { findRedisBenchmark } from './store-server.js';
import type { TableStyle } from './table.js';

/** What may be measured alone: commands, and a dump that is opened. */
export const SERVE_PARTS: readonly string[] = ['commands', 'dump'];

export interface ServeReport {
  peers: readonly Peer[];
  data: { rows: readonly ServeRow[]; dump: readonly DumpRow[] };
  format: (style: TableStyle) => string[];
  failures: readonly { set: string; job: string; isOurs: boolean; failure: string }[];
}

export type ServeReportOptions = Omit<ServeOptions, 'redisBenchmark'> & { directory: string };

/** Commands, then the dump, as far as they are wanted. Throws where there is no redis-benchmark. */
export async function measureServeParts(parts: readonly string[], options: ServeReportOptions): Promise<ServeReport> {
  const benchmark = findRedisBenchmark(options.server);
  if (benchmark === undefined) throw new Error('there is no redis-benchmark (set REDIS_BENCHMARK)');
  const redisBenchmark = benchmark.program;
  const rows = parts.includes('commands') ? await measureServe({ ...options, redisBenchmark }) : [];
  const dump = parts.includes('dump') ? await measureDump({ ...options, redisBenchmark }) : [];
  return {
    peers: [benchmark],
    data: { rows, dump },
    format: (style) => [
      ...(rows.length === 0 ? [] : [SERVE_NOTE, formatServe(rows, style)]),
      ...(dump.length === 0 ? [] : [DUMP_NOTE, formatDump(dump, style)]),
    ],
    failures: [
      ...rows.flatMap(({ test, failure }) => failureOf('serve', test, true, failure)),
      ...dump.flatMap(({ who, isOurs, failure }) => failureOf('dump', who, isOurs, failure)),
    ],
  };
}

function failureOf(set: string, job: string, isOurs: boolean, failure: string | undefined): ServeReport['failures'] {
  return failure === undefined ? [] : [{ set, job, isOurs, failure }];
}
