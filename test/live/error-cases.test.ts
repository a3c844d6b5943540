/**
 * The recorded errors are what the server says. `RDB_INSPECT_RECORD=1` writes them anew instead: cases are added as lines
 * without a text.
 */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ByteString } from '../../src/bytes/byte-string.js';
import {
  type ErrorCase,
  errorFamilies,
  RECORDED_VERSION,
  readErrorCases,
  readErrorSetup,
  writeErrorTexts,
} from '../support/error-cases.js';
import { type LiveServer, startServer } from '../support/live-server.js';
import { ReplyError } from '../support/resp-client.js';

const isRecording = process.env.RDB_INSPECT_RECORD === '1';
const version = versionOf(process.env.REDIS_SERVER);
const isOther = version !== undefined && version !== RECORDED_VERSION;

/** Undefined without a server, that the tests may say so. */
function versionOf(program: string | undefined): string | undefined {
  if (program === undefined) return undefined;
  return / v=(\S+)/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }))?.[1];
}

let server: LiveServer | undefined;
let digest: string;

beforeAll(async () => {
  if (isOther) return;
  server = await startServer();
  for (const args of readErrorSetup()) await send(args);
  digest = String(await send(['DEBUG', 'DIGEST']));
});

afterAll(() => server?.stop());

function send(args: readonly ByteString[]): Promise<unknown> {
  return server!.send(...args.map((arg) => Buffer.from(arg, 'latin1')));
}

/** Undefined where it is no error. */
async function errorOf({ args }: ErrorCase): Promise<string | undefined> {
  try {
    await send(args);
    return undefined;
  } catch (error) {
    if (error instanceof ReplyError) return error.message;
    throw error;
  }
}

describe(`errors of ${RECORDED_VERSION}`, () => {
  const reason = isOther ? ` (${version} has other texts)` : '';

  it.skipIf(isOther).each(errorFamilies())(`%s${reason}`, async (family) => {
    const cases = readErrorCases(family);
    const found = await Promise.all(cases.map(errorOf));
    const texts = new Map(cases.map(({ line }, at) => [line, found[at]]));
    if (isRecording) writeErrorTexts(family, texts);
    const differences = cases.flatMap(({ line, command, error }) => {
      const text = texts.get(line);
      if (text !== undefined && (isRecording || text === error)) return [];
      return [`${family}.txt:${line} ${command}\n  recorded: ${error ?? 'nothing'}\n  server: ${text ?? 'no error'}`];
    });
    if (differences.length > 0) expect.fail(`${differences.length} differ:\n${differences.join('\n')}`);
    expect(String(await send(['DEBUG', 'DIGEST']))).toBe(digest);
  });
});
