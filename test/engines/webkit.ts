/**
 * Debian's WebKitGTK: its MiniBrowser on a screen of its own, Xvfb's, through WebKitWebDriver, or through the driver that
 * WEBKIT_DRIVER names. It has no console for the driver to read: what pages print is what noise.js records.
 */
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Engine, eventually, NOISE_ATTRIBUTE, type Page, recorded } from './engine.js';
import { Keeper } from './keeper.js';
import { caller, Window } from './webdriver.js';

const DRIVER = process.env['WEBKIT_DRIVER'] ?? '/usr/bin/WebKitWebDriver';
const XVFB = process.env['XVFB'] ?? '/usr/bin/Xvfb';

/** WebKitGTK's own browser, in the folder of its library: of any architecture, of any of its versions for GTK 3. */
function miniBrowser(): string | undefined {
  const list = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);
  return ['/usr/lib', '/usr/libexec', ...list('/usr/lib').map((name) => join('/usr/lib', name))]
    .flatMap((folder) =>
      ['4.1', '4.0'].map((version) => join(folder, `webkit2gtk-${version}`, 'MiniBrowser')),
    )
    .find((path) => existsSync(path));
}

const BROWSER = miniBrowser();
const wanting = [
  [existsSync(DRIVER), DRIVER],
  [existsSync(XVFB), XVFB],
  [BROWSER !== undefined, 'the MiniBrowser of WebKitGTK'],
].flatMap(([there, what]) => (there ? [] : [what]));

/** MiniBrowser's toolbar as small as can be: a window is as wide as that at least, and phones are narrower. */
const STYLE =
  '* { min-width: 0; min-height: 0; padding: 0; margin: 0; border-width: 0; font-size: 1px } image { -gtk-icon-source: none }';

function environment({ home, variables }: Keeper, display: string): NodeJS.ProcessEnv {
  mkdirSync(join(home, 'gtk-3.0'));
  writeFileSync(join(home, 'gtk-3.0', 'gtk.css'), STYLE);
  return {
    ...process.env,
    ...variables,
    // Without one a page's language is 'C', which Intl refuses.
    LANG: 'en_US.UTF-8',
    LANGUAGE: 'en_US',
    LC_ALL: 'en_US.UTF-8',
    DISPLAY: display,
    GDK_BACKEND: 'x11',
    // Root may not make the namespaces of the sandbox, nor may anyone in many containers; pages are the tests' own.
    WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
    // GTK would start a bus where it finds none, and leave it behind.
    DBUS_SESSION_BUS_ADDRESS: 'disabled:',
    GSETTINGS_BACKEND: 'memory',
    NO_AT_BRIDGE: '1',
  };
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The display that Xvfb has taken, which it writes to stream 3. */
function displayOf(screen: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const pipe = screen.stdio[3]!;
    pipe.once('data', (number) => resolve(`:${String(number).trim()}`));
    pipe.once('end', () => reject(new Error(`${XVFB} did not start`)));
  });
}

export const webkit: Engine = {
  name: 'WebKitGTK',
  missing: wanting.length
    ? `${wanting.join(' and ')} is missing: apt-get install webkit2gtk-driver xvfb, or set WEBKIT_DRIVER and XVFB`
    : null,

  async launch() {
    const keeper = new Keeper();
    try {
      const screen = keeper.start(XVFB, ['-displayfd', '3', '-screen', '0', '2000x1600x24'], process.env);
      const env = environment(keeper, await displayOf(screen));
      const port = await freePort();
      keeper.start(DRIVER, [`--port=${port}`], env);
      const call = caller(port);
      await eventually(`${DRIVER} on port ${port}`, () => call('GET', '/status').catch(() => null));
      const options = { binary: BROWSER, args: ['--automation'] };
      const { sessionId } = await call<{ sessionId: string }>('POST', '/session', {
        capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': options } },
      });
      const session = `/session/${sessionId}`;
      return {
        open: async (url) => open(await Window.open(call, session), url),
        close: async () => {
          // A browser that crashed has ended its session.
          await call('DELETE', session).catch(() => {});
          await keeper.close();
        },
      };
    } catch (error) {
      await keeper.close();
      throw error;
    }
  },
};

/** A screenshot is of what was painted last, which may have been before the page's last change or resize. */
const PAINTED =
  'return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100))));';

async function open(window: Window, url: string): Promise<Page> {
  await window.go(url);
  return {
    evaluate: (expression) => window.execute(`return (${expression});`),
    textOf: (selector, milliseconds) => window.textOf(selector, milliseconds),
    click: (selector) => window.click(selector),
    press: (key, selector) => window.press(key, selector),
    setViewport: (width, height) => window.resize(width, height),
    screenshot: async (path) => {
      await window.execute(PAINTED);
      await writeFile(path, await window.screenshot());
    },
    noise: async () => recorded(await window.attribute('html', NOISE_ATTRIBUTE)),
    close: () => window.close(),
  };
}
