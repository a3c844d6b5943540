/** `digest@1`. */
import type { DigestResult } from '../../engine/digest.js';

/** One object per dump. `comparable`: the server would say the same; what stands in the way is `unknown`. */
export function digestJson(source: string, { digest, target, keys, expired, unknown }: DigestResult): object {
  return {
    schema: 'rdb-inspect/digest@1',
    source,
    digest,
    server: target.name,
    keys,
    ...(expired > 0 && { expired }),
    comparable: unknown.length === 0,
    ...(unknown.length > 0 && { unknown }),
  };
}
