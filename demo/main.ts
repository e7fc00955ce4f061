/** The page around the views: which is shown, the theme, the footer. Knows no loss. */
import { backend, backendError } from 'losskit';
import { flush, forget, paramsOf, viewOf, type ViewName } from './state.js';
import { h } from './ui/dom.js';
import { onTheme, theme, toggleTheme } from './ui/theme.js';
import type { Mount } from './view.js';

const load: Record<ViewName, () => Promise<{ mount: Mount }>> = {
  explore: () => import('./explorer/index.js'),
  training: () => import('./training/index.js'),
  bench: () => import('./bench/index.js'),
};
const titles: Record<ViewName, string> = {
  explore: 'Loss explorer',
  training: 'Training',
  bench: 'Benchmark',
};

const main = document.getElementById('main')!;
const links = [...document.querySelectorAll<HTMLAnchorElement>('.views a')];

let shown: ViewName | undefined;
let end = (): void => {};

async function show(): Promise<void> {
  const name = viewOf(location.search);
  if (name === shown) return;
  end();
  end = () => {};
  shown = name;
  for (const link of links) {
    const current = viewOf(link.search) === name;
    if (current) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  document.title = `${titles[name]} – losskit`;
  try {
    const { mount } = await load[name]();
    if (shown !== name) return; // another was chosen meanwhile
    const root = h('div', { class: `view ${name}` });
    main.replaceChildren(root);
    const params = paramsOf(name);
    const callbacks: (() => void)[] = [];
    const view = mount(root, {
      params,
      onTheme: (callback) => void callbacks.push(onTheme(callback)),
    });
    end = () => {
      view.destroy();
      params.end();
      callbacks.forEach((stop) => stop());
    };
  } catch (error) {
    main.replaceChildren(
      h(
        'p',
        { class: 'failure', role: 'alert' },
        `This view could not be shown: ${(error as Error).message}`,
      ),
    );
    throw error;
  }
}

/** A plain click stays on the page; with a modifier the browser does what it does with links. */
function follow(event: MouseEvent): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const { search } = event.currentTarget as HTMLAnchorElement;
  if (viewOf(search) === shown) return;
  flush();
  history.pushState(null, '', search);
  void show().then(() => main.focus({ preventScroll: true }));
}

links.forEach((link) => link.addEventListener('click', follow));
addEventListener('popstate', () => {
  forget();
  void show();
});

const button = document.getElementById('theme')!;
const press = (): void => button.setAttribute('aria-pressed', String(theme() === 'dark'));
button.addEventListener('click', toggleTheme);
onTheme(press);
press();

void show().then(() => {
  const reason = backendError();
  document.getElementById('backend')!.textContent =
    `All numbers on this page are calculated by losskit, here on its backend ‘${backend()}’` +
    (reason
      ? `, because WebAssembly cannot run: ${reason instanceof Error ? reason.message : String(reason)}`
      : '.');
});
