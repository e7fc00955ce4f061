/** Every loss that losskit exports, with what the explorer knows of it. */
import * as losskit from 'losskit';
import type { Parameter } from 'losskit';
import type { Entry, Group } from './entry.js';
import { planeLosses } from './losses/plane.js';
import { pointLosses } from './losses/point.js';
import { rowLosses } from './losses/row.js';

type Result = {
  value: number | Float64Array;
  grad: Float64Array | Record<string, Float64Array>;
  divisor: number;
};
/** A loss whose inputs are known only at run time. */
export interface AnyLoss {
  readonly lossName: string;
  readonly parameters: readonly Parameter[];
  valueAndGrad(...args: unknown[]): Result;
}

const isLoss = (value: unknown): value is AnyLoss => typeof value === 'function' && 'lossName' in value;

export const losses: ReadonlyMap<string, AnyLoss> = new Map(
  (Object.values(losskit) as unknown[]).filter(isLoss).map((loss) => [loss.lossName, loss]),
);

const entries: Readonly<Record<string, Entry>> = { ...pointLosses, ...rowLosses, ...planeLosses };

export const FIRST = 'sigmoidFocalLoss';
export const entryOf = (name: string): Entry | undefined =>
  losses.has(name) && Object.hasOwn(entries, name) ? entries[name] : undefined;
/** In the order of the data files. */
export const lossesOf = (group: Group): string[] =>
  Object.keys(entries).filter((name) => entries[name]!.group === group && losses.has(name));
/** What losskit exports and no data file has; none, or the explorer is behind. */
export const missing = (): string[] => [...losses.keys()].filter((name) => !Object.hasOwn(entries, name));
