/** How a benchmark begins and ends. */

/** Runs `main`; what it throws is said in one line, and makes the exit code 1. */
export async function runMain(main: () => Promise<void>): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // An orderly exit, so that whatever was started ends too.
    process.once(signal, () => process.exit(1));
  }
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
