/** What the calling thread's host lets a pool do: yield, wait, share memory. */
import { WAKE } from './control.js';

/** Runs `next` when the event loop has had its turn. Not by setTimeout: a page's next turn would be 4 ms away. */
export function later(next: () => void): void {
  const { setImmediate } = globalThis as { setImmediate?(next: () => void): unknown };
  if (setImmediate) {
    setImmediate(next);
    return;
  }
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    next();
  };
  port2.postMessage(null);
}

/** Looks at the word for as long as a thread takes for a chunk, then sleeps. */
export function pause(control: Int32Array, seen: number): void {
  for (let i = 0; i < 20000; i++) if (Atomics.load(control, WAKE) !== seen) return;
  Atomics.wait(control, WAKE, seen, 100);
}

/** Whether Atomics.wait is allowed here; on a page's main thread it is not. */
export function mayBlock(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}

/** Why there is no shared memory; undefined: there is. */
export function unshared(): string | undefined {
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated;
  // WebKitGTK: a page that has the headers need not be told of them.
  if (typeof SharedArrayBuffer === 'undefined' && isolated) return 'this engine has no SharedArrayBuffer';
  if (typeof SharedArrayBuffer === 'undefined')
    return 'SharedArrayBuffer is missing; a page needs the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp';
  if (isolated === false) return 'the page is not cross-origin isolated';
  return undefined;
}
