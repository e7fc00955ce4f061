/** One measurement of bench/linear.ts: the best of some calls in milliseconds, the peak of memory beside inputs and gradients, and how right it is. */
import { crossEntropy, linearCrossEntropy } from 'losskit';
import { linearLoops } from './baselinesLinear.js';
import { Random } from './data.js';

export interface Order {
  readonly what: string;
  readonly size: readonly [rows: number, width: number, classes: number];
}

export interface Result {
  readonly milliseconds: number;
  /** Of three products: how many were made. */
  readonly products: number;
  readonly bytes: number;
  /** Of the head's gradient against losskit's; null where that is what is measured. */
  readonly error: number | null;
  readonly skipped?: string;
}

const { what, size } = JSON.parse(process.argv[2]) as Order;
const [n, h, v] = size;
const random = new Random(n + h + v);
const hidden = random.normals(n * h);
const head = random.normals(v * h, 1 / Math.sqrt(h));
const targets = random.classes(n, v);
/** Touched, so that their pages are there before memory is looked at. */
const grad = { hidden: new Float32Array(n * h).fill(1), head: new Float32Array(v * h).fill(1) };

/** What is measured: how many of the three products, and the call. The gradient of the head goes to grad.head. */
async function subject(): Promise<{ products: number; call: () => unknown } | string> {
  switch (what) {
    case 'product':
      return { products: 1 / 3, call: await product() };
    case 'linearCrossEntropy':
      return { products: 1, call: () => linearCrossEntropy.valueAndGrad(hidden, head, targets, { grad }) };
    case 'linearCrossEntropy, head frozen':
      return {
        products: 2 / 3,
        call: () =>
          linearCrossEntropy.valueAndGrad(hidden, head, targets, {
            grad: { hidden: grad.hidden, head: null },
          }),
      };
    case 'linearCrossEntropy, value':
      return { products: 1 / 3, call: () => linearCrossEntropy(hidden, head, targets) };
    case 'unfused':
      return { products: 1, call: await unfused() };
    case 'plain loops':
      return { products: 1, call: () => linearLoops(hidden, head, targets, grad.hidden, grad.head) };
    case 'TensorFlow.js (wasm)': {
      const { tensorflow } = await import('./linearTensorflow.js');
      const call = await tensorflow(hidden, head, targets, grad);
      return call ? { products: 1, call } : 'not installed (npm ci in bench/peers)';
    }
    default:
      throw new Error(`unknown: ${what}`);
  }
}

/** The kernel of the package on its own, of panels that are packed already. */
async function product(): Promise<() => void> {
  const { productOf } = await import('./linearProduct.js');
  return productOf(n, h, v);
}

/** All logits at once: the same kernel for the products, crossEntropy on [N, V] in place. */
async function unfused(): Promise<() => void> {
  const { Products } = await import('./linearProduct.js');
  const products = new Products(n, h, v);
  return () => {
    const logits = products.logits(hidden, head);
    crossEntropy.valueAndGrad(logits, targets, { classes: v, grad: logits });
    products.gradients(grad.hidden, grad.head);
  };
}

async function main(): Promise<Result> {
  const chosen = await subject();
  if (typeof chosen === 'string')
    return { milliseconds: NaN, products: 0, bytes: 0, error: null, skipped: chosen };
  (globalThis as { gc?: () => void }).gc?.();
  const before = process.memoryUsage.rss();
  let milliseconds = Infinity;
  const end = performance.now() + 50_000;
  for (let i = 0; i < 4 && performance.now() < end; i++) {
    const start = performance.now();
    await chosen.call();
    milliseconds = Math.min(milliseconds, performance.now() - start);
  }
  const bytes = process.resourceUsage().maxRSS * 1024 - before;
  let error: number | null = null;
  if (['unfused', 'plain loops', 'TensorFlow.js (wasm)'].includes(what)) {
    const got = grad.head.slice();
    linearCrossEntropy.valueAndGrad(hidden, head, targets, { grad });
    const largest = grad.head.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
    error = got.reduce((most, g, i) => Math.max(most, Math.abs(g - grad.head[i])), 0) / largest;
  }
  return { milliseconds, products: chosen.products, bytes, error };
}

process.send!(await main());
process.disconnect();
