/** Where one kernel of table.ts is several exports, or needs the general body: the only place in the marshalling that names a loss. */

import type { RowJob } from '../jobs.js';
import { REGION } from './layout.js';
import { sizeOf } from './operand.js';

/** The export that runs a kernel with these constants. */
export function exportOf(name: string, constants: readonly number[]): string {
  if (name === 'sigmoidFocal' && constants[1] === 2) return 'sigmoidFocalSquare';
  if (name.startsWith('poissonNll') && constants[0] === 1) return name + 'Full';
  return name;
}

/** The same of a row-wise kernel. */
export function rowExportOf(name: string, { stats }: RowJob): string {
  return stats ? 'tokenStats' : name;
}

/** Whether the constants change the targets, which only the general body of a pointwise kernel does. */
export function changesTargets(name: string, constants: readonly number[]): boolean {
  return name === 'binaryCrossEntropyWithLogits' && constants[0] > 0;
}

/** Classes that the labels' kernel has room for: a mask and a count each in half a region, as float64. */
const LABEL_CLASSES = REGION / 2 / 8;

/**
 * NLL reads one element a row: copying the others into kernel memory would cost more than all of its work. Multi-label margin takes whole rows only.
 */
export function staysInTypeScript(name: string, { classes, dtype }: RowJob): boolean {
  if (wholeRows.includes(name)) return classes * sizeOf(dtype) > REGION;
  return name === 'nll' || (name === 'multilabelMargin' && classes > LABEL_CLASSES);
}

/** Those that read two rows as one, and have no phases for a row too long for a region, nor a row a lane. */
const wholeRows = ['distillation', 'reverseDistillation', 'jsDivergence'];

/** Whether rows of few classes run in columns, a row a lane. */
export function hasColumns(name: string): boolean {
  return name !== 'multilabelMargin' && !wholeRows.includes(name);
}
