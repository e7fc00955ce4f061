/**
 * What a golden case says, and, once, what each of PyTorch's names and shapes is called here: the reference and the
 * library are then asked the same question. Runs in pages, too: it knows no file.
 */

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

export interface StoredCase extends Common {
  dtype: 'f32' | 'f64';
  inputs: Record<string, StoredArray>;
  grad_output?: StoredArray;
  value: StoredArray;
  /** By PyTorch's names of the inputs. */
  grads?: Record<string, StoredArray>;
  sens?: { value: number; grads?: Record<string, number> };
  tags?: string[];
  note?: string;
  alt?: true;
}

export interface StoredError extends Common {
  inputs: Record<string, StoredArray>;
  what: string;
  required: 'throw' | 'nan_or_throw' | 'value_or_throw';
  got?: StoredArray;
}

export interface StoredLarge extends Common {
  seed: number;
  arrays: Record<
    'input' | 'target',
    { number: number; kind: 'real' | 'index'; shape: number[]; scale: number; offset: number; C: number }
  >;
  checksum: Record<string, { first4: StoredArray }>;
  value64: StoredArray;
  grad64: Record<'first16' | 'last16' | 'sum' | 'l2' | 'maxabs', StoredArray>;
}

/** The shape of test/fixtures/golden.json. */
export interface GoldenFile {
  cases: StoredCase[];
  errors: StoredError[];
  large: StoredLarge[];
}

export type Decoded = Float32Array | Float64Array | Int32Array | Uint8Array;

export function decode({ dtype, b64 }: StoredArray): Decoded {
  const bytes = Uint8Array.from(atob(b64), (letter) => letter.charCodeAt(0));
  const kinds = { f32: Float32Array, f64: Float64Array, i32: Int32Array, u8: Uint8Array };
  return new kinds[dtype](bytes.buffer);
}

export interface Tensor {
  data: Decoded;
  dims: number[];
}

/** A case or a bad call in our terms; arrays keep their shapes, so that a test may hand them over as tensors. */
export interface Question {
  name: string;
  inputs: Tensor[];
  /** Our options, `axis` included; `weight` and `posWeight` as flat arrays. */
  options: Record<string, unknown>;
  /** What says the shape of flat arrays. */
  flat: Record<string, unknown>;
  axis: number;
  /** The differentiable inputs by PyTorch's names, in the order of our gradients. */
  grads: string[];
}

interface Known {
  name: string;
  /** PyTorch's names in the order of our arguments; default input, target. */
  inputs?: string[];
  /** Those of them with a gradient; default the first. */
  grads?: string[];
  family?: 'rows' | 'embedding' | 'function' | 'linear';
}

const rows = (name: string): Known => ({ name, family: 'rows' });
const KNOWN: Record<string, Known> = {
  cross_entropy: rows('crossEntropy'),
  cross_entropy_ext: rows('crossEntropy'),
  cross_entropy_soft: rows('softTargetCrossEntropy'),
  nll_loss: rows('nllLoss'),
  softmax_focal_loss: rows('softmaxFocalLoss'),
  multi_margin_loss: rows('multiMarginLoss'),
  crammer_singer_loss: rows('crammerSingerLoss'),
  multilabel_margin_loss: rows('multilabelMarginLoss'),
  multilabel_soft_margin_loss: rows('multilabelSoftMarginLoss'),
  mse_loss: { name: 'mseLoss' },
  l1_loss: { name: 'l1Loss' },
  smooth_l1_loss: { name: 'smoothL1Loss' },
  huber_loss: { name: 'huberLoss' },
  log_cosh_loss: { name: 'logCoshLoss' },
  binary_cross_entropy: { name: 'binaryCrossEntropy' },
  binary_cross_entropy_with_logits: { name: 'binaryCrossEntropyWithLogits' },
  sigmoid_focal_loss: { name: 'sigmoidFocalLoss' },
  kl_div: { name: 'klDiv' },
  poisson_nll_loss: { name: 'poissonNllLoss' },
  soft_margin_loss: { name: 'softMarginLoss' },
  hinge_embedding_loss: { name: 'hingeEmbeddingLoss' },
  gaussian_nll_loss: {
    name: 'gaussianNllLoss',
    inputs: ['input', 'target', 'var'],
    grads: ['input', 'var'],
  },
  margin_ranking_loss: {
    name: 'marginRankingLoss',
    inputs: ['input1', 'input2', 'target'],
    grads: ['input1', 'input2'],
  },
  cosine_embedding_loss: {
    name: 'cosineEmbeddingLoss',
    inputs: ['input1', 'input2', 'target'],
    grads: ['input1', 'input2'],
    family: 'embedding',
  },
  triplet_margin_loss: {
    name: 'tripletMarginLoss',
    inputs: ['anchor', 'positive', 'negative'],
    grads: ['anchor', 'positive', 'negative'],
    family: 'embedding',
  },
  distillation_kl: { name: 'distillationLoss', inputs: ['student', 'teacher'] },
  fused_linear_cross_entropy: {
    name: 'linearCrossEntropy',
    inputs: ['input', 'weight', 'target'],
    grads: ['input', 'weight', 'bias'],
    family: 'linear',
  },
  infonce_loss: {
    name: 'infoNceLoss',
    inputs: ['query', 'positive'],
    grads: ['query', 'positive', 'negatives'],
    family: 'embedding',
  },
  log_softmax: { name: 'logSoftmax', inputs: ['input'], family: 'function' },
  logsumexp: { name: 'logSumExp', inputs: ['input'], family: 'function' },
  token_log_probs: { name: 'tokenLogProbs', inputs: ['logits', 'target'], family: 'function' },
  perplexity: { name: 'perplexity', inputs: ['logits', 'target'], family: 'function' },
};

