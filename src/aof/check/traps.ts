/**
 * Traps: states of a log in which a server, or the tool that comes with it, does harm without saying so, or stops for a
 * reason that is hard to find (aof-format.md §1, §3 to §5). Each is named with its consequence and what to do about it;
 * where generations of servers differ, the consequence is that of the server that was asked about.
 */
import type { Target } from '../../rdb/versions.js';
import { TRAP_TEXTS } from './trap-texts.js';

export type TrapCode = keyof typeof TRAP_TEXTS;

/**
 * `fatal`: the server does not load the log. `danger`: data is lost or altered, or would be by what one does next.
 * `note`: good to know.
 */
export type TrapSeverity = 'fatal' | 'danger' | 'note';

export interface AofTrap {
  readonly code: TrapCode;
  readonly severity: TrapSeverity;
  /** The file that it is about, as messages name it; that of the log as a whole otherwise. */
  readonly file: string;
  /** Where it is, or where it begins. */
  readonly offset: number | undefined;
  /** How many of its kind there are in this file. */
  readonly count: number;
  /** What it is about: a command's name, another file. */
  readonly subject: string | undefined;
  /** What happens: one sentence or two. */
  readonly consequence: string;
  /** What to do about it. */
  readonly advice: string;
}

/** A server as traps see it. */
export interface ServerGeneration {
  readonly family: Target['family'];
  /** 7.0 is 700, 8.10 is 810. */
  readonly version: number;
}

/** What is said about a trap; undefined for a server that does not fall into it. */
export type TrapText = (
  server: ServerGeneration | undefined,
  subject: string,
) => { readonly severity: TrapSeverity; readonly consequence: string; readonly advice: string } | undefined;

export interface TrapPlace {
  readonly file: string;
  readonly offset?: number;
  readonly count?: number;
  readonly subject?: string | undefined;
}

/** The trap, as it concerns `target`, or all servers; undefined where that one does not fall into it. */
export function describeTrap(code: TrapCode, target: Target | undefined, place: TrapPlace): AofTrap | undefined {
  const { file, offset, count = 1, subject } = place;
  const text: TrapText = TRAP_TEXTS[code];
  const said = text(target && generationOf(target), subject ?? '');
  return said && { code, file, offset, count, subject, ...said };
}

export function generationOf({ name, family }: Target): ServerGeneration {
  const [, major, minor = '0'] = /:(\d+)(?:\.(\d+))?$/.exec(name) ?? [];
  return { family, version: Number(major) * 100 + Number(minor) };
}

/** The version as the table of commands takes it: `7.0`. */
export function versionText({ version }: ServerGeneration): string {
  return `${Math.floor(version / 100)}.${version % 100}`;
}
