/** Options as given -> options as used: unknown names refused, values checked against their parameters, defaults filled in. */
import { commonParameters, type Parameter } from './parameters.js';

/** The options of a call, defaults included. Arrays are as the caller gave them. */
export type Settled = Record<string, unknown>;

export class OptionTable {
  readonly #fn: string;
  readonly #parameters = new Map<string, Parameter>();
  readonly defaults: Settled = {};

  constructor(fn: string, parameters: readonly Parameter[], common: readonly Parameter[] = commonParameters) {
    this.#fn = fn;
    for (const parameter of [...common, ...parameters]) {
      this.#parameters.set(parameter.name, parameter);
      this.defaults[parameter.name] = parameter.default;
    }
  }

  /** `given` over `base`. `base` itself where nothing is given. */
  settle(given: unknown, base: Settled): Settled {
    if (given === undefined) return base;
    if (given === null || typeof given !== 'object' || Array.isArray(given) || ArrayBuffer.isView(given)) {
      throw new TypeError(`${this.#fn}: options is ${kindOf(given)}, expected an object`);
    }
    const settled = { ...base };
    for (const name in given) {
      const parameter = this.#parameters.get(name);
      if (parameter === undefined) {
        throw new TypeError(
          `${this.#fn}: unknown option '${name}', expected one of ${[...this.#parameters.keys()].join(', ')}`,
        );
      }
      const value = (given as Settled)[name];
      if (value !== undefined) settled[name] = this.#check(parameter, value);
    }
    return settled;
  }

  #check(parameter: Parameter, value: unknown): unknown {
    const { name, type } = parameter;
    if (value === null) {
      if (parameter.default === null || parameter.nullable) return null;
      throw new TypeError(`${this.#fn}: ${name} is null, expected a ${type}`);
    }
    if (type === 'choice') {
      if (parameter.choices!.includes(value as string)) return value;
      throw new RangeError(
        `${this.#fn}: ${name} is ${show(value)}, expected one of ${parameter.choices!.map(show).join(', ')}`,
      );
    }
    // Arrays, and numbers that may be arrays (gradOutput, posWeight), are checked where their sizes are known.
    if (type === 'array' || name === 'gradOutput') return value;
    if (typeof value !== type)
      throw new TypeError(`${this.#fn}: ${name} is ${kindOf(value)}, expected a ${type}`);
    if (type === 'number' && !inRange(parameter, value as number)) {
      throw new RangeError(`${this.#fn}: ${name} is ${value}, expected ${rangeOf(parameter)}`);
    }
    return value;
  }
}

function inRange(p: Parameter, value: number): boolean {
  return (
    Number.isFinite(value) &&
    !(p.integer && !Number.isSafeInteger(value)) &&
    !(p.min !== undefined && value < p.min) &&
    !(p.max !== undefined && value > p.max) &&
    !(p.exclusiveMin !== undefined && value <= p.exclusiveMin) &&
    !(p.exclusiveMax !== undefined && value >= p.exclusiveMax)
  );
}

/** 'a number in [0, 1]', 'an integer >= 1', 'a number > 0'. */
export function rangeOf(p: Parameter): string {
  const kind = p.integer ? 'an integer' : 'a finite number';
  const low = p.exclusiveMin ?? p.min;
  const high = p.exclusiveMax ?? p.max;
  if (low !== undefined && high !== undefined) {
    return `${kind} in ${p.exclusiveMin === undefined ? '[' : '('}${low}, ${high}${p.exclusiveMax === undefined ? ']' : ')'}`;
  }
  if (low !== undefined) return `${kind} ${p.exclusiveMin === undefined ? '>=' : '>'} ${low}`;
  if (high !== undefined) return `${kind} ${p.exclusiveMax === undefined ? '<=' : '<'} ${high}`;
  return kind;
}

function show(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}

/** What came instead of what was wanted: a short name of the value's kind. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  if (ArrayBuffer.isView(value)) return Object.prototype.toString.call(value).slice(8, -1);
  if (typeof value === 'object')
    return value.constructor?.name && value.constructor !== Object ? value.constructor.name : 'an object';
  if (typeof value === 'function') return 'a function';
  return `a ${typeof value} (${typeof value === 'bigint' || typeof value === 'symbol' ? String(value) : JSON.stringify(value)})`;
}
