/** The sink of those who only want to pass over values. */
import type { LargeRequest } from './large-value.js';
import { IGNORE_VALUE } from './visitor.js';

function nothing(): void {
  // Level `skip` sends nothing.
}

export const NO_SINK: LargeRequest['sink'] = { ...IGNORE_VALUE, blob: nothing, raw: nothing };
