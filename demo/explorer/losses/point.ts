/** The losses of one number against one target: their axes, formulas and sources. */
import type { Argument, PointEntry } from '../entry.js';

const tex = String.raw;
const torch = (name: string) =>
  [
    `torch.nn.functional.${name}`,
    `https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.${name}.html`,
  ] as const;
const keras = (name: string) =>
  [`keras.losses.${name}`, 'https://keras.io/api/losses/hinge_losses/'] as const;
// Where in the package a trainer is has changed with its versions; the pages have not.
const trl = (name: string, page: string, type = '') =>
  [`${name} of TRL${type}`, `https://huggingface.co/docs/trl/${page}`] as const;

const prediction: Argument = { name: 'input', label: 'prediction', start: 1.5, range: [-4, 4] };
const logit: Argument = { name: 'input', label: 'logit', start: -1, range: [-6, 6] };
const score: Argument = { name: 'input', label: 'score', start: -0.5, range: [-4, 4] };
const target: Argument = { name: 'target', label: 'target', start: 0, range: [-4, 4] };
const label: Argument = {
  name: 'target',
  label: 'target',
  start: 1,
  choices: [
    [-1, '−1'],
    [1, '+1'],
  ],
};
/** 0 or 1, or between them. */
const share: Argument = { name: 'target', label: 'target', start: 1, range: [0, 1] };

const regression = { kind: 'point', group: 'regression', x: prediction, rest: [target] } as const;
const binary = { kind: 'point', group: 'binary', x: score, rest: [label] } as const;
const preference = { kind: 'point', group: 'preference' } as const;
const fixed = (name: string): Argument => ({ name, label: name, start: 0 });

const dpoMargin = tex`,\quad d = (\pi_c - \rho_c) - (\pi_r - \rho_r)`;
const dpoFormulas: Readonly<Record<string, string>> = {
  hinge: tex`\ell = \max(0, 1 - \beta d)` + dpoMargin,
  ipo: tex`\ell = (d - \frac{1}{2 \beta})^2` + dpoMargin,
  robust: tex`\ell = \frac{-(1 - s) \log \sigma(\beta d) + s \log \sigma(-\beta d)}{1 - 2 s}` + dpoMargin,
};

