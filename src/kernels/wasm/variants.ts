/** Where one kernel of table.ts is several exports, or needs the general body: the only place in the marshalling that names a loss. */

/** The export that runs a kernel with these constants. */
export function exportOf(name: string, constants: readonly number[]): string {
  return name === 'sigmoidFocal' && constants[1] === 2 ? 'sigmoidFocalSquare' : name;
}

/** Whether the constants change the targets, which only the general body of a pointwise kernel does. */
export function changesTargets(name: string, constants: readonly number[]): boolean {
  return name === 'binaryCrossEntropyWithLogits' && constants[0] > 0;
}
