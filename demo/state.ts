/** The address as state: which view, and the view's own parameters. Knows no view's parameters. */
import type { Params } from './view.js';

const VIEWS = ['explore', 'training', 'bench'] as const;
export type ViewName = (typeof VIEWS)[number];

/** Unknown views are the first. */
export const viewOf = (search: string): ViewName => {
  const name = new URLSearchParams(search).get('view');
  return VIEWS.find((known) => known === name) ?? VIEWS[0];
};

const others = (search: string): string => {
  const params = new URLSearchParams(search);
  params.delete('view');
  return params.toString();
};

// Browsers refuse more than about a hundred changes of the address in half a minute.
const DELAY = 250;

let pending: { timer: number; address: string } | undefined;

/** Writes an address that waits, so that a copied link, a click or the end of the page does not lose it. */
export function flush(): void {
  if (!pending) return;
  clearTimeout(pending.timer);
  history.replaceState(null, '', pending.address);
  pending = undefined;
}

/** The part of the address that belongs to one view, until `end`. */
export function paramsOf(view: ViewName): Params & { end(): void } {
  const callbacks = new Set<() => void>();
  let seen = others(location.search);
  const back = (): void => {
    const now = others(location.search);
    if (viewOf(location.search) !== view || now === seen) return;
    seen = now;
    callbacks.forEach((callback) => callback());
  };
  addEventListener('popstate', back);
  return {
    read: () => new URLSearchParams(others(location.search)),
    write(params, how = 'replace') {
      const rest = params.toString();
      // Commas are as good in a query, and readable.
      const address = `?view=${view}${rest && `&${rest}`}`.replaceAll('%2C', ',');
      seen = rest;
      if (how === 'push') {
        flush();
        history.pushState(null, '', address);
        return;
      }
      if (pending) clearTimeout(pending.timer);
      pending = { address, timer: window.setTimeout(flush, DELAY) };
    },
    onChange: (callback) => void callbacks.add(callback),
    end() {
      flush();
      removeEventListener('popstate', back);
    },
  };
}

/** Forgets an address that waits: going back has overtaken it. */
export function forget(): void {
  if (pending) clearTimeout(pending.timer);
  pending = undefined;
}

addEventListener('pagehide', flush);