export const pointLosses: Readonly<Record<string, PointEntry>> = {
  mseLoss: {
    ...regression,
    about: 'Squared error: the gradient grows with the distance.',
    formula: tex`\ell = (x - t)^2`,
    source: torch('mse_loss'),
  },
  l1Loss: {
    ...regression,
    about: 'Absolute error: the gradient is the sign, and 0 at the target.',
    formula: tex`\ell = |x - t|`,
    source: torch('l1_loss'),
  },
  smoothL1Loss: {
    ...regression,
    about: 'A parabola near the target, a line of slope 1 far from it.',
    formula: tex`\ell = \cases{ (x-t)^2 / 2\beta & |x-t| < \beta \\ |x-t| - \beta/2 & \text{else} }`,
    tries: [['beta 0 is the absolute error', 'beta=0']],
    source: torch('smooth_l1_loss'),
  },
  huberLoss: {
    ...regression,
    about: 'A parabola near the target, a line of slope δ far from it.',
    formula: tex`\ell = \cases{ (x-t)^2 / 2 & |x-t| \le \delta \\ \delta(|x-t| - \delta/2) & \text{else} }`,
    tries: [
      ['almost absolute', 'delta=0.1'],
      ['squared as far as one can see', 'delta=4'],
    ],
    source: torch('huber_loss'),
  },
  logCoshLoss: {
    ...regression,
    about: 'Smooth everywhere: squared near the target, absolute far from it.',
    formula: tex`\ell = \log \cosh(x - t)`,
    source: ['optax.losses.log_cosh', 'https://optax.readthedocs.io/en/latest/api/losses.html'],
  },
  quantileLoss: {
    ...regression,
    about: 'Leans to one side, so that its minimum is a quantile of the targets.',
    formula: tex`\ell = \cases{ q(t-x) & x \le t \\ (1-q)(x-t) & x > t }`,
    tries: [['the 0.9 quantile: too low costs nine times as much', 'quantile=0.9']],
    source: [
      'sklearn.metrics.mean_pinball_loss',
      'https://scikit-learn.org/stable/modules/generated/sklearn.metrics.mean_pinball_loss.html',
    ],
  },
  poissonNllLoss: {
    ...regression,
    x: {
      ...prediction,
      label: 'log of the rate',
      start: 0,
      range: [-3, 3],
      rangeBy: ({ logInput }) => (logInput === false ? [0.1, 10] : undefined),
    },
    xLabelBy: ({ logInput }) => (logInput === false ? 'rate' : undefined),
    rest: [{ ...target, label: 'count', start: 3, range: [0, 12], integer: true }],
    about: 'Negative log-likelihood of a count under a Poisson distribution.',
    formula: tex`\ell = e^x - t x`,
    formulaBy: ({ logInput }) => (logInput === false ? tex`\ell = x - t \log(x + \epsilon)` : undefined),
    tries: [['the rate itself as the input', 'logInput=false&x=3']],
    source: torch('poisson_nll_loss'),
  },
  gaussianNllLoss: {
    ...regression,
    x: { ...prediction, label: 'mean' },
    rest: [target, { name: 'variance', label: 'variance', start: 1, range: [0.05, 5] }],
    about: 'Negative log-likelihood under a Gaussian of that mean and variance.',
    formula: tex`\ell = \frac{1}{2}( \log v + \frac{(x-t)^2}{v} ),\quad v = \max(\text{variance}, \epsilon)`,
    tries: [
      ['a sure model that is wrong', 'variance=0.1&x=2'],
      ['a doubtful one', 'variance=5&x=2'],
    ],
    source: torch('gaussian_nll_loss'),
  },

  binaryCrossEntropyWithLogits: {
    ...binary,
    x: logit,
    rest: [share],
    logit: true,
    about: 'Cross-entropy of a logit: the gradient is probability minus target.',
    formula: tex`\ell = -t \log \sigma(x) - (1-t) \log \sigma(-x)`,
    tries: [
      ['label smoothing gives it a minimum', 'labelSmoothing=0.2&x=3'],
      ['positives count five times', 'posWeight=5'],
    ],
    source: torch('binary_cross_entropy_with_logits'),
  },
  binaryCrossEntropy: {
    ...binary,
    x: { ...logit, label: 'probability', start: 0.3, range: [0.01, 0.99] },
    rest: [share],
    about: 'The same of a probability; each logarithm is held above −100.',
    formula: tex`\ell = -t \log x - (1-t) \log(1-x)`,
    source: torch('binary_cross_entropy'),
  },
  sigmoidFocalLoss: {
    ...binary,
    x: logit,
    rest: [share],
    logit: true,
    about: 'Cross-entropy that counts well classified examples less.',
    formula: tex`\ell = -\alpha_t (1 - p_t)^\gamma \log p_t,\quad p_t = \cases{ \sigma(x) & t = 1 \\ \sigma(-x) & t = 0 }`,
    tries: [
      ['gamma 0 is cross-entropy', 'gamma=0&alpha=null'],
      ['gamma 5: easy examples hardly pull', 'gamma=5&alpha=null&x=1'],
    ],
    source: [
      'torchvision.ops.sigmoid_focal_loss',
      'https://docs.pytorch.org/vision/stable/generated/torchvision.ops.sigmoid_focal_loss.html',
    ],
  },
  hingeLoss: {
    ...binary,
    about: 'Costs nothing from the margin on, and grows linearly below it.',
    formula: tex`\ell = \max(0, m - t x)`,
    source: keras('Hinge'),
  },
  squaredHingeLoss: {
    ...binary,
    about: 'The hinge squared: without a kink at the margin.',
    formula: tex`\ell = \max(0, m - t x)^2`,
    source: keras('SquaredHinge'),
  },
  softMarginLoss: {
    ...binary,
    about: 'The logistic loss of labels ±1: a hinge without a corner.',
    formula: tex`\ell = \log(1 + e^{-t x})`,
    source: torch('soft_margin_loss'),
  },

  hingeEmbeddingLoss: {
    ...binary,
    group: 'embedding',
    x: { ...prediction, label: 'distance', start: 0.6, range: [0, 4] },
    about: 'Pulls pairs of label 1 together, pushes others to the margin.',
    formula: tex`\ell = \cases{ x & t = 1 \\ \max(0, m - x) & t = -1 }`,
    source: torch('hinge_embedding_loss'),
  },
  marginRankingLoss: {
    ...binary,
    group: 'embedding',
    x: { ...prediction, name: 'input1', label: 'first score', start: -0.5 },
    rest: [
      { name: 'input2', label: 'second score', start: 0, range: [-4, 4] },
      {
        ...label,
        choices: [
          [-1, 'second higher'],
          [1, 'first higher'],
        ],
      },
    ],
    about: 'Wants one of two scores ahead of the other by a margin.',
    formula: tex`\ell = \max(0, m - t (x_1 - x_2))`,
    source: torch('margin_ranking_loss'),
  },

  klDiv: {
    ...binary,
    group: 'divergence',
    x: { ...prediction, label: 'log-probability', start: -2, range: [-6, 0] },
    rest: [
      {
        ...share,
        start: 0.4,
        rangeBy: ({ logTarget }) => (logTarget ? [-6, 0] : undefined),
      },
    ],
    about: 'One class’s term of the divergence: a line in the log-probability.',
    formula: tex`\ell = t (\log t - x)`,
    formulaBy: ({ logTarget }) => (logTarget ? tex`\ell = e^t (t - x)` : undefined),
    source: torch('kl_div'),
  },

  dpoLoss: {
    ...preference,
    x: { name: 'policyChosen', label: 'margin of the log-ratios', start: 0, range: [-30, 30] },
    rest: [fixed('policyRejected'), fixed('referenceChosen'), fixed('referenceRejected')],
    about: 'Wants the chosen answer to gain more over the reference than the rejected one.',
    formula: tex`\ell = -\log \sigma(\beta d),\quad d = (\pi_c - \rho_c) - (\pi_r - \rho_r)`,
    formulaBy: ({ type }) => dpoFormulas[String(type)],
    tries: [
      ['hinge', 'type=hinge'],
      ['IPO: too large a margin costs as well', 'type=ipo&x=15'],
      ['robust to one label in five', 'type=robust&labelSmoothing=0.2'],
    ],
    source: trl('DPOTrainer', 'dpo_trainer'),
    note: 'Only the margin d counts; here it is all in policyChosen, and the other three log-probabilities are 0.',
  },
  simpoLoss: {
    ...preference,
    x: { name: 'chosen', label: 'chosen − rejected', start: 0, range: [-4, 4] },
    rest: [fixed('rejected')],
    about: 'Average log-probabilities against each other with a margin, no reference.',
    formula: tex`\ell = -\log \sigma(\beta (c - r) - \gamma)`,
    source: trl('CPOTrainer', 'cpo_trainer', ', loss_type simpo'),
    note: 'Only the difference of the averages counts; here rejected is 0.',
  },
  orpoLoss: {
    ...preference,
    x: { name: 'chosen', label: 'chosen, average log-probability', start: -1.2, range: [-5, -0.02] },
    rest: [{ name: 'rejected', label: 'rejected', start: -1, range: [-5, -0.02] }],
    about: 'The odds of the chosen answer against those of the rejected one.',
    formula: tex`\ell = -\beta \log \sigma( \log \frac{e^c}{1-e^c} - \log \frac{e^r}{1-e^r} )`,
    source: trl('ORPOTrainer', 'orpo_trainer'),
  },
  ktoLoss: {
    ...preference,
    x: { name: 'policy', label: 'log-ratio to the reference', start: 0, range: [-60, 60] },
    rest: [
      fixed('reference'),
      {
        name: 'labels',
        label: 'example',
        start: 1,
        choices: [
          [0, 'undesirable'],
          [1, 'desirable'],
        ],
      },
    ],
    about: 'Single answers, liked or not, against a reference point.',
    formula: tex`\ell = w (1 - \sigma(\pm \beta (\pi - \rho - k)))`,
    tries: [['a disliked answer, counted twice', 'labels=0&undesirableWeight=2']],
    source: trl('KTOTrainer', 'kto_trainer'),
    note: 'Only policy − reference counts; here reference is 0.',
  },
};
