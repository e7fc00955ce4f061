/** Domain checks of the WebAssembly backend: a tile at a time, since nothing may be written before all is looked at. */
import type { Dtype, Real } from '../jobs.js';
import type { Source } from '../source.js';
import type { Domain } from '../table.js';
import { engineFor } from './engine.js';
import { X } from './layout.js';
import { addressOf, bring, resident, sizeOf } from './operand.js';

const TILE_BYTES = 65536;

/** The first element outside the domain, or -1. */
export function firstOutside(domain: Domain, dtype: Dtype, source: Source, length: number): number {
  const engine = engineFor(source.data, null, null);
  const kernels = engine.exports(dtype);
  const here = source.format === 'same' && resident(engine, source.data);
  const tile = here ? length : TILE_BYTES / sizeOf(dtype);
  for (let start = 0; start < length; start += tile) {
    const count = Math.min(tile, length - start);
    let address = X;
    if (here) address = addressOf(source.data as Real, start);
    else bring(engine, dtype, source, start, count, X);
    const first =
      domain === 'sign' ? kernels.firstBadLabel(address, count) : kernels.firstBadProbability(address, count);
    if (first >= 0) return start + first;
  }
  return -1;
}
