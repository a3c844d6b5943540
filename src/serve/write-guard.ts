/**
 * What keeps clients from writing: a heap that is nearly full and `maxmemory`, with which commands that may take more memory are
 * refused, and `min-replicas-to-write`, since there are none. Nothing is evicted here, so a policy that would evict has no effect, rather than
 * that of refusing everything.
 */
import type { CommandSpec } from '../aof/command-table.js';
import { CommandError } from '../engine/reply.js';
import { flagsOf } from './commands/command-facts.js';

export interface WriteSettings {
  /** `maxmemory`, bytes; 0: no limit. */
  readonly maxMemoryBytes: number;
  /** `maxmemory-policy noeviction` */
  readonly refusesBeyondMemory: boolean;
  /** `min-replicas-to-write`, where `min-replicas-max-lag` does not switch it off. */
  readonly wantsReplicas: boolean;
}

/** How old a measurement may be, commands. */
const COMMANDS_BETWEEN = 100;

/** What is in use, bytes: `used_memory` of INFO. */
export function usedMemory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const HEAP_IS_FULL = 'OOM the heap of this server is nearly full: NODE_OPTIONS=--max-old-space-size=<MB> gives it more';

export class WriteGuard {
  private used = 0;
  private limit = 0;
  private left = 0;

  constructor(
    private readonly settings: WriteSettings,
    private readonly heap: { readonly isShort: boolean },
  ) {}

  /** Why a command is not run; `queued`: those that EXEC would run. */
  refusal(spec: CommandSpec, queued: readonly CommandSpec[]): CommandError | undefined {
    const { maxMemoryBytes, refusesBeyondMemory, wantsReplicas } = this.settings;
    const isAny = (flag: string): boolean =>
      spec.name === 'EXEC' ? queued.some((one) => flagsOf(one).has(flag)) : flagsOf(spec).has(flag);
    if (this.heap.isShort && isAny('denyoom')) return new CommandError(HEAP_IS_FULL);
    if (maxMemoryBytes > 0 && refusesBeyondMemory && this.isBeyond(maxMemoryBytes) && isAny('denyoom'))
      return new CommandError("OOM command not allowed when used memory > 'maxmemory'.");
    return wantsReplicas && isAny('write')
      ? new CommandError('NOREPLICAS Not enough good replicas to write.')
      : undefined;
  }

  private isBeyond(limit: number): boolean {
    if (this.left-- <= 0 || limit !== this.limit) {
      this.used = usedMemory();
      this.limit = limit;
      this.left = COMMANDS_BETWEEN;
    }
    return this.used > limit;
  }
}
