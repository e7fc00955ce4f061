/** Domain checks of the WebAssembly backend: nothing may be written before all is looked at. */
import type { Domain, PointwiseJob, Real } from '../jobs.js';
import type { Source } from '../source.js';
import type { Engine } from './engine.js';
import { Q, REGION, X } from './layout.js';
import { addressOf, bring, resident, sizeOf } from './operand.js';

const TILE_BYTES = 65536;

/** Which operands a check has left whole in their regions. */
export interface Staged {
  input: boolean;
  target: boolean;
}

/** Checks what has a domain; an operand that fits its region is then there, whole. */
export function checkDomains(engine: Engine, job: PointwiseJob): Staged {
  const { domains, input, target } = job;
  return {
    input: domains?.input ? check(engine, job, 'input', input, domains.input, X) : false,
    target: domains?.target ? check(engine, job, 'target', target, domains.target, Q) : false,
  };
}

function check(
  engine: Engine,
  job: PointwiseJob,
  name: 'input' | 'target',
  source: Source,
  domain: Domain,
  region: number,
): boolean {
  const { dtype, length } = job;
  const kernels = engine.exports(dtype);
  const here = source.format === 'same' && resident(engine, source.data);
  const fits = !here && length * sizeOf(dtype) <= REGION;
  const tile = TILE_BYTES / sizeOf(dtype);
  for (let start = 0; start < length; start += tile) {
    const count = Math.min(tile, length - start);
    let address = fits ? region + start * sizeOf(dtype) : region;
    if (here) address = addressOf(source.data as Real, start);
    else bring(engine, dtype, source, start, count, address);
    const first =
      domain === 'sign' ? kernels.firstBadLabel(address, count) : kernels.firstBadProbability(address, count);
    if (first >= 0) job.domains!.refuse(name, start + first);
  }
  return fits;
}
