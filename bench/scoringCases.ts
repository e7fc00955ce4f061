/** Scores of language models. The list with the targets is in cases.ts. */
import { perplexity, tokenLogProbs, topLogProbs } from 'losskit';
import * as loops from './baselinesScoring.js';
import { type Case, faster, wide } from './case.js';
import { Random } from './data.js';

function data(rows: number, classes: number) {
  const random = new Random(rows * classes);
  const x = random.normals(rows * classes, 3);
  return { x, y: random.classes(rows, classes), out: new Float32Array(rows), plain: new Float32Array(rows) };
}

const sum = (values: Float32Array) => values.reduce((a, b) => a + b, 0);

/** Against the loop, or a log-softmax of each row. */
export function scores(
  rows: number,
  classes: number,
  target: number,
  against: 'loop' | 'whole rows' = 'loop',
): Case {
  const name = `tokenLogProbs [${rows},${classes}]${against === 'loop' ? '' : ' against log_softmax a row'}`;
  return faster(name, target, rows * classes, 4 * rows * classes, () => {
    const { x, y, out, plain } = data(rows, classes);
    const loop = against === 'loop' ? loops.tokenLogProbs : loops.byWholeRows;
    return {
      outputs: [out],
      subject: () => sum(tokenLogProbs(x, y, { out })),
      other: () => loop(x, y, classes, plain),
      reference: (copy, wanted) => copy.scoring.tokenLogProbs(wide(x), y, classes, wanted),
    };
  });
}

export function perplexities(rows: number, classes: number, target: number): Case {
  return faster(`perplexity [${rows},${classes}]`, target, rows * classes, 4 * rows * classes, () => {
    const { x, y, plain } = data(rows, classes);
    return {
      outputs: [],
      subject: () => perplexity(x, y),
      other: () => Math.exp(-loops.tokenLogProbs(x, y, classes, plain) / rows),
      reference: (copy) =>
        Math.exp(-copy.scoring.tokenLogProbs(wide(x), y, classes, new Float64Array(rows)) / rows),
    };
  });
}

/** A call against the plain tokenLogProbs of float32 logits. */
function cost(
  what: string,
  [rows, classes]: readonly [number, number],
  target: number,
  bytes: number,
  prepare: (given: ReturnType<typeof data>) => Omit<ReturnType<Case['prepare']>, 'other'>,
): Case {
  const name = `${what} [${rows},${classes}]`;
  return {
    name,
    kind: 'cost',
    target,
    elements: rows * classes,
    bytes: bytes * rows * classes,
    process: name,
    prepare() {
      const given = data(rows, classes);
      const out = new Float32Array(rows);
      return { ...prepare(given), other: () => sum(tokenLogProbs(given.x, given.y, { out })) };
    },
  };
}

type Shape = readonly [rows: number, classes: number];

export const top = (shape: Shape, k: number, target: number): Case =>
  cost(`topLogProbs k=${k}`, shape, target, 4, ({ x }) => {
    const [rows, classes] = shape;
    const logProbs = new Float32Array(rows * k);
    return {
      outputs: [logProbs],
      subject() {
        const got = topLogProbs(x, { k, classes });
        logProbs.set(got.logProbs);
        return sum(logProbs);
      },
      reference: (copy, wanted) =>
        copy.scoring.topLogProbs(wide(x), classes, k, wanted, new Int32Array(rows * k)),
    };
  });

export const stats = (shape: Shape, target: number): Case =>
  cost('tokenLogProbs with stats', shape, target, 4, ({ x, y, out }) => ({
    outputs: [out],
    subject() {
      const { entropy, argmax } = tokenLogProbs(x, y, { out, stats: true });
      return sum(entropy) + argmax.reduce((a, b) => a + b, 0);
    },
    reference: (copy, wanted) => copy.scoring.tokenStats(wide(x), y, shape[1], wanted),
  }));

/** 16-bit logits, widened on the way: the reference has the widened numbers. */
export const halves = (type: 'float16' | 'bfloat16', shape: Shape, target: number): Case =>
  cost(`tokenLogProbs of ${type}`, shape, target, 2, ({ x, y, out }) => {
    const bits = type === 'float16' ? toFloat16(x) : toBfloat16(x);
    const logits = { data: bits, dims: shape, type };
    return {
      outputs: [out],
      subject: () => sum(tokenLogProbs(logits, y, { out })),
      reference: (copy, wanted) =>
        copy.scoring.tokenLogProbs(
          wide(type === 'float16' ? fromFloat16(bits) : fromBfloat16(bits)),
          y,
          shape[1],
          wanted,
        ),
    };
  });

const words = (x: Float32Array) => new Uint32Array(x.buffer, x.byteOffset, x.length);
const toBfloat16 = (x: Float32Array) => Uint16Array.from(words(x), (bits) => bits >>> 16);
const fromBfloat16 = (bits: Uint16Array) => new Float32Array(Uint32Array.from(bits, (b) => b << 16).buffer);
/** Towards zero; what is too small for a normal number becomes 0. */
const toFloat16 = (x: Float32Array) =>
  Uint16Array.from(words(x), (bits) => {
    const exponent = ((bits >>> 23) & 255) - 112;
    return ((bits >>> 16) & 0x8000) | (exponent <= 0 ? 0 : (exponent << 10) | ((bits >>> 13) & 1023));
  });
const fromFloat16 = (bits: Uint16Array) =>
  new Float32Array(
    Uint32Array.from(bits, (b) =>
      b & 0x7fff ? ((b & 0x8000) << 16) | (((b & 0x7fff) << 13) + (112 << 23)) : (b & 0x8000) << 16,
    ).buffer,
  );
