/** The examples: parts of those that are packages of their own, and whole ones, run as a user runs them. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { perplexity as perplexityOf } from '../src/index.js';
import { requireDist } from './support/child.js';
import { widen } from './support/halves.js';
import { fill, random } from './support/random.js';

const path = (file: string) => fileURLToPath(new URL(`../${file}`, import.meta.url));

/** A module of an example, which has no types. It imports the package by a name that its own node_modules would lead to. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
async function load(file: string): Promise<any> {
  const { outputFiles } = await build({
    entryPoints: [path(`examples/${file}`)],
    bundle: true,
    write: false,
    format: 'esm',
    alias: { losskit: path('src/index.ts') },
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

describe('tokenizer', async () => {
  const { Tokenizer } = await load('perplexity/tokenizer.mjs');
  const text = 'the theme of the theorem is there: the other one, then another.\n'.repeat(3);
  const tokenizer = Tokenizer.train([text], 300);

  test('any text comes back', () => {
    const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));
    const seed = Number(process.env['LOSSKIT_SEED'] ?? 20_260_731);
    fc.assert(
      fc.property(texts, (any) => tokenizer.decode(tokenizer.encode(any)) === any),
      { seed },
    );
    for (const any of ['', '\uFEFFthe', ' \n\t the  other', 'naïve 日本語 👩‍👧', text])
      expect(tokenizer.decode(tokenizer.encode(any))).toBe(any);
  });

  test('frequent words are one token, with their space', () => {
    expect(tokenizer.encode(' the').length).toBe(1);
    expect(tokenizer.encode(text).length).toBeLessThan(text.length / 2);
    expect(tokenizer.size).toBeLessThanOrEqual(300);
    expect(Math.max(...tokenizer.encode(text))).toBeLessThan(tokenizer.start);
  });
});

test('every token of a text is the target of one row', async () => {
  const { batches, cut, LENGTH } = await load('perplexity/windows.mjs');
  const start = 999;
  for (const length of [0, 1, LENGTH - 2, LENGTH - 1, LENGTH, 5 * LENGTH + 3]) {
    const tokens = Array.from({ length }, (_, i) => i % start);
    const targets: number[] = [];
    for (const { ids, mask, dims } of batches(cut(tokens, start), 2, start)) {
      expect(ids.length).toBe(dims[0] * LENGTH);
      ids.forEach((id: number, i: number) => {
        if (i % LENGTH > 0 && mask[i]) targets.push(id);
      });
    }
    expect(targets).toEqual(tokens);
  }
});

/** As Transformers.js has it: getters behind a Proxy whose whole numbers are rows, and a method where others have strides. */
class HubTensor {
  constructor(
    readonly type: string,
    private readonly values: ArrayLike<unknown>,
    private readonly sizes: number[],
  ) {
    return new Proxy(this, {
      get: (target, key) => {
        if (typeof key === 'string' && Number.isInteger(Number(key))) throw new Error(`row ${key} was taken`);
        return target[key as keyof HubTensor];
      },
    });
  }

  get dims() {
    return this.sizes;
  }

  get data() {
    return this.values;
  }

  get size() {
    return this.values.length;
  }

  get location() {
    return 'cpu';
  }

  stride() {
    return this.sizes.map((_, d) => this.sizes.slice(d + 1).reduce((a, b) => a * b, 1));
  }
}

