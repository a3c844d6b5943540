/** What a server refuses, the engine refuses in the same words, and nothing changes. */
import { describe, expect, it } from 'vitest';
import { digestEngine } from '../../src/engine/digest.js';
import { CommandError } from '../../src/engine/reply.js';
import { Session } from '../../src/engine/session.js';
import { testEngine } from '../support/engine-run.js';
import { type ErrorCase, errorFamilies, errorText, readErrorCases, readErrorSetup } from '../support/error-cases.js';

const FAMILIES = errorFamilies();

function filledEngine(): ReturnType<typeof testEngine> {
  const filled = testEngine();
  for (const args of readErrorSetup()) {
    const reply = filled.runner.execute(args);
    if (reply instanceof CommandError) throw new Error(`setup: ${args.join(' ')}: ${reply.message}`);
  }
  return filled;
}

/** What the engine says in the place of the text, or undefined where it is the same. */
function difference(session: Session, { args, error }: ErrorCase): string | undefined {
  try {
    const reply = session.execute([...args]);
    if (!(reply instanceof CommandError)) return 'no error';
    const found = errorText(reply);
    return found === error ? undefined : JSON.stringify(found);
  } catch (thrown) {
    return `an exception: ${String(thrown)}`;
  }
}

describe('the engine answers with the server’s errors', () => {
  it.each(FAMILIES)('%s', (family) => {
    const filled = filledEngine();
    const before = digestEngine(filled.engine).digest;
    const session = new Session(filled.engine);
    const differences = readErrorCases(family).flatMap((errorCase) => {
      const found = difference(session, errorCase);
      if (found === undefined) return [];
      const { line, command, error } = errorCase;
      return [`${family}.txt:${line} ${command}\n  server: ${JSON.stringify(error)}\n  engine: ${found}`];
    });
    if (differences.length > 0) expect.fail(`${differences.length} differ:\n${differences.join('\n')}`);
    expect(digestEngine(filled.engine).digest).toBe(before);
  });
});

describe('the cases', () => {
  it('are many, and each has its text', () => {
    const cases = FAMILIES.flatMap(readErrorCases);
    expect(cases.filter(({ error }) => error === undefined)).toEqual([]);
    expect(cases.length).toBeGreaterThanOrEqual(400);
  });

  it('stand there once', () => {
    const commands = FAMILIES.flatMap(readErrorCases).map(({ command }) => command);
    expect(commands.filter((command, at) => commands.indexOf(command) !== at)).toEqual([]);
  });
});
