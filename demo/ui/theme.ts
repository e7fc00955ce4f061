/** Dark or light: the system's, or the reader's choice, kept where storage is allowed. Colours for canvases. */
import type { Theme } from '../view.js';

const KEY = 'losskit-theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const callbacks = new Set<(theme: Theme) => void>();

export function theme(): Theme {
  const chosen = document.documentElement.dataset['theme'];
  return chosen === 'dark' || chosen === 'light' ? chosen : system.matches ? 'dark' : 'light';
}

const tell = (): void => callbacks.forEach((callback) => callback(theme()));
system.addEventListener('change', tell);

export function toggleTheme(): void {
  const next = theme() === 'dark' ? 'light' : 'dark';
  document.documentElement.dataset['theme'] = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
  tell();
}

/** The returned function ends the calls. */
export function onTheme(callback: (theme: Theme) => void): () => void {
  callbacks.add(callback);
  return () => callbacks.delete(callback);
}

const NAMES = ['back', 'panel', 'ink', 'dim', 'line', 'accent', 'second', 'ghost', 'good', 'bad'] as const;
export type Colours = Record<(typeof NAMES)[number], string>;

/** The style's colours as a canvas takes them. A custom property itself would read `light-dark(…)`, so an element is asked. */
export function colours(): Colours {
  const probe = document.createElement('i');
  probe.hidden = true;
  document.body.append(probe);
  const found = {} as Colours;
  for (const name of NAMES) {
    probe.style.color = `var(--${name})`;
    found[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return found;
}
