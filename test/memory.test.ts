/** What a call adds to memory: little, however large its arrays are. In a child process, by the peak it reaches. */
import { expect, test } from 'vitest';
import { run } from './support/child.js';

const MEGABYTE = 1024 * 1024;

/** Peak resident memory in bytes that the calls add after everything they are given is there. */
function growth(setup: string, call: string): number {
  const { stdout } = run(
    ['--expose-gc'],
    `const kit = await import(losskit);
kit.useBackend('wasm');
${setup}
gc();
const before = process.memoryUsage.rss();
${call}
// The peak counts from the start of the process, so it can only be too high: setup must not have reached further.
const peak = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify([peak - before, kit.backend()]));`,
  );
  const [bytes, backend] = JSON.parse(stdout) as [number, string];
  expect(backend).toBe('wasm');
  return bytes;
}

const LOGITS = `
const rows = 2000, classes = 32000;
const logits = new Float32Array(rows * classes);
for (let i = 0; i < logits.length; i++) logits[i] = (i % 31) / 4 - (i % 7);
const targets = Int32Array.from({ length: rows }, (_, i) => (i * 7919) % classes);
`;

test(
  '[2000, 32000] float32 cross-entropy in place: less than 16 MiB beside its input',
  { timeout: 120_000 },
  () => {
    const bytes = growth(LOGITS, 'kit.crossEntropy.valueAndGrad(logits, targets, { grad: logits });');
    console.log(`in place: ${(bytes / MEGABYTE).toFixed(1)} MiB`);
    expect(bytes).toBeLessThan(16 * MEGABYTE);
  },
);

test('the measure sees what a call allocates', () => {
  const few = LOGITS.replace('rows = 2000', 'rows = 300');
  expect(growth(few, 'kit.crossEntropy.valueAndGrad(logits, targets);')).toBeGreaterThan(300 * 32000 * 4);
});

test(
  'the same with the class axis in front, with every option, and without a gradient',
  { timeout: 120_000 },
  () => {
    const bytes = growth(
      LOGITS,
      `const weight = new Float32Array(classes).fill(1);
const options = { weight, labelSmoothing: 0.1, zLoss: 1e-4, softcap: 30, temperature: 2 };
kit.crossEntropy(logits, targets, options);
kit.crossEntropy.valueAndGrad(logits, targets, { ...options, grad: logits });
kit.crossEntropy.valueAndGrad(logits, targets, { ...options, shape: [1, classes, rows], axis: 1, grad: logits });`,
    );
    expect(bytes).toBeLessThan(16 * MEGABYTE);
  },
);

test(
  'scoring [512, 151936] logits, float32 and float16: less than 16 MiB beside them',
  { timeout: 240_000 },
  () => {
    const scores = `for (const options of [{}, { shift: 1, softcap: 30 }, { stats: true }])
  kit.tokenLogProbs(tensor, targets, options);
kit.topLogProbs(tensor, { k: 5 });
kit.perplexity(tensor, targets, { temperature: 2 });
new kit.Perplexity().add(tensor, targets, { shift: 1 });`;
    for (const [type, data] of [
      ['float32', 'new Float32Array(rows * classes).fill(0.5)'],
      ['float16', 'new Uint16Array(rows * classes).fill(0x3801)'],
    ]) {
      const bytes = growth(
        `const rows = 512, classes = 151936;
const tensor = { data: ${data}, dims: [1, rows, classes], type: '${type}' };
const targets = BigInt64Array.from({ length: rows }, (_, i) => BigInt((i * 7919) % classes));`,
        scores,
      );
      console.log(`scoring ${type}: ${(bytes / MEGABYTE).toFixed(1)} MiB`);
      expect(bytes, type).toBeLessThan(16 * MEGABYTE);
    }
  },
);

test(
  'linearCrossEntropy never holds its logits: 128 MB of them, less than 64 MiB',
  { timeout: 240_000 },
  () => {
    const bytes = growth(
      `const [rows, width, classes] = [1024, 64, 32000];
const hidden = new Float32Array(rows * width).fill(0.5), head = new Float32Array(classes * width).fill(0.01);
const bias = new Float32Array(classes).fill(0.1);
const targets = Int32Array.from({ length: rows }, (_, i) => (i * 7919) % classes);
const grad = { hidden: hidden.slice(), head: head.slice(), bias: bias.slice() };`,
      `kit.linearCrossEntropy(hidden, head, targets, { bias });
kit.linearCrossEntropy.valueAndGrad(hidden, head, targets, { bias, labelSmoothing: 0.1, softcap: 30, grad });`,
    );
    console.log(`linearCrossEntropy: ${(bytes / MEGABYTE).toFixed(1)} MiB`);
    expect(bytes).toBeLessThan(64 * MEGABYTE);
  },
);

test('pointwise losses stream, too', { timeout: 120_000 }, () => {
  const bytes = growth(
    `const input = new Float32Array(20e6).fill(0.5), target = new Float32Array(20e6).fill(1);`,
    `for (const loss of [kit.mseLoss, kit.binaryCrossEntropyWithLogits, kit.sigmoidFocalLoss, kit.hingeLoss]) {
  loss(input, target);
  loss.valueAndGrad(input, target, { grad: input });
}`,
  );
  expect(bytes).toBeLessThan(16 * MEGABYTE);
});
