/** Elements in one expression. Knows no control. */

type Child = Node | string | null | undefined | false;
type Properties = Readonly<Record<string, unknown>>;

/** Functions become listeners of their name without `on`, true an empty attribute; false, null and undefined are left out. */
export function assign(element: Element, properties: Properties): void {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

/** h('p', { class: 'note' }, 'text', h('b', {}, 'more')) */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  assign(element, properties);
  element.append(...children.filter((child): child is Node | string => !!child || child === ''));
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Node[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  assign(element, properties);
  element.append(...children);
  return element;
}

let last = 0;
/** An id of its own, for labels. */
export const newId = (stem: string): string => `${stem}-${++last}`;
