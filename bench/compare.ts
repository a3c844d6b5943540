import type { Measurement } from './measure.js';
import { median } from './measure.js';
import type { Comparison, StandIn } from './targets.js';

/** One job measured on one data set. */
export interface SpeedRow extends Measurement {
  set: string;
  fileBytes: number;
  job: string;
  isOurs: boolean;
}

/** Whether what was asked for was reached. */
export type Verdict = 'met' | 'missed';

/** How many times as fast as a peer a job of ours is on one data set. */
export interface Ratio {
  set: string;
  job: string;
  peer: string;
  /** Median of the peer divided by the median of the job. */
  ratio: number;
  /** The least and the greatest ratio within one round. */
  minRatio: number;
  maxRatio: number;
  /** The peer was not there: another job's times divided by the speed that the peer had in relation to it. */
  standIn?: { by: string; speed: number };
  target?: number;
  verdict?: Verdict;
}

/**
 * All ratios that the rows allow, in the order of the comparisons within each data set. A peer that was measured comes before its
 * stand-in; there is none for a peer that failed, since what was once measured says nothing of it then.
 */
export function compare(
  rows: readonly SpeedRow[],
  comparisons: readonly Comparison[],
  standIns: Readonly<Record<string, StandIn>>,
): Ratio[] {
  const sets = [...new Set(rows.map(({ set }) => set))];
  return sets.flatMap((set) => {
    const bySet = new Map(rows.filter((row) => row.set === set).map((row) => [row.job, row]));
    return comparisons.flatMap(({ job, peer, targets }) => {
      const own = bySet.get(job);
      if (own === undefined || own.failure !== undefined) return [];
      const times = timesOf(peer, set, bySet, standIns[peer]);
      if (times === undefined) return [];
      const perRound = own.rounds.flatMap((wallMs, r) => {
        const peerMs = times.rounds[r];
        return peerMs === undefined ? [] : [peerMs / wallMs];
      });
      const ratio: Ratio = {
        set,
        job,
        peer,
        ratio: (median(times.rounds) ?? Number.NaN) / own.wallMs,
        minRatio: Math.min(...perRound),
        maxRatio: Math.max(...perRound),
      };
      if (times.standIn !== undefined) ratio.standIn = times.standIn;
      const target = targets?.[set];
      if (target === undefined) return [ratio];
      return [{ ...ratio, target, verdict: ratio.ratio >= target ? ('met' as const) : ('missed' as const) }];
    });
  });
}

/** The peer's time in every round: as measured, or worked out from its stand-in. */
function timesOf(
  peer: string,
  set: string,
  bySet: ReadonlyMap<string, SpeedRow>,
  standIn: StandIn | undefined,
): { rounds: readonly number[]; standIn?: { by: string; speed: number } } | undefined {
  const measured = bySet.get(peer);
  if (measured !== undefined) return measured.failure === undefined ? { rounds: measured.rounds } : undefined;
  const speed = standIn?.speeds[set];
  const other = standIn === undefined ? undefined : bySet.get(standIn.by);
  if (standIn === undefined || speed === undefined || other === undefined || other.failure !== undefined) {
    return undefined;
  }
  return { rounds: other.rounds.map((ms) => ms / speed), standIn: { by: standIn.by, speed } };
}

/** Whether a job of ours kept within the memory asked for; undefined where nothing is asked or nothing was measured. */
export function rssVerdict(row: SpeedRow, limit: { bytes: number; except: readonly string[] }): Verdict | undefined {
  if (!row.isOurs || limit.except.includes(row.job) || row.peakRssBytes === undefined) return undefined;
  return row.peakRssBytes <= limit.bytes ? 'met' : 'missed';
}
