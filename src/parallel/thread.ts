/** A working thread of this engine: a Worker of node:worker_threads, or a web one. It knows messages, not what they mean. */
import type { Order, Report } from './messages.js';
import { asError } from './run.js';

export interface Thread {
  post(order: Order): void;
  /** Whether the process stays alive for it; a web page does not care. */
  keepAlive(on: boolean): void;
  /** Ends it. */
  terminate(): Promise<unknown>;
}

interface Listener {
  report(report: Report): void;
  /** It has ended, and does not answer any more. */
  end(reason: string): void;
}

/** What is used of node:worker_threads. */
interface NodeWorker {
  on(event: 'message', listener: (message: Report) => void): void;
  on(event: 'error', listener: (error: unknown) => void): void;
  on(event: 'exit', listener: (code: number) => void): void;
  postMessage(message: Order): void;
  ref(): void;
  unref(): void;
  terminate(): Promise<number>;
}
interface NodePort {
  on(event: 'message', listener: (message: Order) => void): void;
  postMessage(message: Report): void;
  close(): void;
}
interface NodeThreads {
  readonly Worker: new (
    file: URL | string,
    options: { name: string; execArgv: readonly string[] },
  ) => NodeWorker;
  readonly parentPort: NodePort | null;
}

/** node:worker_threads, where there is no Worker without it; not imported, so that bundlers for browsers leave it alone. */
function nodeThreads(): NodeThreads | null {
  const node = (
    globalThis as { process?: { getBuiltinModule?(name: string): unknown; versions?: { node?: string } } }
  ).process;
  return (node?.getBuiltinModule?.('node:worker_threads') as NodeThreads | undefined) ?? null;
}

/** Starts the worker at `url`, or this package's own. Throws, or ends it at once, where the engine cannot. */
export function startThread(url: string | URL | undefined, listener: Listener): Thread {
  const node = nodeThreads();
  return node ? startInNode(node, url, listener) : startOnPage(url, listener);
}

function startInNode(
  { Worker: NodeWorker }: NodeThreads,
  url: string | URL | undefined,
  listener: Listener,
): Thread {
  // Not in the form that bundlers look for: all they would make of it is a copy of a file whose imports lead nowhere.
  const here = import.meta.url;
  const file = url ?? new URL('./worker.js', here);
  // Without the process's own options: `--input-type` of a script given by --eval is none for a file.
  const worker = new NodeWorker(file, { name: 'losskit', execArgv: [] });
  let reason: string | undefined;
  worker.on('message', (report) => listener.report(report));
  worker.on('error', (error) => {
    reason = asError(error).message;
  });
  worker.on('exit', (code) => listener.end(reason ?? `it was terminated (exit code ${code})`));
  return {
    post: (order) => worker.postMessage(order),
    keepAlive: (on) => (on ? worker.ref() : worker.unref()),
    terminate: () => worker.terminate(),
  };
}

function startOnPage(url: string | URL | undefined, listener: Listener): Thread {
  // The very form that bundlers look for: they then make a file of the worker.
  const worker = url
    ? new Worker(url, { type: 'module', name: 'losskit' })
    : new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'losskit' });
  worker.onmessage = (event: MessageEvent<Report>) => listener.report(event.data);
  worker.onerror = (event) => {
    event.preventDefault();
    worker.terminate();
    listener.end(event.message || 'its file could not be loaded');
  };
  return {
    post: (order) => worker.postMessage(order),
    keepAlive() {},
    terminate() {
      worker.terminate();
      return Promise.resolve();
    },
  };
}

/** The working side: hears orders and sends reports. */
export interface Caller {
  send(report: Report): void;
  /** Nothing more is heard; the thread ends when it has nothing else to do. */
  close(): void;
}

export function listenToCaller(hear: (order: Order) => void): Caller {
  const port = nodeThreads()?.parentPort;
  if (port) {
    port.on('message', hear);
    return { send: (report) => port.postMessage(report), close: () => port.close() };
  }
  const scope = globalThis as unknown as {
    onmessage: ((event: MessageEvent<Order>) => void) | null;
    postMessage(report: Report): void;
    close(): void;
  };
  scope.onmessage = (event) => hear(event.data);
  return { send: (report) => scope.postMessage(report), close: () => scope.close() };
}

/** Collects garbage where the engine lets a program ask for it: in Node by a flag that it takes at any time. */
export function collectGarbage(): void {
  const node = (globalThis as { process?: { getBuiltinModule?(name: string): unknown } }).process;
  const v8 = node?.getBuiltinModule?.('node:v8') as { setFlagsFromString(flag: string): void } | undefined;
  const vm = node?.getBuiltinModule?.('node:vm') as { runInNewContext(code: string): () => void } | undefined;
  if (!v8 || !vm) return;
  v8.setFlagsFromString('--expose-gc');
  vm.runInNewContext('gc')();
}
