/** What a view of the demo is to the page around it, and the page to a view. Knows no view. */

export type Theme = 'light' | 'dark';

/** The view's own part of the address: everything of the query but `view`. */
export interface Params {
  /** A copy, as the address has it now. */
  read(): URLSearchParams;
  /** Writes the address. 'replace' (the default) is delayed a little, so it may be called at every input; 'push' makes an entry to go back to. */
  write(params: URLSearchParams, how?: 'replace' | 'push'): void;
  /** Called after back and forward within the view. */
  onChange(callback: () => void): void;
}

export interface ViewContext {
  readonly params: Params;
  /** Called when dark or light changes, after the style has. Colours for a canvas: `colours()` of ui/theme.ts. */
  onTheme(callback: (theme: Theme) => void): void;
}

export interface View {
  /** Stops what runs and takes off listeners that are not in `root`; the page empties `root` itself. */
  destroy(): void;
}

/** What the `index.ts` of a view exports. */
export type Mount = (root: HTMLElement, context: ViewContext) => View;
