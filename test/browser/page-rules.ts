/** Rules of accessibility that a machine can check, as functions that run inside a page. */

/** What is wrong in the page, as lines for people. Self-contained: the browser is given its source. */
export function brokenRules(): string[] {
  const all = [...document.querySelectorAll<HTMLElement>('body *')];
  const nameOf = (element: Element): string =>
    (
      element.getAttribute('aria-label') ??
      (element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : null) ??
      (element instanceof HTMLSelectElement ? element.labels?.[0]?.textContent : element.textContent) ??
      ''
    ).trim();
  const show = (element: Element): string => element.outerHTML.slice(0, 120);
  const broken: string[] = [];
  const rule = (text: string, elements: readonly Element[]): void => {
    for (const element of elements) broken.push(`${text}: ${show(element)}`);
  };
  if (document.documentElement.lang === '' || document.title === '') broken.push('no language, or no title');
  const ids = all.map(({ id }) => id).filter((id) => id !== '');
  if (new Set(ids).size !== ids.length) broken.push('an id is used twice');
  const controls = all.filter((element) =>
    element.matches('button, a, input, select, summary, [role=img], [role=group]'),
  );
  rule(
    'no name',
    controls.filter((element) => nameOf(element) === ''),
  );
  rule(
    'not in the order of the page',
    all.filter(({ tabIndex }) => tabIndex > 0),
  );
  rule(
    'refers to nothing',
    all.filter((element) => {
      const id = element.getAttribute('aria-labelledby') ?? element.getAttribute('for');
      return id !== null && document.getElementById(id) === null;
    }),
  );
  rule(
    'a table without headings',
    all.filter((element) => element.matches('table:not(:has(thead th[scope=col]))')),
  );
  return broken;
}

/** What is wrong in its form: headings, and what is too wide. Self-contained. */
export function brokenForm(): string[] {
  const all = [...document.querySelectorAll<HTMLElement>('body *')];
  const broken: string[] = [];
  const rule = (text: string, elements: readonly Element[]): void => {
    for (const element of elements) broken.push(`${text}: ${element.outerHTML.slice(0, 120)}`);
  };
  rule(
    'scrolls, but not with the keyboard',
    all.filter(
      (element) =>
        /auto|scroll/.test(getComputedStyle(element).overflowX) &&
        element.scrollWidth > element.clientWidth &&
        element.tabIndex !== 0,
    ),
  );
  const levels = all.filter((element) => /^H\d$/.test(element.tagName)).map(({ tagName }) => Number(tagName[1]));
  if (levels.filter((level) => level === 1).length !== 1) broken.push('not one first heading');
  if (levels.some((level, index) => level > (levels[index - 1] ?? 0) + 1))
    broken.push('a level of headings is left out');
  rule(
    'wider than the page',
    all.filter((element) => {
      const { right, width } = element.getBoundingClientRect();
      return width > 1 && right > innerWidth + 1 && element.closest('.scroll') === null;
    }),
  );
  return broken;
}

/** Texts with less contrast than WCAG AA asks for, as lines for people. Self-contained. */
export function paleTexts(): string[] {
  const channels = (color: string): number[] => color.match(/[\d.]+/g)!.map(Number);
  const luminance = (color: string): number => {
    const [red = 0, green = 0, blue = 0] = channels(color).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (element: Element | null): string => {
    for (let at = element; at !== null; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (channels(backgroundColor)[3] !== 0) return backgroundColor;
    }
    return 'rgb(255, 255, 255)';
  };
  const pale: string[] = [];
  for (const element of document.querySelectorAll<HTMLElement>('body *:not(script, noscript, style)')) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent!.trim() !== '');
    if (!hasText || !element.checkVisibility()) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(element);
    const [lighter, darker] = [luminance(color), luminance(ground(element))].sort((a, b) => b - a);
    const contrast = (lighter! + 0.05) / (darker! + 0.05);
    const size = Number.parseFloat(fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700) ? 3 : 4.5;
    if (contrast < least) pale.push(`${contrast.toFixed(2)}: ${element.outerHTML.slice(0, 120)}`);
  }
  return pale;
}
