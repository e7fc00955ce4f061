/** The part of the W3C WebDriver protocol that tests use, for a driver that listens on a port of this machine. It knows no browser. */
import { eventually } from './engine.js';

/** The name that the protocol gives to a reference to an element. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** Keys that are no characters, by their names in `KeyboardEvent.key`. */
const KEYS: Record<string, string> = {
  Backspace: '\uE003',
  Tab: '\uE004',
  Enter: '\uE007',
  Shift: '\uE008',
  Escape: '\uE00C',
  ' ': ' ',
  PageUp: '\uE00E',
  PageDown: '\uE00F',
  End: '\uE010',
  Home: '\uE011',
  ArrowLeft: '\uE012',
  ArrowUp: '\uE013',
  ArrowRight: '\uE014',
  ArrowDown: '\uE015',
  Delete: '\uE017',
};

type Call = <T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<T>;

/** An answer of the driver that says what went wrong; `code` is the protocol's. */
class WebDriverError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(`${code}: ${message}`);
  }
}

/** Calls to http://127.0.0.1:port. */
export function caller(port: number): Call {
  return async <T>(method: string, path: string, body: object = {}): Promise<T> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(method === 'POST' ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(60_000),
    });
    const { value } = (await response.json()) as { value: T & { error?: string; message?: string } };
    if (!response.ok)
      throw new WebDriverError(value.error ?? String(response.status), `${path}: ${value.message}`);
    return value;
  };
}

/** One window of a session. */
export class Window {
  readonly #call: Call;
  readonly #session: string;
  readonly #handle: string;

  private constructor(call: Call, session: string, handle: string) {
    this.#call = call;
    this.#session = session;
    this.#handle = handle;
  }

  static async open(call: Call, session: string): Promise<Window> {
    // A new window is asked for in one that is there; the last that was spoken to may have closed.
    const [first] = await call<string[]>('GET', `${session}/window/handles`);
    await call('POST', `${session}/window`, { handle: first });
    // No tab: WebKitGTK paints only the one in front, and a screenshot of another never comes.
    const { handle } = await call<{ handle: string }>('POST', `${session}/window/new`, { type: 'window' });
    return new Window(call, session, handle);
  }

  /** A command to this window: a session has one that commands go to. */
  async #do<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<T> {
    await this.#call('POST', `${this.#session}/window`, { handle: this.#handle });
    return this.#call<T>(method, `${this.#session}${path}`, body);
  }

  async #find(selector: string, milliseconds?: number): Promise<string> {
    const found = await eventually(
      selector,
      () =>
        this.#do<Record<string, string>>('POST', '/element', {
          using: 'css selector',
          value: selector,
        }).catch((error: unknown) => {
          if (error instanceof WebDriverError && error.code === 'no such element') return null;
          throw error;
        }),
      milliseconds,
    );
    return found[ELEMENT]!;
  }

  go(url: string): Promise<void> {
    return this.#do('POST', '/url', { url });
  }

  execute<T>(script: string, ...args: unknown[]): Promise<T> {
    return this.#do<T>('POST', '/execute/sync', { script, args });
  }

  async textOf(selector: string, milliseconds?: number): Promise<string> {
    const id = await this.#find(selector, milliseconds);
    return (await this.#do<string | null>('GET', `/element/${id}/property/textContent`)) ?? '';
  }

  async attribute(selector: string, name: string): Promise<string | null> {
    return this.#do('GET', `/element/${await this.#find(selector)}/attribute/${name}`);
  }

  async click(selector: string): Promise<void> {
    await this.#do('POST', `/element/${await this.#find(selector)}/click`);
  }

  async press(key: string, selector?: string): Promise<void> {
    if (selector !== undefined)
      await this.execute('arguments[0].focus()', { [ELEMENT]: await this.#find(selector) });
    const value = KEYS[key] ?? key;
    if ([...value].length !== 1) throw new RangeError(`no key ${key}`);
    const actions = [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ];
    await this.#do('POST', '/actions', { actions: [{ type: 'key', id: 'keyboard', actions }] });
  }

  /** The size of what is inside of the window. */
  async resize(width: number, height: number): Promise<void> {
    const size = () => this.execute<[number, number]>('return [innerWidth, innerHeight]');
    const [x, y] = await this.execute<[number, number]>(
      'return [outerWidth - innerWidth, outerHeight - innerHeight]',
    );
    await this.#do('POST', '/window/rect', { width: width + x, height: height + y });
    await eventually(`a viewport of ${width} x ${height}`, async () => {
      const [w, h] = await size();
      return w === width && h === height ? true : null;
    });
  }

  async screenshot(): Promise<Buffer> {
    return Buffer.from(await this.#do<string>('GET', '/screenshot'), 'base64');
  }

  async close(): Promise<void> {
    await this.#do('DELETE', '/window');
  }
}
