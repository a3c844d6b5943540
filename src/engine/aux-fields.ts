/** Aux fields of dumps that are made here (rdb-format.md, the opcode FA). */
import type { AuxEntry } from '../rdb/model.js';
import type { Target } from '../rdb/versions.js';

/** Who made it: the first release of a target. */
export function producerField({ name, family }: Target): AuxEntry {
  const version = name.slice(name.indexOf(':') + 1);
  return auxField(family === 'valkey' ? 'valkey-ver' : 'redis-ver', `${version}.0`);
}

export function auxField(name: string, value: string): AuxEntry {
  const utf8 = new TextEncoder();
  return { kind: 'aux', name: utf8.encode(name), value: utf8.encode(value) };
}
