/** Dark and light: what the system prefers, until somebody chooses. */
import { button } from './dom.js';

const THEMES = ['auto', 'light', 'dark'] as const;

export function themeButton(): HTMLButtonElement {
  let current = 0;
  const label = (): string => `Theme: ${THEMES[current]}`;
  const toggle = button({ class: 'theme' }, label(), () => {
    current = (current + 1) % THEMES.length;
    document.documentElement.dataset.theme = THEMES[current]!;
    toggle.textContent = label();
  });
  return toggle;
}
