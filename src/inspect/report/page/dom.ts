/** Elements from names, attributes and children. Text becomes text nodes: nothing in a report is ever read as HTML. */

export type Child = Node | string | undefined | false;

/** `true` sets an attribute without a value, `false` and undefined leave it out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(attribute, value === true ? '' : String(value));
  }
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

/** A button that does something. */
export function button(attributes: Attributes, label: Child, act: () => void): HTMLButtonElement {
  const element = h('button', { type: 'button', ...attributes }, label);
  element.addEventListener('click', act);
  return element;
}

/** Numbers as custom properties, which is how the style sheet learns of sizes: style attributes are not allowed. */
export function withSizes<Element extends HTMLElement>(
  element: Element,
  sizes: Readonly<Record<string, number>>,
): Element {
  for (const [name, value] of Object.entries(sizes)) element.style.setProperty(`--${name}`, String(value));
  return element;
}

/** What may be too wide for a narrow page scrolls by itself, with the keyboard too: only then Tab stops there. */
export function scrollable(label: string, ...children: readonly Child[]): HTMLElement {
  const element = h('div', { class: 'scroll', role: 'group', 'aria-label': label }, ...children);
  new ResizeObserver(() => {
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
    else element.removeAttribute('tabindex');
  }).observe(element);
  return element;
}

/** A key or a prefix: kept apart from the direction of the text around it. */
export function keyText(text: string): HTMLElement {
  return h('bdi', { class: 'key', dir: 'ltr' }, text === '' ? '""' : text);
}
