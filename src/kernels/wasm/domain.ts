/** Domain checks of the WebAssembly backend: nothing may be written before all is looked at. */
import type { Domain, Dtype, Operand, PointwiseJob, Real } from '../jobs.js';
import type { Source } from '../source.js';
import { type Engine, engineFor } from './engine.js';
import { Q, REGION, W, X } from './layout.js';
import { addressOf, bring, resident, sizeOf } from './operand.js';

const TILE_BYTES = 65536;

const exportFor: Record<Domain, 'firstBadLabel' | 'firstBadProbability' | 'firstBadVariance'> = {
  sign: 'firstBadLabel',
  probability: 'firstBadProbability',
  variance: 'firstBadVariance',
};

/** Which operands a check has left whole in their regions. */
export interface Staged {
  input: boolean;
  target: boolean;
  /** Only where there is one number an element. */
  other: boolean;
}

/** Checks what has a domain; what fits its region is then there, whole. */
export function checkDomains(engine: Engine, job: PointwiseJob): Staged {
  const { dtype, domains, length, input, target, other } = job;
  const check = (operand: Operand, source: Source, count: number, region: number): boolean => {
    const domain = domains?.wanted[operand];
    if (!domain) return false;
    const bad = firstBad(engine, domain, dtype, source, count, region);
    if (bad >= 0) domains!.refuse(operand, bad);
    return fits(dtype, count) && !here(engine, source);
  };
  return {
    input: check('input', input, length, X),
    target: check('target', target, length, Q),
    other: other !== null && check('other', other.source, other.source.data.length, W) && other.inner === 1,
  };
}

/** The first of `length` elements outside the domain, or -1. */
export function firstOutside(domain: Domain, dtype: Dtype, source: Source, length: number): number {
  return firstBad(engineFor(source.data, null, null), domain, dtype, source, length, X);
}

function here(engine: Engine, source: Source): boolean {
  return source.format === 'same' && resident(engine, source.data);
}

function fits(dtype: Dtype, length: number): boolean {
  return length * sizeOf(dtype) <= REGION;
}

function firstBad(
  engine: Engine,
  domain: Domain,
  dtype: Dtype,
  source: Source,
  length: number,
  region: number,
): number {
  const size = sizeOf(dtype);
  const first = engine.tools(dtype)[exportFor[domain]];
  const tile = TILE_BYTES / size;
  for (let start = 0; start < length; start += tile) {
    const count = Math.min(tile, length - start);
    let address = fits(dtype, length) ? region + start * size : region;
    if (here(engine, source)) address = addressOf(source.data as Real, start);
    else bring(engine, dtype, source, start, count, address);
    const bad = first(address, count);
    if (bad >= 0) return start + bad;
  }
  return -1;
}
