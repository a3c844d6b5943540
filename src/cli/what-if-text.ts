/** `--what-if`: another server, or other settings of it, written as in its configuration: `hash-max-listpack-entries=1024`. */
import { ALLOCATORS, type AllocatorName } from '../memory/allocator.js';
import { FilterTextError, parseCount, parseSize } from '../rdb/filter-text.js';
import { type EncodingSettings, findTarget, TARGETS, type Target } from '../rdb/versions.js';

/** What is to be different; what is left out stays as it is. */
export interface WhatIf {
  readonly target?: Target;
  readonly allocator?: AllocatorName;
  readonly settings: Partial<EncodingSettings>;
  /** As it was written. */
  readonly text: string;
}

type Setting = readonly [keyof EncodingSettings, (text: string) => number];

/** By the name in the configuration; those of ziplists are the older names of the same. */
const SETTINGS: ReadonlyMap<string, Setting> = new Map<string, Setting>([
  ['hash-max-listpack-entries', ['hashMaxPackedEntries', parseCount]],
  ['hash-max-ziplist-entries', ['hashMaxPackedEntries', parseCount]],
  ['hash-max-listpack-value', ['hashMaxPackedValue', parseSize]],
  ['hash-max-ziplist-value', ['hashMaxPackedValue', parseSize]],
  ['zset-max-listpack-entries', ['zsetMaxPackedEntries', parseCount]],
  ['zset-max-ziplist-entries', ['zsetMaxPackedEntries', parseCount]],
  ['zset-max-listpack-value', ['zsetMaxPackedValue', parseSize]],
  ['zset-max-ziplist-value', ['zsetMaxPackedValue', parseSize]],
  ['set-max-intset-entries', ['setMaxIntsetEntries', parseCount]],
  ['set-max-listpack-entries', ['setMaxListpackEntries', parseCount]],
  ['set-max-listpack-value', ['setMaxListpackValue', parseSize]],
  ['list-max-listpack-size', ['listMaxNodeSize', parseNodeSize]],
  ['list-max-ziplist-size', ['listMaxNodeSize', parseNodeSize]],
  ['stream-node-max-bytes', ['streamNodeMaxBytes', parseSize]],
  ['stream-node-max-entries', ['streamNodeMaxEntries', parseCount]],
]);

/** Settings with commas between them; also `target=valkey:8.1` and `allocator=glibc`. Throws FilterTextError. */
export function parseWhatIf(text: string): WhatIf {
  let target: Target | undefined;
  let allocator: AllocatorName | undefined;
  const settings: { -readonly [Name in keyof EncodingSettings]?: number } = {};
  for (const part of text.split(',')) {
    const match = /^\s*([a-z-]+)\s*=\s*(.+?)\s*$/i.exec(part);
    if (match === null)
      throw new FilterTextError(`'${part.trim()}' sets nothing: write hash-max-listpack-entries=1024`);
    const name = match[1]!.toLowerCase();
    const value = match[2]!;
    const setting = SETTINGS.get(name);
    if (name === 'target' || name === 'server') target = parseTargetName(value);
    else if (name === 'allocator') allocator = parseAllocator(value);
    else if (setting !== undefined) settings[setting[0]] = setting[1](value);
    else
      throw new FilterTextError(
        `'${name}' is no setting; there are target, allocator, ${[...SETTINGS.keys()].join(', ')}`,
      );
  }
  return { ...(target && { target }), ...(allocator && { allocator }), settings, text };
}

function parseTargetName(text: string): Target {
  const target = findTarget(text);
  if (target !== undefined) return target;
  throw new FilterTextError(`there is no server ${text}: ${TARGETS.map(({ name }) => name).join(', ')}`);
}

function parseAllocator(text: string): AllocatorName {
  const allocator = ALLOCATORS.find((name) => name === text.toLowerCase());
  if (allocator !== undefined) return allocator;
  throw new FilterTextError(`'${text}' is no allocator; there are ${ALLOCATORS.join(', ')}`);
}

/** −1 to −5 cap the bytes of a node, positive numbers its items. */
function parseNodeSize(text: string): number {
  const size = Number(text);
  if (/^-?\d+$/.test(text) && size >= -5 && size <= 0x7fff && size !== 0) return size;
  throw new FilterTextError(`'${text}' is no size of a node: -1 to -5, or a number of items`);
}
