/** Commands of a log on one line, and in JSON: arguments as redis-cli would read them, long ones cut. */
import type { LogFile, LogPlace } from '../../aof/model.js';
import type { ShownArgument, ShownCommand } from '../../aof/shown-command.js';
import { formatQuoted } from '../../bytes/quote.js';
import { jsonBytes } from './bytes-text.js';
import { isoSeconds } from './log-time.js';

export function commandText({ args, argc }: ShownCommand): string {
  const more = argc > args.length ? ` …(${argc - args.length} more)` : '';
  return `${args.map(argumentText).join(' ')}${more}`;
}

export function argumentText({ bytes, sizeBytes }: ShownArgument): string {
  const text = isPlain(bytes) ? String.fromCharCode(...bytes) : formatQuoted(bytes);
  if (bytes.length === sizeBytes) return text;
  return bytes.length === 0 ? `…(${sizeBytes} bytes)` : `${text}…(${sizeBytes} bytes)`;
}

/** `appendonly.aof.2.incr.aof:1234`: the name without its directory, which is the same for all files of a log. */
export function placeText({ file, offset }: LogPlace, files: readonly LogFile[]): string {
  return `${baseName(files[file]!.name)}:${offset}`;
}

/** `name:offset time [db]`, without the time where the log has none. */
export function headText(command: ShownCommand, files: readonly LogFile[]): string {
  const time = isoSeconds(command.timeSeconds);
  return `${placeText(command.place, files)} ${time === undefined ? '' : `${time} `}[${command.db}]`;
}

/** The fields of a command; an argument that was cut is `{"$cut": beginning, "size": bytes}`. */
export function commandJson(command: ShownCommand, files: readonly LogFile[]): Record<string, unknown> {
  const { place, sizeBytes, db, timeSeconds, multiOffset, args, argc } = command;
  return {
    file: files[place.file]!.name,
    offset: place.offset,
    size: sizeBytes,
    db,
    ...(timeSeconds !== undefined && { ts: timeSeconds }),
    ...(multiOffset !== undefined && { multi: true }),
    command: args.map(argumentJson),
    ...(argc > args.length && { argc }),
  };
}

export function argumentJson({ bytes, sizeBytes }: ShownArgument): unknown {
  if (bytes.length === sizeBytes) return jsonBytes(bytes);
  return { $cut: jsonBytes(bytes.subarray(0, wholeCharacters(bytes))), size: sizeBytes };
}

function isPlain(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return false;
  return bytes.every((byte) => byte > 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x27 && byte !== 0x5c);
}

function baseName(name: string): string {
  return name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
}

/** Where the last character of UTF-8 begins that a cut may have gone through. */
function wholeCharacters(bytes: Uint8Array): number {
  let end = bytes.length;
  for (let back = 1; back <= 3 && end - back >= 0; back++) {
    const byte = bytes[end - back]!;
    if (byte < 0x80) return end;
    if (byte >= 0xc0) {
      const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      if (size > back) end -= back;
      return end;
    }
  }
  return end;
}
