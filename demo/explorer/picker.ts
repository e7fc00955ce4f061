/** The list of losses by group: links where there is room, one select where there is not. */
import { h } from '../ui/dom.js';
import { entryOf, lossesOf } from './catalogue.js';
import { type Group, groups } from './entry.js';

export interface Picker {
  readonly list: HTMLElement;
  readonly select: HTMLElement;
  show(name: string): void;
}

const eachGroup = <T>(make: (title: string, names: string[]) => T): T[] =>
  (Object.keys(groups) as Group[]).map((group) => make(groups[group], lossesOf(group)));

/** A link that opens the loss on this page, unless a modifier asks for another. */
export function lossLink(name: string, onPick: (name: string) => void): HTMLAnchorElement {
  const made = h('a', { href: `?view=explore&loss=${name}`, title: entryOf(name)!.about }, name);
  made.addEventListener('click', (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    onPick(name);
  });
  return made;
}

export function createPicker(onPick: (name: string) => void): Picker {
  const links = new Map<string, HTMLAnchorElement>();
  const link = (name: string): HTMLElement => {
    const made = lossLink(name, onPick);
    links.set(name, made);
    return h('li', {}, made);
  };
  const list = h(
    'nav',
    { class: 'losses', 'aria-label': 'Losses' },
    ...eachGroup((title, names) => h('section', {}, h('h3', {}, title), h('ul', {}, ...names.map(link)))),
  );
  const options = h(
    'select',
    { class: 'select', id: 'loss-select' },
    ...eachGroup((title, names) =>
      h('optgroup', { label: title }, ...names.map((name) => h('option', { value: name }, name))),
    ),
  );
  options.addEventListener('change', () => onPick(options.value));
  const select = h('div', { class: 'pick' }, h('label', { for: 'loss-select' }, 'Loss'), options);
  return {
    list,
    select,
    show(name) {
      options.value = name;
      for (const [other, made] of links) {
        if (other === name) made.setAttribute('aria-current', 'true');
        else made.removeAttribute('aria-current');
      }
      const chosen = links.get(name)!;
      // Only the list may scroll, not the page.
      const { offsetTop, offsetHeight } = chosen;
      if (offsetTop < list.scrollTop || offsetTop + offsetHeight > list.scrollTop + list.clientHeight)
        list.scrollTop = offsetTop - list.clientHeight / 2;
    },
  };
}
