/**
 * What a unit is expected to do: all that it does with the real server, except for what stands in known.md:
 *
 *     ## external unit/type/list
 *     - `name of a test` — why it fails
 *     - `name of two tests` ×2 — why they fail
 *     - `name of a test`, sometimes — why it may fail
 *     - `name of a test`, left out — why it is not even run
 *     - not reached: 12 — what breaks off in front of them
 *     - ends with exception — why (or timeout, or break)
 */
import { OUTSIDE, tidy } from './redis-suite-log.mjs';

/**
 * @typedef {import('./redis-suite-log.mjs').UnitLog} UnitLog
 * @typedef {'external' | 'spawn'} Mode `spawn`: the suite starts, kills and restarts the server itself
 * @typedef {'fails' | 'sometimes' | 'left out'} Fate
 * @typedef {{ name: string, times: number, fate: Fate }} KnownTest
 * @typedef {{ tests: KnownTest[], notReached: number, ending: string }} KnownUnit
 */

const TEST = /^- (`+) ?(.+?) ?\1(?: ×(\d+))?(?:, (sometimes|left out))? — \S/;
const NOT_REACHED = /^- not reached: (\d+) — \S/;
const ENDING = /^- ends with (exception|timeout|break) — \S/;

/** @type {KnownUnit} */
export const NOTHING_KNOWN = { tests: [], notReached: 0, ending: 'done' };

/**
 * Throws where a line below a heading of the second level says nothing that can be understood.
 * @param {string} markdown
 * @returns {Map<string, KnownUnit>} by mode and unit, as in their headings
 */
export function readKnown(markdown) {
  /** @type {Map<string, KnownUnit>} */
  const units = new Map();
  /** @type {KnownUnit | undefined} */
  let unit;
  for (const [index, line] of markdown.split('\n').entries()) {
    const heading = /^## (?:(external|spawn) (\S+)$)?/.exec(line);
    if (heading) {
      const name = `${heading[1]} ${heading[2]}`;
      if (heading[1] === undefined || units.has(name)) throw misunderstood(line, index);
      unit = { tests: [], notReached: 0, ending: 'done' };
      units.set(name, unit);
    } else if (unit !== undefined && line.startsWith('- ') && !addLine(unit, line)) {
      throw misunderstood(line, index);
    }
  }
  return units;
}

/**
 * A failure as a line of known.md, without its reason.
 * @param {string} name
 */
export function knownLine(name) {
  if (!name.includes('`')) return `- \`${name}\` — `;
  return `- \`\` ${name} \`\` — `;
}

/**
 * Holds what a unit did against what is expected.
 * @param {UnitLog} log
 * @param {number} total tests that are run with the real server
 * @param {KnownUnit} known
 * @returns {string[]} whatever is otherwise, better included
 */
export function judge(log, total, known) {
  const problems = log.ending === known.ending ? [] : [`ends with ${log.ending}${log.note && `: ${log.note}`}`];
  const failures = countsOf(log.failed.map(({ name }) => name));
  for (const [name, times] of failures) {
    const entries = known.tests.filter((test) => test.name === name && test.fate !== 'left out');
    const allowed = entries.reduce((sum, test) => sum + test.times, 0);
    const details = log.failed.filter((failure) => failure.name === name).map(({ detail }) => detail);
    for (const detail of details.slice(0, Math.max(0, times - allowed))) problems.push(`${knownLine(name)}${detail}`);
  }
  for (const { name, times, fate } of known.tests) {
    const failed = failures.get(name) ?? 0;
    if (fate !== 'fails' || failed >= times) continue;
    const verb = log.passed.includes(name) ? 'does not fail any more' : 'is known to fail, and was not run';
    problems.push(`${name}: ${verb}${times > 1 ? ` (${times - failed} of ${times})` : ''}`);
  }
  const leftOut = known.tests.reduce((sum, test) => sum + (test.fate === 'left out' ? test.times : 0), 0);
  const reached = log.passed.length + log.failed.filter(({ name }) => name !== OUTSIDE).length;
  const missing = Math.max(0, total - leftOut - reached);
  if (missing !== known.notReached) problems.push(`not reached: ${missing}${expected(known.notReached)}`);
  return problems;
}

/**
 * @param {KnownUnit} unit
 * @param {string} line
 */
function addLine(unit, line) {
  const [test, , name = '', times = '1', fate = 'fails'] = TEST.exec(line) ?? [];
  if (test !== undefined) {
    unit.tests.push({ name: tidy(name), times: Number(times), fate: /** @type {Fate} */ (fate) });
    return true;
  }
  const notReached = NOT_REACHED.exec(line)?.[1];
  const ending = ENDING.exec(line)?.[1];
  unit.notReached = Number(notReached ?? unit.notReached);
  unit.ending = ending ?? unit.ending;
  return (notReached ?? ending) !== undefined;
}

/** @param {readonly string[]} names */
function countsOf(names) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** @param {number} notReached */
function expected(notReached) {
  return notReached === 0 ? '' : `, not ${notReached}`;
}

/**
 * @param {string} line
 * @param {number} index
 */
function misunderstood(line, index) {
  return new Error(`known.md:${index + 1}: not a line that the runner understands: ${line}`);
}
