/**
 * The stories of the README that need a server or its tools: `sh` blocks with a name. They are run as they stand, and print what stands
 * behind `#`, at the end of a line or on lines of its own. In the place of Docker there is the real redis-server.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePort } from '../support/free-port.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const readme = fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8');
const stories = [...readme.matchAll(/^```sh (\w+)\n([\s\S]*?)^```$/gm)].map(([, name = '', text = '']) => ({
  name,
  text,
}));

/** Programs by their names, as shell scripts. PORT is where everybody is. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'rdb-inspect': `
    if [ "$1" = serve ]; then set -- "$@" --port "$PORT"; fi
    exec "$NODE" "$ROOT/bin/rdb-inspect.js" "$@"`,
  // As on a terminal. A server that has just been started may not listen yet.
  'redis-cli': `
    for _ in $(seq 100); do
      "$REDIS/redis-cli" -p "$PORT" ping > /dev/null 2>&1 && break
      sleep 0.1
    done
    exec "$REDIS/redis-cli" -p "$PORT" --no-raw "$@"`,
  docker: `
    start() {
      cd "$(cat "$STATE/directory")" || exit 1
      xargs -0 "$REDIS/redis-server" --port "$PORT" < "$STATE/words" > "$STATE/log" 2>&1 &
      until "$REDIS/redis-cli" -p "$PORT" ping; do sleep 0.05; done > /dev/null 2>&1
    }
    case "$1" in
      run)
        while [ "$1" != redis ]; do
          if [ "$1" = -v ]; then printf %s "\${2%:/data}" > "$STATE/directory"; fi
          shift
        done
        shift 2
        printf '%s\\0' "$@" > "$STATE/words"
        start
        echo 0123456789ab
        ;;
      start) start; echo "$2" ;;
      kill)
        kill -9 "$("$REDIS/redis-cli" -p "$PORT" info server | tr -d '\\r' | sed -n 's/process_id://p')"
        echo "$2"
        ;;
      exec) shift 2; exec "$@" ;;
      *) exit 1 ;;
    esac`,
};

let scratch = '';
beforeEach(() => {
  scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-readme-'));
  for (const name of ['bin', 'state', 'work']) fs.mkdirSync(path.join(scratch, name));
  for (const [name, text] of Object.entries(PROGRAMS))
    fs.writeFileSync(path.join(scratch, 'bin', name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
  fs.symlinkSync(path.join(ROOT, 'fixtures'), path.join(scratch, 'work/fixtures'));
});
afterEach(() => fs.rmSync(scratch, { recursive: true, force: true }));

it('has them', () => {
  expect(stories.map(({ name }) => name)).toEqual(['dump', 'crash', 'docker']);
});

it.each(stories)('$name', async ({ text }) => {
  expect(await run(text)).toBe(expectedOf(text));
});

function expectedOf(text: string): string {
  const lines = text.split('\n').flatMap((line) => /(?:^| {2})# (.*)$/.exec(line)?.[1] ?? []);
  return lines.map((line) => `${line}\n`).join('');
}

/** What a script prints on standard output; whatever it has left running is ended. */
async function run(script: string): Promise<string> {
  const env = {
    ...process.env,
    PATH: `${path.join(scratch, 'bin')}:${process.env.PATH}`,
    ROOT,
    NODE: process.execPath,
    REDIS: path.dirname(process.env.REDIS_SERVER!),
    STATE: path.join(scratch, 'state'),
    PORT: String(await freePort()),
  };
  const options = { cwd: path.join(scratch, 'work'), env, detached: true } as const;
  const child = spawn('bash', ['-c', script], { ...options, stdio: ['ignore', 'pipe', 'ignore'] });
  const endAll = (): void => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // Nothing is left.
    }
  };
  process.once('exit', endAll);
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => (output += String(bytes)));
  // What runs in the background may keep the pipe open.
  child.once('exit', endAll);
  await new Promise((resolve) => child.once('close', resolve));
  process.removeListener('exit', endAll);
  return output;
}
