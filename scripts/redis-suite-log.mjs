/**
 * What the suite prints, one line per event, read back:
 *
 *     [ok]: DEL against a single item (1 ms)
 *     [err]: SET with EX in tests/unit/type/string.tcl      the first line of an error ends with the file
 *     Expected '1' to be equal to '2'                       … and why may take several
 *     [1/1 done]: unit/type/string (4 seconds)
 */
import { stripVTControlCharacters } from 'node:util';

/** The name of an error that happened between tests, such as a connection that was refused. */
export const OUTSIDE = '(outside of a test)';

/**
 * @typedef {'done' | 'exception' | 'timeout' | 'break'} Ending of a unit: only after `done` have all its tests been run
 * @typedef {{ name: string, detail: string }} Failure
 * @typedef {object} UnitLog
 * @property {string[]} passed
 * @property {Failure[]} failed
 * @property {number} ignored tests and blocks that their tags exclude
 * @property {Ending} ending
 * @property {string} note what was said about an ending other than `done`
 */

const EVENT = /^\[(?:(ok|err|ignore|exception)|\d+\/\d+ (done)|(TIMEOUT)|\w+)\]: ?(.*)$/;
const LONGEST_DETAIL = 300;
const LAST_LINES = /^\s+The End$|^Cleanup: |^Killing still running |^Waiting for process /;

/**
 * @param {string} text
 * @returns {UnitLog}
 */
export function readLog(text) {
  /** @type {UnitLog} */
  const log = { passed: [], failed: [], ignored: 0, ending: 'break', note: '' };
  for (const { kind, said } of eventsOf(stripVTControlCharacters(text))) {
    if (kind === 'ok') log.passed.push(tidy((said[0] ?? '').replace(/ \(\d+ ms\)$/, '')));
    else if (kind === 'err') log.failed.push(failureOf(said));
    else if (kind === 'ignore') log.ignored++;
    else if (kind === 'done' && log.ending === 'break') log.ending = 'done';
    else if (kind === 'exception' || kind === 'TIMEOUT') {
      log.ending = kind === 'exception' ? 'exception' : 'timeout';
      log.note = tidy(said[0] ?? '');
    }
  }
  if (log.ending === 'break') log.note = tidy(text.slice(-LONGEST_DETAIL));
  return log;
}

/**
 * As names stand in known.md: without line breaks or doubled spaces.
 * @param {string} text
 */
export function tidy(text) {
  return text.replace(/\s+/g, ' ').trim();
}

/** @param {string} text */
function eventsOf(text) {
  /** @type {{ kind: string, said: string[] }[]} */
  const events = [];
  for (const line of text.split('\n')) {
    const [event, kind, done, timeout, said = ''] = EVENT.exec(line) ?? [];
    if (event !== undefined) events.push({ kind: kind ?? done ?? timeout ?? '', said: [said] });
    else if (LAST_LINES.test(line)) events.push({ kind: '', said: [] });
    else events.at(-1)?.said.push(line);
  }
  return events;
}

/**
 * @param {readonly string[]} said
 * @returns {Failure}
 */
function failureOf([first = '', ...rest]) {
  const name = /^(.*) in tests\/\S+\.tcl$/.exec(first)?.[1];
  if (name === undefined) return { name: OUTSIDE, detail: whole(first, rest[0]) };
  return { name: tidy(name), detail: whole(rest[0] ?? '', rest[1]) };
}

/**
 * The suite cuts ten characters off a message that is none of its own; below it Tcl's trace begins with all of it.
 * @param {string} message
 * @param {string | undefined} trace
 */
function whole(message, trace) {
  const text = tidy(message !== '' && trace?.endsWith(message) ? trace : message);
  return text.length > LONGEST_DETAIL ? `${text.slice(0, LONGEST_DETAIL)}…` : text;
}
