/** The server that wrote a dump, as a target. */
import type { AuxEntry, HeaderEntry } from './model.js';
import { findTarget, type Target, targetOfHeader } from './versions.js';

const PRODUCERS: Readonly<Record<string, Target['family']>> = { 'redis-ver': 'redis', 'valkey-ver': 'valkey' };

/** Gathers what the head of a dump says about its writer. */
export class SourceTarget {
  private header: HeaderEntry | undefined;
  private producer: string | undefined;

  start(header: HeaderEntry): void {
    this.header = header;
    this.producer = undefined;
  }

  aux(entry: AuxEntry): void {
    const text = new TextDecoder();
    const family = PRODUCERS[text.decode(entry.name)];
    if (family !== undefined) this.producer ??= `${family}:${text.decode(entry.value)}`;
  }

  /**
   * The generation that the aux fields name, where it writes this header; else the oldest that does. Release candidates
   * and development builds carry numbers of their own, so they are told by the header.
   */
  resolve(): Target {
    const { magic, version } = this.header!;
    const named = this.producer === undefined ? undefined : findTarget(this.producer);
    return named?.magic === magic && named.version === version ? named : targetOfHeader(magic, version);
  }
}
