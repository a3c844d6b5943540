import { arch, cpus, totalmem, type } from 'node:os';
import { chooseMeter } from './meter.js';
import type { Peer } from './peers.js';
import { serverVersion } from './server.js';

const TARGETS_ARE = ' (targets are for scale 1)';

/** Where and with what a run was made. */
export interface Setting {
  /** Undefined where data comes in sizes of its own. */
  scale: number | undefined;
  rounds: number;
  /** Such as `Linux x64, 2 x AMD EPYC, 8 GB`. */
  machine: string;
  node: string;
  redis: string | undefined;
  peers: readonly { name: string; version: string | undefined }[];
  /** Where CPU times and memory come from. */
  meter: string;
}

/** Describes this machine and the programs of a run. */
export function settingOf(run: {
  scale: number | undefined;
  rounds: number;
  server: string | undefined;
  peers: readonly Peer[];
}): Setting {
  const cores = cpus();
  const cpu = `${cores.length} x ${cores[0]?.model.trim() ?? 'unknown CPU'}`;
  return {
    scale: run.scale,
    rounds: run.rounds,
    machine: `${type()} ${arch()}, ${cpu}, ${Math.round(totalmem() / 2 ** 30)} GB`,
    node: process.version,
    redis: run.server === undefined ? undefined : serverVersion(run.server),
    peers: run.peers.map(({ name, version }) => ({ name, version })),
    meter: chooseMeter().source,
  };
}

/** One paragraph about a run. */
export function describeSetting(setting: Setting): string {
  return `${describeRun(setting)}; CPU time and memory from ${setting.meter}`;
}

/** Size of the data, versions and machine, on one line. */
export function describeRun(setting: Setting): string {
  const parts = [`${setting.rounds} rounds`, `Node ${setting.node}`];
  if (setting.scale !== undefined) parts.unshift(`scale ${setting.scale}${setting.scale === 1 ? '' : TARGETS_ARE}`);
  if (setting.redis !== undefined) parts.push(`data by Redis ${setting.redis}`);
  return [...parts, setting.machine].join(', ');
}

/** One sentence about the peers that were there, and those that were not. */
export function describePeers({ peers }: Setting): string {
  const known = ['redis-check-rdb', 'redis-check-aof', 'redis-server load', 'librdb', 'hdt3213', 'redis-rdb-tools'];
  const found = peers.map(({ name, version }) => (version === undefined ? name : `${name} ${version}`));
  const missing = known.filter((name) => peers.every((peer) => peer.name !== name));
  const there = `Peers: ${found.length === 0 ? 'none' : found.join(', ')}.`;
  return missing.length === 0 ? there : `${there} Not found here: ${missing.join(', ')}.`;
}
