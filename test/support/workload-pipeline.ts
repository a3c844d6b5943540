/** How a dataset is sent, and what the server it is sent to can take. */
import type { Argument, Reply } from './resp-client.js';

export type Send = (...args: readonly Argument[]) => Promise<Reply>;

/** Commands that do not depend on each other's replies; the first error reply is thrown by the next flush. */
export class Pipeline {
  private waiting: Promise<Reply>[] = [];

  constructor(
    readonly send: Send,
    private readonly commands: ReadonlySet<string>,
  ) {}

  add(...args: readonly Argument[]): void {
    this.waiting.push(this.send(...args));
  }

  async flush(): Promise<void> {
    await Promise.all(this.waiting.splice(0));
  }

  /** Whether the server has a command (lower case). */
  has(command: string): boolean {
    return this.commands.has(command);
  }
}

const PROBED = ['vadd', 'hpexpireat', 'hpexpiretime', 'armset', 'xcfgset', 'pexpiretime'] as const;

/** Which of the commands that came after 6.2 the server has, in lower case. */
export async function newerCommands(send: Send): Promise<Set<string>> {
  const found = new Set<string>();
  for (const name of PROBED) {
    const reply = await send('COMMAND', 'INFO', name);
    if (Array.isArray(reply) && Array.isArray(reply[0])) found.add(name);
  }
  return found;
}
