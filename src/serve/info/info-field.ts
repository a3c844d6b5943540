/** What INFO is made of: lines of names and values, under the names of sections. */
import type { Server } from '../server.js';

export type InfoField = readonly [name: string, value: string | number | bigint];

/** Of one section, in the server's order. */
export type InfoSection = (server: Server) => InfoField[];

const UNITS = ['B', 'K', 'M', 'G', 'T', 'P'];

/** `918.88K`; below 1 KiB `512B`. */
export function humanSize(bytes: number): string {
  let unit = 0;
  let count = bytes;
  for (; count >= 1024 && unit < UNITS.length - 1; unit++) count /= 1024;
  return unit === 0 ? `${count}B` : `${count.toFixed(2)}${UNITS[unit]}`;
}

/** Bytes twice: as a number, and for people. */
export function sizes(name: string, bytes: number): InfoField[] {
  return [
    [name, bytes],
    [`${name}_human`, humanSize(bytes)],
  ];
}

/** Names of what is not counted here, or is not there. */
export function zeros(...names: readonly string[]): InfoField[] {
  return names.map((name) => [name, 0]);
}

export function flag(is: boolean): 0 | 1 {
  return is ? 1 : 0;
}

/** `ok`, unless there is a reason why not. */
export function okUnless(failure: unknown): 'ok' | 'err' {
  return failure === undefined ? 'ok' : 'err';
}
