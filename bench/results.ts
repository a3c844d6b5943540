import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, isAbsolute } from 'node:path';
import type { Command } from './measure.js';
import type { CommandLine } from './speed.js';

/** Parts of RESULTS.md, each from a run of its own, in the order of the file. */
export const SECTIONS = ['Speed', 'Sizes', 'Memory', 'Import', 'Import memory', 'Store', 'Serve'] as const;

export type Section = (typeof SECTIONS)[number];

const HEAD = `# Results

Measured with \`npm run bench\` and \`npm run bench:import\` (\`-- --write\` makes this file): whole processes, output thrown away,
and of the store and the server what they do in a process that goes on; medians, all rounds of one run interleaved. Ratios are
those of the same run, above 1 is faster; times and their spread are those of one machine.
`;

/** Puts \`text\` in place of one section of the file, and leaves the others as they are. Without a file, it makes one. */
export function writeSection(path: string, section: Section, text: string): void {
  const sections = existsSync(path) ? splitSections(readFileSync(path, 'utf8')) : new Map<Section, string>();
  sections.set(section, text.trim());
  writeFileSync(path, joinSections(sections));
}

/** The text below each heading of the second level that is one of ours. */
export function splitSections(markdown: string): Map<Section, string> {
  const sections = new Map<Section, string>();
  for (const part of markdown.split(/^## /m).slice(1)) {
    const title = part.slice(0, part.indexOf('\n')).trim();
    const section = SECTIONS.find((name) => name === title);
    if (section === undefined) throw new Error(`RESULTS.md has a section that nothing writes: ${title}`);
    sections.set(section, part.slice(part.indexOf('\n')).trim());
  }
  return sections;
}

/** The whole file. */
export function joinSections(sections: ReadonlyMap<Section, string>): string {
  const parts = SECTIONS.flatMap((section) => {
    const text = sections.get(section);
    return text === undefined ? [] : [`## ${section}\n\n${text}\n`];
  });
  return [HEAD, ...parts].join('\n');
}

/** One line for each job, as a person would type it: programs by name, files without their folder. */
export function formatCommands(
  lines: readonly CommandLine[],
  our: { program: string; first: readonly string[] },
): string {
  const seen = new Map(lines.map((line) => [`${line.input} ${line.job}`, line]));
  const shown = [...seen.values()].map(({ job, command }) => ({ job, text: shellLine(command, our) }));
  const width = Math.max(...shown.map(({ job }) => job.length));
  return shown.map(({ job, text }) => `${job.padEnd(width)}  ${text}\n`).join('');
}

function shellLine({ program, args }: Command, our: { program: string; first: readonly string[] }): string {
  const isOurs = program === our.program && our.first.every((word, w) => args[w] === word);
  const words = isOurs ? ['rdb-inspect', ...args.slice(our.first.length)] : [program, ...args];
  return words.map((word) => quoted(isAbsolute(word) && word !== '/dev/null' ? nameOf(word) : word)).join(' ');
}

/** The last part of a path, without what makes a temporary directory unique. */
function nameOf(path: string): string {
  return basename(path).replace(/^(rdb-bench-[a-z]+)-\w{6}$/, '$1');
}

function quoted(word: string): string {
  return /^[\w./:=,%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
