/**
 * Commands as NDJSON (ndjson.md, AOF):
 *
 *     {"file":"appendonly.aof","offset":23,"db":0,"ts":1700000000,"multi":true,"command":["SET","k","v"]}
 *
 * `ts` and `multi` are there where they say something; `multi` on the commands between MULTI and EXEC.
 */
import { CONTROL, type CommandView } from '../../aof/command-view.js';
import type { LogState } from '../../aof/log-state.js';
import { type JsonEncoding, JsonWriter, type WriteBytes } from '../json/json-writer.js';
import { type Literal, literal } from '../json/literal.js';
import type { LineWriter } from './line-writer.js';

const OPEN = literal('{"file":');
const OFFSET = literal(',"offset":');
const DB = literal(',"db":');
const TIME = literal(',"ts":');
const MULTI = literal(',"multi":true');
const COMMAND = literal(',"command":[');
const CLOSE = literal(']}');
const COMMA = 0x2c;

export class JsonLines implements LineWriter {
  private readonly json: JsonWriter;
  /** The line up to its offset; a name of other letters than ASCII is written anew each time. */
  private head: Literal | undefined;
  private name = '';

  constructor(encoding: JsonEncoding, write: WriteBytes) {
    this.json = new JsonWriter(encoding, write);
  }

  file(name: string): void {
    const text = JSON.stringify(name);
    this.name = name;
    this.head = /^[\x20-\x7e]*$/.test(text) ? literal(`{"file":${text},"offset":`) : undefined;
  }

  command(view: CommandView, state: LogState): void {
    const { json, head } = this;
    if (head !== undefined) json.literal(head);
    else this.writeHead();
    json.count(view.offset);
    json.literal(DB);
    json.count(state.db);
    if (state.timeSeconds !== undefined) {
      json.literal(TIME);
      json.count(state.timeSeconds);
    }
    if (state.multiOffset >= 0 && view.control !== CONTROL.EXEC) json.literal(MULTI);
    json.literal(COMMAND);
    const { bytes, ranges, argc } = view;
    for (let arg = 0; arg < argc; arg++) {
      if (arg > 0) json.byte(COMMA);
      json.string(bytes, ranges[arg * 2]!, ranges[arg * 2 + 1]!);
    }
    json.literal(CLOSE);
    json.endLine();
  }

  flush(): void {
    this.json.flush();
  }

  private writeHead(): void {
    this.json.literal(OPEN);
    this.json.text(this.name);
    this.json.literal(OFFSET);
  }
}
