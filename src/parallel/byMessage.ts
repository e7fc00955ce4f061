/** A chunk that has come by message, where there is no shared memory: its arrays are the thread's own, and go back by message, too. */
import { newReal, type Format } from '../kernels/source.js';
import type { Side } from '../backend.js';
import { families, type FamilyName } from './families/index.js';
import { chunkOf } from './geometry.js';
import { kernelNamed } from './kernels.js';
import type { Order, Report } from './messages.js';
import type { AnyArray } from './operand.js';
import { asError } from './run.js';

export function runByMessage(side: Side, order: Extract<Order, { type: 'chunk' }>): Report {
  const { task, numbers, chunk: i, arrays } = order;
  try {
    const { plan, places, fields } = task;
    const kernel = kernelNamed(task.kernel);
    const formats: Record<string, Format> = {};
    for (const { name, format } of places) formats[name] = format;
    const part = { kernel, shape: plan, chunk: chunkOf(plan, i), fields, numbers, arrays, formats };
    const family = families[task.family as FamilyName];
    const terms = newReal('float64', family.terms(part)[1]) as Float64Array;
    family.run(side, part, terms);
    const results: Record<string, AnyArray> = {};
    for (const { name, result } of places) if (result) results[name] = arrays[name];
    return { type: 'done', chunk: i, arrays: results, terms };
  } catch (error) {
    return { type: 'failed', chunk: i, reason: asError(error).message };
  }
}
