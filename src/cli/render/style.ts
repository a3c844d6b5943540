/** Colours of a terminal, or none. */

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

export type ColorChoice = 'auto' | 'always' | 'never';

/**
 * `auto`: colours on a terminal, unless `NO_COLOR` is set to something (no-color.org) or the terminal is dumb.
 */
export function createStyle(choice: ColorChoice, isTerminal: boolean, env: NodeJS.ProcessEnv): Style {
  const wanted = choice === 'always' || (choice === 'auto' && isTerminal && !env.NO_COLOR && env.TERM !== 'dumb');
  const paint = (code: number, end: number) => (wanted ? (text: string) => `\x1b[${code}m${text}\x1b[${end}m` : plain);
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  };
}

function plain(text: string): string {
  return text;
}
