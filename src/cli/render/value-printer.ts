/** What `get` prints a value with. */
import type { LargeRequest } from '../../rdb/large-value.js';
import type { KeyInfo } from '../../rdb/visitor.js';

export interface ValuePrinter {
  /** The key is found: the answer is where its value is sent to, element by element. */
  begin(info: KeyInfo): LargeRequest['sink'];
  /** The value is complete. */
  end(): void;
}
