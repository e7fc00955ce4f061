/**
 * Reads the golden cases and says, once, what each of PyTorch's names and shapes is called here: the reference and the
 * library are then asked the same question.
 */
import { readFileSync } from 'node:fs';

type Dtype = 'f32' | 'f64' | 'i32' | 'u8';

interface StoredArray {
  dtype: Dtype;
  shape: number[];
  b64: string;
}

type StoredNumber = number | 'NaN' | 'Infinity' | '-Infinity' | string | boolean | null;

interface Common {
  id: string;
  loss: string;
  params: Record<string, StoredNumber>;
}

interface StoredCase extends Common {
  dtype: 'f32' | 'f64';
  inputs: Record<string, StoredArray>;
  grad_output?: StoredArray;
  value: StoredArray;
  grad?: StoredArray;
  sens?: { value: number; grad?: number };
  tags?: string[];
  note?: string;
  alt?: true;
}

interface StoredError extends Common {
  inputs: Record<string, StoredArray>;
  what: string;
  required: 'throw' | 'nan_or_throw' | 'value_or_throw';
  got?: StoredArray;
}

interface StoredLarge extends Common {
  seed: number;
  arrays: Record<
    'input' | 'target',
    { number: number; kind: 'real' | 'index'; shape: number[]; scale: number; offset: number; C: number }
  >;
  checksum: Record<string, { first4: StoredArray }>;
  value64: StoredArray;
  grad64: Record<'first16' | 'last16' | 'sum' | 'l2' | 'maxabs', StoredArray>;
}

interface GoldenFile {
  cases: StoredCase[];
  errors: StoredError[];
  large: StoredLarge[];
}

export const golden: GoldenFile = JSON.parse(
  readFileSync(new URL('../fixtures/golden.json', import.meta.url), 'utf8'),
);

export type Decoded = Float32Array | Float64Array | Int32Array | Uint8Array;

export function decode({ dtype, b64 }: StoredArray): Decoded {
  const bytes = new Uint8Array(Buffer.from(b64, 'base64'));
  const kinds = { f32: Float32Array, f64: Float64Array, i32: Int32Array, u8: Uint8Array };
  return new kinds[dtype](bytes.buffer);
}

/** A case or a bad call in our terms; arrays keep their shapes, so that a test may hand them over as tensors. */
export interface Question {
  name: string;
  input: { data: Decoded; dims: number[] };
  target: { data: Decoded; dims: number[] };
  /** Our options, `axis` included; `weight` and `posWeight` as flat arrays. */
  options: Record<string, unknown>;
  axis: number;
}

const NAMES: Record<string, string> = {
  cross_entropy: 'crossEntropy',
  cross_entropy_ext: 'crossEntropy',
  cross_entropy_soft: 'softTargetCrossEntropy',
  nll_loss: 'nllLoss',
  mse_loss: 'mseLoss',
  l1_loss: 'l1Loss',
  smooth_l1_loss: 'smoothL1Loss',
  huber_loss: 'huberLoss',
  binary_cross_entropy: 'binaryCrossEntropy',
  binary_cross_entropy_with_logits: 'binaryCrossEntropyWithLogits',
  sigmoid_focal_loss: 'sigmoidFocalLoss',
  softmax_focal_loss: 'softmaxFocalLoss',
  crammer_singer_loss: 'crammerSingerLoss',
  multi_margin_loss: 'multiMarginLoss',
};

const ROW_WISE = new Set(['cross_entropy', 'cross_entropy_ext', 'cross_entropy_soft', 'nll_loss']);
ROW_WISE.add('softmax_focal_loss').add('multi_margin_loss').add('crammer_singer_loss');

const camel = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

export function ourName(loss: string, params: Common['params'] = {}): string {
  if (loss === 'hinge_loss') return params['squared'] ? 'squaredHingeLoss' : 'hingeLoss';
  const name = NAMES[loss];
  if (name === undefined) throw new Error(`no name for ${loss}`);
  return name;
}

function ourOptions(params: Common['params']): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(params)) {
    if (name === 'squared') continue;
    options[camel(name)] = value === 'NaN' ? NaN : value;
  }
  return options;
}

export function question(entry: StoredCase | StoredError): Question {
  const { input, target, weight, pos_weight } = entry.inputs;
  const options = ourOptions(entry.params);
  // PyTorch's class axis is 1 where there is a batch and 0 where there is none; ours is the last unless told.
  const rowWise = ROW_WISE.has(entry.loss);
  let axis = rowWise && input!.shape.length > 2 ? 1 : -1;
  const given: [string, StoredArray | undefined][] = [
    ['weight', weight],
    ['posWeight', pos_weight],
  ];
  for (const [name, stored] of given) {
    if (stored === undefined) continue;
    options[name] = decode(stored);
    // A pointwise weight [C, 1, …] broadcasts over the axis that its length stands for.
    if (!rowWise && stored.shape.length > 1 && stored.shape.length < input!.shape.length)
      axis = -stored.shape.length;
  }
  if ('grad_output' in entry && entry.grad_output) {
    const upstream = decode(entry.grad_output);
    options['gradOutput'] = entry.grad_output.shape.length === 0 ? upstream[0] : upstream;
  }
  return {
    name: ourName(entry.loss, entry.params),
    input: { data: decode(input!), dims: input!.shape },
    target: { data: decode(target!), dims: target!.shape },
    options,
    axis,
  };
}

/** The computed array of a `large` case: the same integer hash as the script that made the answers. */
export function computed(entry: StoredLarge, which: 'input' | 'target'): Float32Array | Int32Array {
  const { number, kind, shape, scale, offset, C } = entry.arrays[which];
  const length = shape.reduce((a, b) => a * b, 1);
  const out = kind === 'real' ? new Float32Array(length) : new Int32Array(length);
  for (let i = 0; i < length; i++) {
    const u = (Math.imul(i, 2654435761) + Math.imul(number, 40503) + entry.seed) >>> 0;
    const h = (u ^ (u >>> 15)) >>> 0;
    const v = Math.imul(h, 2246822519) >>> 0;
    const w = (v ^ (v >>> 13)) >>> 0;
    out[i] = kind === 'real' ? Math.fround((w / 4294967296 - 0.5) * scale + offset) : w % C;
  }
  return out;
}
