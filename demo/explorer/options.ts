/** The options of a loss as values: which the explorer can show, and how they stand in the address and in a call. Made from `loss.parameters`. */
import { commonParameters, type Parameter } from 'losskit';
import type { AnyLoss } from './catalogue.js';
import type { Entry } from './entry.js';

export type OptionValue = number | boolean | string | null | readonly number[];
/** Only those that differ from their defaults. */
export type OptionValues = Readonly<Record<string, OptionValue>>;

/** Factors that one element or one row can show. */
const FACTORS = new Set(['weight', 'posWeight']);

const canShow = ({ name, type, slider, integer }: Parameter): boolean =>
  type === 'array' ? FACTORS.has(name) : type !== 'number' || (slider !== undefined && !integer);

// A single row's mean differs from its sum where weights are divided by; its sum is what the page starts with, as a weight would cancel else.
const reduction: Parameter = {
  ...commonParameters.find(({ name }) => name === 'reduction')!,
  default: 'sum',
  choices: ['sum', 'mean'],
  description: 'of one element or row: ‘mean’ divides by the weights it counted, so that they may cancel',
};

export function shownParameters(
  { parameters }: AnyLoss,
  { fixed = {}, without = [] }: Entry,
): readonly Parameter[] {
  const own = parameters.filter(
    (parameter) => canShow(parameter) && !(parameter.name in fixed) && !without.includes(parameter.name),
  );
  return own.some(({ name }) => name === 'weight') ? [...own, reduction] : own;
}

/** The options that one row cannot show, and those the picture has fixed. */
export function hiddenParameters(loss: AnyLoss, entry: Entry): readonly string[] {
  const shown = shownParameters(loss, entry);
  return loss.parameters.filter((parameter) => !shown.includes(parameter)).map(({ name }) => name);
}

export function allows(parameter: Parameter, value: number): boolean {
  const { min = -Infinity, max = Infinity, exclusiveMin = -Infinity, exclusiveMax = Infinity } = parameter;
  return (
    Number.isFinite(value) && value >= min && value <= max && value > exclusiveMin && value < exclusiveMax
  );
}

export const valueOf = (parameter: Parameter, options: OptionValues): OptionValue =>
  options[parameter.name] ?? (parameter.name in options ? null : parameter.default);

export const isOptional = ({ nullable, default: initial }: Parameter): boolean =>
  nullable === true || initial === null;

const numbersOf = (text: string): number[] =>
  text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));

function parse(parameter: Parameter, text: string): OptionValue | undefined {
  if (text === 'null') return isOptional(parameter) ? null : undefined;
  switch (parameter.type) {
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'choice':
      return parameter.choices!.find((choice) => String(choice) === text);
    case 'array': {
      const values = numbersOf(text);
      return values.every((value) => value >= 0 && Number.isFinite(value)) ? values : undefined;
    }
    default: {
      const value = numbersOf(text)[0]!;
      return allows(parameter, value) ? value : undefined;
    }
  }
}

/** What the address says of these parameters; what it says wrongly is the default. */
export function readOptions(parameters: readonly Parameter[], params: URLSearchParams): OptionValues {
  const found: Record<string, OptionValue> = {};
  for (const parameter of parameters) {
    const text = params.get(parameter.name);
    const value = text === null ? undefined : parse(parameter, text);
    if (value !== undefined && value !== parameter.default) found[parameter.name] = value;
  }
  return found;
}

export function writeOptions(options: OptionValues, params: URLSearchParams): void {
  for (const [name, value] of Object.entries(options)) params.set(name, String(value));
}

/** With one option changed; one that is at its default is left out. */
export function withOption(
  options: OptionValues,
  { name, default: initial }: Parameter,
  value: OptionValue,
): OptionValues {
  const { [name]: _, ...rest } = options;
  return value === initial ? rest : { ...rest, [name]: value };
}

/** What the user would write: own options, and the reduction where it shows. */
export function writtenOptions(entry: Entry, options: OptionValues): Record<string, OptionValue> {
  const { reduction, ...own } = options;
  const weighted = Object.keys(own).some((name) => FACTORS.has(name));
  return {
    ...entry.fixed,
    ...own,
    ...(reduction === 'mean' || !weighted ? {} : { reduction: 'sum' }),
  };
}
