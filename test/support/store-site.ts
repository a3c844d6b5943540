/** A store on files in memory, with a clock that stands still, and nothing that happens by itself. */
import { digestEngine } from '../../src/engine/digest.js';
import { CommandError, Status } from '../../src/engine/reply.js';
import { openStore, type Store, type StoreClient, type StoreNotice, type StoreOptions } from '../../src/store/index.js';
import { MemoryFiles } from './memory-files.js';

/** Where it has its log. */
export const LOG_DIRECTORY = 'd/appendonlydir';

export class StoreSite {
  readonly files = new MemoryFiles();
  readonly notices: StoreNotice[] = [];
  nowMs = 1_700_000_000_000;
  store!: Store;
  client!: StoreClient;

  constructor() {
    this.files.makeDirectory('d');
  }

  async open(options: Partial<StoreOptions> = {}): Promise<this> {
    this.store = await openStore({
      dir: 'd',
      files: this.files,
      clock: () => this.nowMs,
      timers: false,
      onNotice: (notice) => this.notices.push(notice),
      ...options,
    });
    this.client = this.store.client();
    return this;
  }

  /** Runs lines, words between blanks, and flushes. The last reply. */
  run(...lines: string[]): unknown {
    let reply: unknown;
    for (const line of lines) reply = this.client.execute(line.split(' '));
    this.store.flush();
    if (reply instanceof CommandError) return reply.message;
    return reply instanceof Status ? reply.text : reply;
  }

  /** Lets background work come to its end, with cron in between. */
  settle(): void {
    for (let turn = 0; turn < 10; turn++) {
      while (this.store.work());
      this.files.catchUp();
      this.store.cron();
    }
  }

  get digest(): string {
    return digestEngine(this.store.engine).digest;
  }

  text(path: string): string {
    return Buffer.from(this.files.nodes.get(path) ?? []).toString('latin1');
  }

  /** The lines of a log, words joined by blanks. */
  lines(path: string): string[] {
    const words = this.text(path)
      .split(/\r\n/)
      .filter((word) => !word.startsWith('$'));
    return words
      .join(' ')
      .split(/\*\d+ /)
      .map((line) => line.trim())
      .slice(1);
  }
}
