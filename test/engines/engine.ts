/**
 * What tests ask of a browser, whichever it is: pages that are opened, read and handled as a person would. One file an
 * engine says how; nothing here knows losskit.
 */

export interface Engine {
  readonly name: string;
  /** Why it cannot run on this machine and what to install; null: it can. */
  readonly missing: string | null;
  launch(): Promise<Running>;
}

export interface Running {
  /** A page that shares nothing with others but the machine; settled once the page has loaded. */
  open(url: string): Promise<Page>;
  /** Ends the browser and removes its profile, also with pages open. */
  close(): Promise<void>;
}

export interface Page {
  /** The value of an expression, or what its promise settles to. Works under every policy, as all of this does. */
  evaluate<T>(expression: string): Promise<T>;
  /** The text content of the first element that matches, waited for. */
  textOf(selector: string, milliseconds?: number): Promise<string>;
  click(selector: string): Promise<void>;
  /** Presses a key by its name in `KeyboardEvent.key`, on an element that is given the focus first or on what has it. */
  press(key: string, selector?: string): Promise<void>;
  /** The size of the page itself, in CSS pixels. */
  setViewport(width: number, height: number): Promise<void>;
  /** What the viewport shows, as a PNG file. */
  screenshot(path: string): Promise<void>;
  /**
   * What the page printed as a warning or an error, and what it threw: what noise.js recorded, which server.ts puts into every
   * page, and everything that the driver reports, where there is one that does.
   */
  noise(): Promise<string[]>;
  close(): Promise<void>;
}

/** How long to wait for what is not there yet: machines that test are busy. */
export const PATIENCE = 60_000;

/** What `ask` finds, asked until it is not null. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | null>,
  milliseconds = PATIENCE,
): Promise<T> {
  const until = Date.now() + milliseconds;
  for (;;) {
    const found = await ask();
    if (found !== null) return found;
    if (Date.now() > until) throw new Error(`${what} is not there after ${milliseconds} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What noise.js wrote into an attribute of <html>, where every driver can read it under every policy. */
export const NOISE_ATTRIBUTE = 'data-noise';
export const recorded = (attribute: string | null): string[] => JSON.parse(attribute ?? '[]') as string[];