describe('scoreTensors', async () => {
  const { scoreTensors } = await load('transformers/scoreTensors.mjs');
  const [B, T, V] = [3, 7, 50];
  const r = random(20);
  const int64 = (values: ArrayLike<number>) =>
    new HubTensor('int64', BigInt64Array.from(Array.from(values), BigInt), [B, T]);
  const ids = Array.from({ length: B * T }, () => r.integer(0, V - 1));
  const kept = [7, 4, 1].flatMap((n) => Array.from({ length: T }, (_, t) => Number(t < n)));
  const bits = Uint16Array.from(
    { length: B * T * V },
    () => r.integer(0x3800, 0x4700) | (r.integer(0, 1) << 15),
  );
  const numbers = Float32Array.from(bits, (half) => widen(half, 'float16'));

  /** −log p of the token at t + 1 in float64, from the logits at t. */
  function surprisal(logits: ArrayLike<number>, i: number): number {
    const row = fill(V, (c) => logits[i * V + c]);
    return Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - row[ids[i + 1]];
  }

  /** The rows whose next token is text, where the padding is on the right. */
  const rows = kept.flatMap((_, i) => (i % T < T - 1 && kept[i + 1] ? [i] : []));
  const expected = rows.map((i) => surprisal(numbers, i));
  const mean = expected.reduce((a, b) => a + b) / expected.length;

  test.each([
    ['float32', numbers],
    ['float16', bits],
  ])('%s logits, int64 ids and mask, padding on the right', (type, data) => {
    const logits = new HubTensor(type, data, [B, T, V]);
    const [input_ids, attention_mask] = [int64(ids), int64(kept)];
    const { perplexity, accuracy, surprises } = scoreTensors({ logits, input_ids, attention_mask }, 4);
    expect(perplexity.tokens).toBe(9);
    expect(perplexity.value / Math.exp(mean)).toBeCloseTo(1, 6);

    // With this padding the tokenizer's mask says the same, as it is.
    const options = { shift: 1, mask: attention_mask as never };
    expect(perplexityOf(logits as never, input_ids as never, options)).toBe(perplexity.value);

    const order = rows.map((_, k) => k).sort((a, b) => expected[b] - expected[a]);
    expect(surprises.length).toBe(4);
    surprises.forEach((surprise: { sequence: number; position: number; token: number }, k: number) => {
      const row = rows[order[k]];
      const place = { sequence: Math.floor(row / T), position: (row % T) + 1, token: ids[row + 1] };
      expect(surprise).toMatchObject(place);
      expect(surprise).toHaveProperty('probability', expect.closeTo(Math.exp(-expected[order[k]]), 6));
    });

    const likeliest = (i: number) => {
      const row = Array.from(numbers.subarray(i * V, (i + 1) * V));
      return row.indexOf(Math.max(...row));
    };
    const first = surprises[0].expected;
    expect(first[0].token).toBe(likeliest(rows[order[0]]));
    expect(first[0].probability).toBeGreaterThanOrEqual(first[1].probability);
    const right = rows.filter((i) => likeliest(i) === ids[i + 1]).length;
    expect(accuracy).toBeCloseTo(right / rows.length, 12);
  });

  test('padding on the left gives the same', () => {
    const moved = Array.from({ length: B * T }, (_, i) => {
      const start = i - (i % T);
      const n = kept.slice(start, start + T).reduce((a, b) => a + b);
      return start + (((i % T) + n) % T);
    });
    const logits = new HubTensor(
      'float32',
      numbers.map((_, i) => numbers[moved[Math.floor(i / V)] * V + (i % V)]),
      [B, T, V],
    );
    const { perplexity } = scoreTensors({
      logits,
      input_ids: int64(moved.map((i) => ids[i])),
      attention_mask: int64(moved.map((i) => kept[i])),
    });
    expect(perplexity.tokens).toBe(9);
    expect(perplexity.value / Math.exp(mean)).toBeCloseTo(1, 6);
  });

  test('padding is not read', () => {
    const spoiled = numbers.slice();
    for (let i = 0; i < B * T; i++) if (!rows.includes(i)) spoiled.fill(NaN, i * V, (i + 1) * V);
    const logits = new HubTensor('float32', spoiled, [B, T, V]);
    const { perplexity } = scoreTensors({ logits, input_ids: int64(ids), attention_mask: int64(kept) });
    expect(perplexity.value / Math.exp(mean)).toBeCloseTo(1, 6);
  });
});

const installed = existsSync(path('examples/perplexity/node_modules'));
describe.skipIf(!installed && process.env.LOSSKIT_EXAMPLES !== '1')('examples/perplexity', () => {
  test('trains, runs in ONNX Runtime Web, and what it claims is so', () => {
    requireDist();
    const { status, stdout, stderr } = spawnSync('npm', ['start', '--', '--quick'], {
      cwd: path('examples/perplexity'),
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
    expect(status, stderr).toBe(0);
    const [, perplexity, unigram] = /^ {2}perplexity +([\d.]+) +of ([\d.]+) by/m.exec(stdout)!.map(Number);
    expect(perplexity).toBeLessThan(unigram / 2);
    expect(stdout).toContain("session's perplexity equals the training code's: yes");
    expect(stdout).toContain('merged halves equal the whole: yes');
    expect(stdout).not.toContain(': NO');
  });
});

describe('examples/tiny-lm', () => {
  test('learns more than the frequencies of words', () => {
    requireDist();
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['node_modules/tsx/dist/cli.mjs', 'examples/tiny-lm/main.ts', '--quick'],
      { cwd: path('.'), encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } },
    );
    expect(status, stderr).toBe(0);
    const [, unigram] = /^ {2}unigram, add-one +([\d.]+)$/m.exec(stdout)!.map(Number);
    const [, perplexity] = /^ {2}this model +([\d.]+)$/m.exec(stdout)!.map(Number);
    expect(unigram).toBeLessThan(2_000);
    expect(perplexity).toBeGreaterThan(20);
    expect(perplexity).toBeLessThan(0.95 * unigram);
  });
});

describe('examples/tfjs', () => {
  test('the drop-in trains as tf.losses does; class weights find more', () => {
    requireDist();
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['node_modules/tsx/dist/cli.mjs', 'examples/tfjs/main.ts', '--quick'],
      { cwd: path('.'), encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' }, timeout: 60_000 },
    );
    expect(status, stderr).toBe(0);
    const row = (name: string) =>
      stdout
        .split('\n')
        .find((line) => line.startsWith(`  ${name} `))!
        .slice(name.length + 2)
        .trim()
        .split(/ +/)
        .map(Number);
    const [theirs, ours, weighted] = [
      'tf.losses.softmaxCrossEntropy',
      'L.softmaxCrossEntropy',
      'L.crossEntropy, weight',
    ].map(row);
    expect(Math.abs(ours![0]! - theirs![0]!)).toBeLessThan(0.002);
    expect(Math.abs(ours![1]! - theirs![1]!)).toBeLessThan(0.5);
    expect(weighted![2]).toBeGreaterThan(ours![2]!);
    expect(stdout).toContain('Tensors left: 0');
  });
});
