/** Kernels of rows of embeddings. The order of each one's constants stands beside it. */
import { cosineEmbedding as cosineEmbeddingLoop } from '../js/cosineEmbedding.js';
import { tripletMargin as tripletMarginLoop } from '../js/tripletMargin.js';
import type { EmbeddingKernel } from '../kernel.js';
import { embeddings as module } from '../wasm/embedded/embeddings.js';

/** [margin] */
export const cosineEmbedding: EmbeddingKernel = {
  name: 'cosineEmbedding',
  module,
  loop: cosineEmbeddingLoop,
};

/** [margin, p, eps, swap (1 or 0)] */
export const tripletMargin: EmbeddingKernel = { name: 'tripletMargin', module, loop: tripletMarginLoop };