function known({ loss, params, inputs }: Common & { inputs?: object }): Required<Known> {
  const plain = { inputs: ['input', 'target'], family: 'pointwise' as never };
  let found = KNOWN[loss];
  if (loss === 'hinge_loss') found = { name: params['squared'] ? 'squaredHingeLoss' : 'hingeLoss' };
  if (loss === 'ctc_loss') {
    const first = inputs && 'logits' in inputs ? 'logits' : 'log_probs';
    found = { name: 'ctcLoss', inputs: [first, 'targets', 'input_lengths', 'target_lengths'] };
  }
  if (found === undefined) throw new Error(`no name for ${loss}`);
  const all = { ...plain, ...found };
  return { grads: [all.inputs[0]!], ...all };
}

/** What the reference does not know: functions that are no losses, and losses whose own tests have theirs. */
export const functions: ReadonlySet<string> = new Set([
  'logSoftmax',
  'logSumExp',
  'tokenLogProbs',
  'perplexity',
  'linearCrossEntropy',
  'infoNceLoss',
]);

/**
 * How far off in absolute terms the cases tagged `ill_conditioned` may be, as their notes say: their results cancel to
 * nearly 0. The gradient of a cosine goes with 1/|x|.
 */
export function absolutely({ loss, dtype, tags, inputs }: StoredCase): { value: number; grad: number } {
  if (!tags?.includes('ill_conditioned')) return { value: 0, grad: 0 };
  if (loss === 'triplet_margin_loss') return { value: 0, grad: dtype === 'f32' ? 2 ** -21 : 1e-14 };
  const value = dtype === 'f32' ? 1e-5 : 1e-12;
  const smallest = ['input1', 'input2'].map((name) =>
    Array.from(decode(inputs[name]!)).reduce((a, b) => Math.min(a, Math.abs(b)), Infinity),
  );
  return { value, grad: value / Math.min(...smallest) };
}

export const ourName = (entry: Common): string => known(entry).name;

const camel = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

function ourOptions(params: Common['params']): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(params)) {
    if (name === 'squared' || name === 'axis') continue;
    options[camel(name)] = value === 'NaN' ? NaN : value;
  }
  return options;
}

export function question(entry: StoredCase | StoredError): Question {
  const { name, inputs: order, family, grads: differentiable } = known(entry);
  const grads = differentiable.filter((each) => each in entry.inputs);
  const inputs = order.map((each) => {
    const stored = entry.inputs[each]!;
    return { data: decode(stored), dims: stored.shape };
  });
  const { dims } = inputs[0]!;
  const options = ourOptions(entry.params);
  if (name === 'ctcLoss' && order[0] === 'logits') options['fromLogits'] = true;
  // PyTorch's class axis is 1 where there is a batch and 0 where there is none; ours is the last unless told.
  let axis = family === 'rows' && dims.length > 2 ? 1 : ((entry.params['axis'] as number | undefined) ?? -1);
  const given: [string, StoredArray | undefined][] = [
    ['weight', entry.inputs['weight']],
    ['posWeight', entry.inputs['pos_weight']],
  ];
  for (const [option, stored] of given) {
    if (stored === undefined || order.includes(option)) continue;
    options[option] = decode(stored);
    // A pointwise weight [C, 1, …] broadcasts over the axis that its length stands for.
    if (family !== 'rows' && stored.shape.length > 1 && stored.shape.length < dims.length)
      axis = -stored.shape.length;
  }
  for (const option of ['bias', 'negatives']) {
    const stored = entry.inputs[option];
    if (stored !== undefined) options[option] = { data: decode(stored), dims: stored.shape };
  }
  if ('grad_output' in entry && entry.grad_output) {
    const upstream = decode(entry.grad_output);
    options['gradOutput'] = entry.grad_output.shape.length === 0 ? upstream[0] : upstream;
  }
  if (family === 'embedding') return { name, inputs, options, flat: { dim: dims.at(-1) }, axis, grads };
  if (family === 'linear') return { name, inputs, options, flat: {}, axis, grads };
  if (axis !== -1) options['axis'] = axis;
  return { name, inputs, options, flat: { shape: dims }, axis, grads };
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
