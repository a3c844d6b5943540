/** Small executables that stand for programs which are not on this machine, each noting how it was called. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A folder of such programs, as one of PATH. */
export class FakePrograms {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-inspect-fakes-'));
  readonly #temporary = process.env.TMPDIR;

  constructor() {
    // The harness tidies up when its process ends, which a test runner's may do without telling.
    process.env.TMPDIR = this.folder;
  }

  /** Puts a program there: `script` is the body of a shell script that sees its arguments. Returns its path. */
  add(name: string, script: string, interpreter = '/bin/sh'): string {
    const file = path.join(this.folder, name);
    const note = `printf '%s\\n' "$*" >> '${file}.calls'`;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, `#!${interpreter}\n${note}\n${script}\n`, { mode: 0o755 });
    return file;
  }

  /** The arguments of every call of a program, in order. */
  calls(name: string): string[] {
    const file = path.join(this.folder, `${name}.calls`);
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  }

  remove(): void {
    if (this.#temporary === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = this.#temporary;
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/** librdb's: usage and version without arguments, the work itself otherwise. */
export const RDB_CLI = `
if [ $# -eq 0 ]; then
  echo '[v2.1.0] Usage: rdb-cli /path/to/dump.rdb [OPTIONS] {print|json|resp|redis|stat} [FORMAT_OPTIONS]'
  exit 1
fi`;

/** HDT3213's: flags of Go, help on standard error, exit code 0 whatever happens; a note of the Go linker in the file. */
export const HDT3213_RDB = `
case "$1" in
  '') printf '\\nThis is a tool\\nOptions:\\n  -c command, including: json/memory/aof/bigkey/hotkey/prefix/flamegraph\\n' >&2 ;;
  --help) printf 'Usage of rdb:\\n  -c string\\n    \\tcommand for rdb: json\\n  -o string\\n    \\toutput file path\\n' >&2 ;;
  *) for file; do :; done; [ -r "$file" ] || echo "error: open rdb $file failed" ;;
esac
exit 0
path\tgithub.com/hdt3213/rdb
mod\tgithub.com/hdt3213/rdb\tv1.3.1\th1:sum=
`;

/** That of redis-rdb-tools, when its interpreter is PYTHON: argparse. */
export const RDB_TOOLS = `
case "$1" in
  --help) echo 'usage: rdb [options] /path/to/dump.rdb'; echo '  -c CMD, --command CMD'; echo '  -l LARGEST, --largest LARGEST' ;;
  '') echo 'rdb: error: the following arguments are required: -c/--command, dump_file' >&2; exit 2 ;;
esac`;

/** An interpreter for RDB_TOOLS that knows the package's version. */
export const PYTHON = `
if [ "$1" = -c ]; then echo 'version 0.1.15'; else exec /bin/sh "$@"; fi`;
