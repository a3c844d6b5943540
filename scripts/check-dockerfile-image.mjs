/** What the Dockerfile and .dockerignore say, as far as this project has use for it, and whether it can be so. */
import fs from 'node:fs';
import path from 'node:path';
import { DockerfileParser, JSONInstruction, ModifiableInstruction } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';

/**
 * @typedef {{ kind: 'copy', line: number, from: string | undefined, sources: string[], target: string }} CopyStep
 * @typedef {CopyStep | { kind: 'run', line: number, command: string } | { kind: 'workdir', line: number, path: string }} Step
 * @typedef {{ name: string | undefined, base: string, steps: Step[] }} Stage
 */

/**
 * @typedef {object} Image
 * @property {Stage[]} stages the last one is the image
 * @property {string[]} entrypoint
 * @property {string[]} command
 * @property {string} directory where it is run
 * @property {string} user
 * @property {string[]} volumes
 * @property {string[]} ports
 * @property {NodeJS.Signals} stopSignal
 */

/**
 * Reads a Dockerfile. Throws where it is malformed, or has an instruction that this check knows nothing of.
 * @param {string} text
 * @returns {Image}
 */
export function readDockerfile(text) {
  const wrong = validate(text).map(({ range, message }) => `line ${range.start.line + 1}: ${message}`);
  if (wrong.length > 0) throw new Error(`Dockerfile: ${wrong.join('; ')}`);
  /** @type {Image} */
  const image = {
    stages: [],
    entrypoint: [],
    command: [],
    directory: '/',
    user: 'root',
    volumes: [],
    ports: [],
    stopSignal: 'SIGTERM',
  };
  for (const instruction of DockerfileParser.parse(text).getInstructions()) take(image, instruction);
  return image;
}

/**
 * @param {Image} image
 * @param {import('dockerfile-ast').Instruction} instruction
 */
function take(image, instruction) {
  const keyword = instruction.getKeyword();
  const line = instruction.getRange().start.line + 1;
  const words = instruction.getExpandedArguments().map((argument) => argument.getValue());
  const [first = ''] = words;
  const steps = image.stages.at(-1)?.steps ?? [];
  switch (keyword) {
    case 'ARG':
      return;
    case 'FROM':
      image.stages.push({ name: words[2], base: first, steps: [] });
      return;
    case 'COPY':
      steps.push({
        kind: 'copy',
        line,
        from: fromOf(instruction),
        sources: words.slice(0, -1),
        target: words.at(-1) ?? '',
      });
      return;
    case 'RUN':
      steps.push({ kind: 'run', line, command: instruction.getArgumentsContent() ?? '' });
      return;
    case 'WORKDIR':
      steps.push({ kind: 'workdir', line, path: first });
      image.directory = first;
      return;
    case 'USER':
      image.user = first;
      return;
    case 'VOLUME':
      image.volumes.push(...words);
      return;
    case 'EXPOSE':
      image.ports.push(...words);
      return;
    case 'STOPSIGNAL':
      image.stopSignal = /** @type {NodeJS.Signals} */ (first);
      return;
    case 'ENTRYPOINT':
      image.entrypoint = execForm(instruction);
      return;
    case 'CMD':
      image.command = execForm(instruction);
      return;
    default:
      throw new Error(`Dockerfile, line ${line}: the check does not know ${keyword}`);
  }
}

/** @param {import('dockerfile-ast').Instruction} instruction */
function fromOf(instruction) {
  const flags = instruction instanceof ModifiableInstruction ? instruction.getFlags() : [];
  const other = flags.find((flag) => flag.getName() !== 'from');
  if (other !== undefined) throw new Error(`Dockerfile: the check does not know ${other}`);
  return flags[0]?.getValue() ?? undefined;
}

/** @param {import('dockerfile-ast').Instruction} instruction */
function execForm(instruction) {
  const words = instruction instanceof JSONInstruction ? instruction.getJSONStrings() : [];
  if (words.length === 0)
    throw new Error(`Dockerfile: ${instruction} is a line for a shell, which would keep signals back`);
  return words.map((word) => word.getJSONValue());
}

/**
 * The lines of a .dockerignore that say something.
 * @param {string} text
 */
export function readIgnoreFile(text) {
  return text.split('\n').flatMap((line) => (/^\s*(#|$)/.test(line) ? [] : [path.posix.normalize(line.trim())]));
}

/**
 * Whether a file of the project is kept from the build: the last pattern that matches it, or a folder that it is in, decides.
 * @param {readonly string[]} patterns
 * @param {string} name from the project's folder on, with slashes
 */
export function isIgnored(patterns, name) {
  const folders = name.split('/').map((_, at, parts) => parts.slice(0, at + 1).join('/'));
  const last = patterns.findLast((pattern) => {
    const glob = expressionOf(pattern.replace(/^!/, ''));
    return folders.some((folder) => glob.test(folder));
  });
  return last !== undefined && !last.startsWith('!');
}

/** @param {string} pattern */
function expressionOf(pattern) {
  const source = pattern
    .replace(/^\/|\/$/g, '')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/|\*\*|\*|\?/g, (wild) => ({ '**/': '(.*/)?', '**': '.*', '*': '[^/]*' })[wild] ?? '[^/]');
  return new RegExp(`^${source}$`);
}

/**
 * What a COPY takes that is there and not ignored: files, from the project's folder on.
 * @param {string} project
 * @param {readonly string[]} patterns
 * @param {string} source
 * @returns {string[]}
 */
export function filesToCopy(project, patterns, source) {
  const stat = fs.statSync(path.join(project, source), { throwIfNoEntry: false });
  if (stat === undefined) return [];
  const names = stat.isFile()
    ? [source]
    : fs
        .readdirSync(path.join(project, source), { recursive: true, encoding: 'utf8', withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => path.relative(project, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'));
  return names.filter((name) => !isIgnored(patterns, name));
}

/**
 * What is wrong with the COPYs of an image.
 * @param {Image} image
 * @param {string} project
 * @param {readonly string[]} patterns
 * @returns {string[]}
 */
export function copyProblems({ stages }, project, patterns) {
  return stages.flatMap(({ steps }, at) =>
    steps.flatMap((step) => {
      if (step.kind !== 'copy') return [];
      const { from, line, sources } = step;
      if (from !== undefined)
        return stages.slice(0, at).some(({ name }) => name === from) ? [] : [`line ${line}: no stage ${from}`];
      const missing = sources.filter((source) => filesToCopy(project, patterns, source).length === 0);
      return missing.map((source) => `line ${line}: ${source} is not there, or ignored`);
    }),
  );
}
