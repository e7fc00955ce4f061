/** The benchmark's table: the targets that losskit sets itself (see the issue and the README), and one row for every other loss. */
import type { Case } from './case.js';
import { farBelow, masked } from './data.js';
import { ctc } from './ctcCases.js';
import { cosineEmbedding, tripletMargin } from './embeddingCases.js';
import { dice, multilabelMargin, multilabelSoftMargin, tversky } from './multilabelCases.js';
import {
  arithmetic,
  bce,
  focal,
  hinge,
  mse,
  otherPointwise,
  pointwise,
  saturation,
  transcendental,
} from './pointwiseCases.js';
import { relaxed } from './relaxedCases.js';
import {
  ce,
  crossEntropyAxis1,
  crossEntropyInArena,
  crossEntropyWith,
  hardRows,
  otherRowwise,
  rowwise,
  softTargets,
  valueOnly,
} from './rowCases.js';
import { halves, perplexities, scores, stats, top } from './scoringCases.js';
import { logSoftmaxRows, logSumExpRows, poly1 } from './softmaxCases.js';
import { gaussianNll, marginRanking } from './ternaryCases.js';

const tinyLengths = [1, 10, 50, 100, 200, 400, 1000, 2000];
const tinyShapes = [
  [1, 2],
  [1, 10],
  [5, 4],
  [10, 10],
  [32, 10],
  [2, 1000],
];

export const cases: Case[] = [
  rowwise(ce, 256, 1000, 12),
  rowwise(ce, 128, 32000, 10),
  rowwise(ce, 16, 151936, 7.5),
  rowwise(ce, 32, 10, 7),
  valueOnly(256, 1000, 14),
  valueOnly(128, 32000, 10),
  valueOnly(16, 151936, 9.5),
  valueOnly(32, 10, 6),
  crossEntropyWith(0, 'plain', 1.2),
  crossEntropyWith(30, 'plain', 2.2),
  crossEntropyAxis1([4, 19, 64, 64], 6),
  pointwise(bce, 1e5, 13),
  pointwise(bce, 1e7, 9.5),
  pointwise(focal, 1e5, 13),
  pointwise(focal, 1e7, 9.5),
  pointwise(mse, 1e5, 5.5),
  pointwise(mse, 1e7, 1.5),
  pointwise(hinge, 1e5, 9),
  pointwise(hinge, 1e7, 4.5),

  ...transcendental.map((loss) => pointwise(loss, 1e5, 9)),
  gaussianNll(1e5, 9),
  poly1(100, 1000, 9),
  multilabelSoftMargin(1000, 100, 9),
  logSumExpRows(100, 1000, 9),
  logSoftmaxRows(100, 1000, 9),
  ...arithmetic.map((loss) => pointwise(loss, 1e5, 4)),
  marginRanking(1e5, 4),
  dice(100, 1000, 4),
  tversky(100, 1000, 4),
  multilabelMargin(1000, 100, 4),
  cosineEmbedding(1024, 384, 5),
  tripletMargin(1024, 384, 5),
  ctc(200, 16, 64, 3),

  scores(256, 1000, 14),
  scores(128, 32000, 10),
  scores(16, 151936, 9.5),
  perplexities(128, 32000, 10),
  scores(128, 32000, 10, 'whole rows'),
  scores(16, 151936, 10, 'whole rows'),
  top([256, 1000], 5, 1.6),
  top([128, 32000], 5, 1.6),
  top([16, 151936], 5, 1.6),
  top([128, 32000], 50, 1.6),
  stats([128, 32000], 1.25),
  halves('float16', [128, 32000], 1.5),
  halves('float16', [16, 151936], 1.5),
  halves('bfloat16', [128, 32000], 1.5),

  crossEntropyInArena(256, 1000, 12),
  pointwise(bce, 1e5, 16, 'faster', true),
  pointwise(mse, 1e5, 12, 'faster', true),
  pointwise(mse, 8e6, 2.5, 'faster', true),

  ...relaxed(1.3, rowwise(ce, 256, 1000, 0)),
  ...relaxed(1.3, pointwise(bce, 1e5, 0)),
  ...relaxed(1.3, pointwise(focal, 1e5, 0)),
  ...relaxed(0, crossEntropyInArena(256, 1000, 0)),
  ...relaxed(0, pointwise(bce, 1e5, 0, 'faster', true)),
  ...relaxed(0, valueOnly(256, 1000, 0)),
  ...relaxed(0, rowwise(ce, 128, 32000, 0)),
  ...relaxed(0, pointwise(mse, 1e5, 0)),

  hardRows('84-87 below the maximum', (random, y, classes) => farBelow(random, y.length, classes)),
  hardRows('half masked with -inf', masked),
  saturation(bce, 1e5),
  saturation(focal, 1e5),

  ...tinyLengths.map((n) => pointwise(mse, n, 1.25, 'tiny')),
  ...tinyLengths.map((n) => pointwise(bce, n, 1.25, 'tiny')),
  ...tinyShapes.map(([rows, classes]) => rowwise(ce, rows, classes, 1.25, 'tiny')),

  crossEntropyWith(0, 'loop', 0),
  crossEntropyWith(30, 'loop', 0),
  softTargets(256, 1000, 0),
  ...otherRowwise.map((loss) => rowwise(loss, 256, 1000, 0)),
  ...otherPointwise.map((loss) => pointwise(loss, 1e5, 0)),
];
