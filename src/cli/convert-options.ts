/** The options of commands that write dumps for a server. */
import { type Command, Option } from 'commander';
import { parseDbMap } from '../convert/db-map.js';
import { type ExpiryAction, parseExpiryAction, parseTimeMs } from '../convert/expiry-action.js';
import type { UnsupportedPolicy } from '../convert/loss.js';
import { findTarget, TARGETS, type Target } from '../rdb/versions.js';
import { UsageError } from './failures.js';
import { choiceOption, reading } from './options.js';

/** What commander makes of {@link addKeyChangeOptions}. */
export interface KeyChangeOptions {
  readonly dbMap?: ReadonlyMap<number, number>;
  readonly setTtl?: ExpiryAction;
  /** Unix ms; true stands for now. */
  readonly skipExpired?: number | true;
  readonly dropModules?: boolean;
}

/** What commander makes of {@link addConvertOptions}. */
export interface ConvertOptions extends KeyChangeOptions {
  readonly target?: Target;
  readonly onUnsupported: UnsupportedPolicy;
  readonly report?: string;
}

/** What commander makes of {@link addLogFormOptions}. */
export interface LogFormOptions {
  readonly to?: 'rdb' | 'aof' | 'aof-dir';
  readonly base?: 'rdb' | 'aof';
  readonly compact?: boolean;
}

const POLICIES = ['error', 'drop', 'convert'] as const satisfies readonly UnsupportedPolicy[];

export function addConvertOptions(command: Command, ownTarget = 'that of the same version'): Command {
  command
    .addOption(targetOption(`the server that is to load it, such as redis:7.0 (default: ${ownTarget})`))
    .addOption(
      policyOption(
        'what the server cannot hold: stop, leave such keys out, or keep what can be kept of them',
        POLICIES,
      ),
    );
  return addKeyChangeOptions(command).addOption(reportOption());
}

/** What happens to keys on their way, whatever they are written to. */
export function addKeyChangeOptions(command: Command): Command {
  return command
    .option('--db-map <pairs>', 'other numbers for databases: 0:3,1:4', reading(parseDbMap))
    .option(
      '--set-ttl <action>',
      'expiries: keep, strip, +1h, -30m, rebase or rebase=TIME (life left at the snapshot)',
      reading(parseExpiryAction),
    )
    .option('--skip-expired [time]', 'leave out what had expired now, or at --skip-expired=TIME', reading(parseTime))
    .option('--drop-modules', 'leave out what belongs to modules: values, data beside the keys, key metadata');
}

/** What is written: a dump, or a log in one of its forms. */
export function addLogFormOptions(command: Command, ownForm: 'rdb' | 'aof-dir'): Command {
  const form = new Option(
    '--to <form>',
    `rdb, aof (one file of commands) or aof-dir (a directory of Redis ≥ 7.0, Valkey)`,
  );
  const base = new Option('--base <form>', 'of --to aof-dir: a base that is a dump, or commands (default: rdb)');
  return command
    .addOption(form.choices(['rdb', 'aof', 'aof-dir']).default(undefined, `by the name of the output, else ${ownForm}`))
    .addOption(base.choices(['rdb', 'aof']))
    .option('--compact', 'of a log that becomes another: what it holds, as a rewrite would have it, not its commands');
}

export function policyOption(description: string, policies: readonly UnsupportedPolicy[]): Option {
  return choiceOption('--on-unsupported <policy>', description, policies);
}

export function reportOption(what = 'every loss'): Option {
  return new Option('--report <file>', `${what}, as JSON, gzipped where its name ends in .gz`);
}

export function targetOption(description: string): Option {
  return new Option('--target <server>', description).argParser(reading(parseTarget));
}

/** Throws UsageError. */
export function parseTarget(text: string): Target {
  const target = findTarget(text);
  if (target !== undefined) return target;
  throw new UsageError(`there is no target ${text}: ${TARGETS.map(({ name }) => name).join(', ')}`);
}

function parseTime(text: string): number {
  try {
    return parseTimeMs(text);
  } catch (error) {
    throw new UsageError(`${(error as Error).message}; a time stands behind =, as in --skip-expired=2026-01-31`);
  }
}

/** The form that the name of an output speaks of, where none was asked for. */
export function formOfOutput(output: string | undefined, ownForm: 'rdb' | 'aof-dir'): 'rdb' | 'aof' | 'aof-dir' {
  if (/\.rdb(\.(gz|zst))?$/i.test(output ?? '')) return 'rdb';
  return /\.aof(\.(gz|zst))?$/i.test(output ?? '') ? 'aof' : ownForm;
}
