/**
 * Builds what a Dockerfile describes without an engine: each stage in a folder that stands for its root, by the machine's own Node.
 * Paths of commands that begin with a slash are taken as paths in that folder, and nobody's files change hands.
 */
import fs from 'node:fs';
import path from 'node:path';
import { filesToCopy } from './check-dockerfile-image.mjs';
import { run } from './setup.mjs';

/**
 * @typedef {object} BuildOptions
 * @property {string} project the folder that the files come from
 * @property {readonly string[]} ignored patterns of .dockerignore
 * @property {string} scratch an empty folder
 * @property {(doing: string) => void} say called before each step
 */

/**
 * Returns the root of the image. Throws with what a command has printed where it fails.
 * @param {import('./check-dockerfile-image.mjs').Image} image
 * @param {BuildOptions} options
 */
export async function buildStages({ stages }, options) {
  /** @type {Map<string | undefined, string>} */
  const roots = new Map();
  let root = '';
  for (const [at, { name, steps }] of stages.entries()) {
    root = path.join(options.scratch, `stage-${at}`);
    fs.mkdirSync(path.join(root, 'usr/local/bin'), { recursive: true });
    roots.set(name, root);
    let directory = root;
    for (const step of steps) {
      options.say(`line ${step.line}: ${shown(step)}`);
      if (step.kind === 'workdir') {
        directory = path.join(root, step.path);
        fs.mkdirSync(directory, { recursive: true });
      } else if (step.kind === 'copy') copy(step, { ...options, root, directory, from: roots.get(step.from ?? '') });
      else await runIn(root, directory, step.command, options.scratch);
    }
  }
  return root;
}

/** @param {import('./check-dockerfile-image.mjs').Step} step */
function shown(step) {
  if (step.kind === 'run') return `RUN ${step.command.replace(/\s+/g, ' ')}`;
  return step.kind === 'workdir'
    ? `WORKDIR ${step.path}`
    : `COPY ${step.from === undefined ? '' : `--from=${step.from} `}${[...step.sources, step.target].join(' ')}`;
}

/**
 * @param {import('./check-dockerfile-image.mjs').CopyStep} step
 * @param {BuildOptions & { root: string, directory: string, from: string | undefined }} place
 */
function copy({ sources, target }, { project, ignored, root, directory, from }) {
  const base = path.isAbsolute(target) ? path.join(root, target) : path.join(directory, target);
  for (const source of sources) {
    if (from !== undefined) {
      fs.cpSync(path.join(from, source), base, { recursive: true, verbatimSymlinks: true });
      continue;
    }
    const isFolder = fs.statSync(path.join(project, source)).isDirectory();
    for (const name of filesToCopy(project, ignored, source)) {
      const within = isFolder ? path.relative(source, name) : target.endsWith('/') ? path.basename(name) : '';
      fs.mkdirSync(path.dirname(path.join(base, within)), { recursive: true });
      fs.copyFileSync(path.join(project, name), path.join(base, within));
    }
  }
}

/**
 * @param {string} root
 * @param {string} directory
 * @param {string} command
 * @param {string} scratch
 */
async function runIn(root, directory, command, scratch) {
  const programs = path.join(scratch, 'programs');
  fs.mkdirSync(programs, { recursive: true });
  // Only root may give files away; what is given has to be there.
  fs.writeFileSync(path.join(programs, 'chown'), '#!/bin/sh\nfor last; do :; done\ntest -e "$last"\n', { mode: 0o755 });
  const own = command.replace(/(^|[\s="':])\/(?=[\w.])/g, `$1${root}/`);
  const PATH = [programs, path.join(root, 'usr/local/bin'), path.dirname(process.execPath), process.env.PATH].join(':');
  const { status, output } = await run('/bin/sh', ['-c', own], { cwd: directory, env: { ...outerNpm(), PATH } });
  if (status !== 0) throw new Error(`RUN ${command} ended with ${status}:\n${output}`);
}

/** What an npm that runs us has set for its own command. */
function outerNpm() {
  const names = Object.keys(process.env).filter((name) =>
    /^npm_(lifecycle|package|command|execpath|node_execpath|config_(local_prefix|loglevel|json))/.test(name),
  );
  return Object.fromEntries(names.map((name) => [name, undefined]));
}
