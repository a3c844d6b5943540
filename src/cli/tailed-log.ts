/** Commands behind a dump, in one file: the log of a server before 7.0 that puts a dump at its head. */
import { hasItems } from '../aof/directory/join.js';
import { isRdbMagic } from '../aof/driver.js';
import { FormatError } from '../bytes/errors.js';
import type { ByteSource } from '../bytes/source.js';
import { type LogOpener, logOpener } from './log-source.js';
import type { OpenedSource, SourceSpec } from './source.js';

/**
 * The opener of the log that a plain file is in which commands follow a dump; undefined for others. Only a file whose end
 * does not look like that of a dump is read for it.
 */
export async function tailedLog(
  spec: SourceSpec,
  { source, head }: OpenedSource,
  signal: AbortSignal,
): Promise<LogOpener | undefined> {
  if (spec.path === undefined || !isRdbMagic(head, 0, head.length) || endsAsDump(source, head)) return undefined;
  const open = logOpener(spec, signal, 'file');
  const again = await open?.().files[0]?.open();
  if (again === undefined) return undefined;
  try {
    return (await hasItems(again)) ? open : undefined;
  } catch (error) {
    if (error instanceof FormatError) return undefined; // Whoever reads the dump says what is wrong.
    throw error;
  } finally {
    await again.close();
  }
}

/** EOF and checksum; before version 5 there is none. A log ends with a line end. */
const FOOTER_SIZE = 9;
const VERSION_AT = 5;
const FIRST_CHECKSUM_VERSION = '0005';
const EOF = 0xff;
const CR = 0x0d;
const LF = 0x0a;
const latin1 = new TextDecoder('latin1');

/** True also where it cannot be seen: in streams, and in what is compressed. */
function endsAsDump(source: ByteSource, head: Uint8Array): boolean {
  const { sizeBytes } = source;
  if (source.readAt === undefined || sizeBytes === undefined || sizeBytes < FOOTER_SIZE) return true;
  const footer = new Uint8Array(FOOTER_SIZE);
  source.readAt(sizeBytes - FOOTER_SIZE, footer, 0, FOOTER_SIZE);
  const isEarly = latin1.decode(head.subarray(VERSION_AT, VERSION_AT + 4)) < FIRST_CHECKSUM_VERSION;
  if (isEarly) return footer[FOOTER_SIZE - 1] === EOF;
  return footer[0] === EOF && !(footer[FOOTER_SIZE - 2] === CR && footer[FOOTER_SIZE - 1] === LF);
}
