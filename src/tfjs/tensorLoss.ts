/** A loss of losskit as a function of tensors: one wrapper for all, which reads from the loss what its arguments are. Knows no loss. */
import type { Tensor } from '@tensorflow/tfjs-core';
import { type Prepare, PREPARE, type Signature } from '../loss.js';
import { kindOf } from '../options.js';
import type { Loss } from '../types.js';
import { checkTensor, compute, type Data, numberOf } from './memory.js';
import { float32, record, share } from './record.js';
import type { TensorFlow } from './types.js';

/** Inputs and options by their names, as tensors or as losskit takes them. */
export type Named = Readonly<Record<string, unknown>>;

type Value = number | Float32Array;
type Call = ((...args: unknown[]) => Value) &
  Loss & { valueAndGrad(...args: unknown[]): { value: Value }; with(options: unknown): unknown };

const refused: Readonly<Record<string, string>> = {
  grad: 'the gradient is a tensor that tf.grad or an optimizer gives',
  accumulate: 'tf adds up gradients itself',
  out: 'the losses are a new tensor',
  gradOutput: 'the upstream gradient comes from what is done with the loss',
};

export function tensorLoss(tf: TensorFlow, loss: Loss): (...args: unknown[]) => Tensor {
  const fn = loss.lossName;
  const { inputs, differentiable } = signatureOf(loss);
  return (...args) => {
    const options = args[inputs.length];
    if (options !== undefined) checkOptions(tf, loss as Call, options);
    return tf.tidy(fn, () => {
      const named: Record<string, unknown> = { ...(options as Named | undefined) };
      inputs.forEach((name, k) => (named[name] = args[k]));
      const live = differentiable.filter((name) => named[name] instanceof tf.Tensor);
      if (live.length === 0)
        throw new TypeError(
          `${fn}: ${inputs[0]} is ${kindOf(named[inputs[0]])}, expected a tensor (arrays go to losskit's own ${fn})`,
        );
      for (const name of live) {
        checkTensor(fn, named[name] as Tensor); // before the cast, which would drop an imaginary part
        named[name] = float32(tf, named[name] as Tensor);
      }
      for (const name of [...inputs, ...differentiable]) named[name] = taken(tf, loss, name, named[name]);
      return evaluate(tf, loss, named, live);
    });
  };
}

/** The loss of what is named, recorded where a tape runs; `live`: the tensors that may get a gradient. In a scope that the caller opens. */
export function evaluate(tf: TensorFlow, loss: Loss, named: Named, live: readonly string[]): Tensor {
  const fn = loss.lossName;
  if (!tf.engine().isTapeOn()) return run(tf, loss, named, null).value;
  const inputs = live.map((name) => named[name] as Tensor);
  if (named.reduction !== 'none') {
    return record(
      tf,
      fn,
      inputs,
      () => {
        const { value, grads } = run(tf, loss, named, live);
        return { value, kept: grads };
      },
      (dy, kept) => kept.map((gradient) => times(tf, fn, gradient, dy)),
    );
  }
  // The gradient depends on what becomes of each loss, so that it waits, and the tensors with it.
  const names = Object.keys(named).filter((name) => named[name] instanceof tf.Tensor);
  return record(
    tf,
    fn,
    inputs,
    () => ({
      value: run(tf, loss, named, null).value,
      kept: names.map((name) => share(tf, named[name] as Tensor)),
    }),
    (dy, kept) => {
      const again = { ...named, ...Object.fromEntries(names.map((name, k) => [name, kept[k]])) };
      return run(tf, loss, { ...again, gradOutput: dy }, live).grads;
    },
  );
}

/** One call of the loss. `live`: the names of the gradients; null: the value alone. */
export function run(
  tf: TensorFlow,
  loss: Loss,
  named: Named,
  live: readonly string[] | null,
): { value: Tensor; grads: Tensor[] } {
  const { inputs, differentiable, integers } = signatureOf(loss);
  const names = Object.keys(named).filter((name) => named[name] instanceof tf.Tensor);
  const tensors = names.map((name) => named[name] as Tensor);
  const shape = named.reduction === 'none' ? lossesShape(tf, loss, named) : null;
  const shapes = (live ?? []).map((name) => (named[name] as Tensor).shape);
  const { returned, results } = compute(
    tf,
    loss.lossName,
    tensors,
    shape ? [...shapes, shape] : shapes,
    (data, arrays) => {
      const options: Record<string, unknown> = { ...named };
      names.forEach((name, k) => (options[name] = converted(data[k], integers.includes(name))));
      const args = inputs.map((name) => options[name]);
      for (const name of inputs) delete options[name];
      if (shape) options.out = arrays[shapes.length];
      if (!live) return (loss as Call)(...args, options);
      options.grad = differentiable.length === 1 ? arrays[0] : {};
      if (differentiable.length > 1)
        for (const name of differentiable) {
          const k = live.indexOf(name);
          if (k >= 0 || (named[name] !== undefined && named[name] !== null))
            (options.grad as Record<string, unknown>)[name] = k >= 0 ? arrays[k] : null;
        }
      return (loss as Call).valueAndGrad(...args, options).value;
    },
  );
  const value =
    typeof returned === 'number'
      ? tf.scalar(returned)
      : shape
        ? results.pop()!
        : tf.tensor(returned, [returned.length]);
  return { value, grads: results };
}

export function signatureOf(loss: Loss): Required<Signature> {
  return (loss as unknown as { readonly [PREPARE]: Prepare })[PREPARE].signature;
}

/** A kept gradient times the upstream one, a scalar, which nearly always is 1. */
function times(tf: TensorFlow, fn: string, gradient: Tensor, dy: Tensor): Tensor {
  return numberOf(fn, dy) === 1 ? share(tf, gradient) : tf.mul(gradient, dy);
}

/** The shape of the losses under 'none', where it is known before the call; one that the loss refuses is left to it. */
function lossesShape(tf: TensorFlow, loss: Loss, named: Named): number[] | null {
  const { inputs, losses } = signatureOf(loss);
  const first = named[inputs[0]];
  if (losses === 'samples' || !(first instanceof tf.Tensor) || (named.shape ?? null) !== null) return null;
  const { shape } = first;
  if (losses === 'elements') return shape;
  const axis = (named.axis as number | undefined) ?? -1;
  const at = axis < 0 ? axis + shape.length : axis;
  return at in shape ? shape.filter((_: number, d: number) => d !== at) : null;
}

/** Numbers of the kind that an input or option has: layers give class indices as float32, and 0 and 1 as int32 or bool. */
function converted({ data, dims }: Data, integer: boolean): Data {
  if (integer === !(data instanceof Float32Array)) return { data, dims };
  if (!integer) return { data: Float32Array.from(data), dims };
  const whole = Int32Array.from(data);
  // What is not whole is for the loss to refuse, with its name and what was expected.
  return whole.every((x, i) => x === data[i]) ? { data: whole, dims } : { data, dims };
}

/** Arrays of numbers, also nested ones, as TensorFlow.js takes them. */
function taken(tf: TensorFlow, loss: Loss, name: string, value: unknown): unknown {
  if (!Array.isArray(value) || typeof value[0] === 'bigint') return value;
  const nested = Array.isArray(value[0]) || ArrayBuffer.isView(value[0]);
  return nested || !signatureOf(loss).integers.includes(name) ? tf.tensor(value) : value;
}

function checkOptions(tf: TensorFlow, loss: Call, options: unknown): void {
  const fn = loss.lossName;
  if (options instanceof tf.Tensor)
    throw new TypeError(`${fn}: options is a tensor, expected an object such as { weight: tensor }`);
  // Refuses what is no object.
  if (
    options === null ||
    typeof options !== 'object' ||
    Array.isArray(options) ||
    ArrayBuffer.isView(options)
  )
    loss.with(options);
  for (const name in refused)
    if ((options as Record<string, unknown>)[name] !== undefined)
      throw new TypeError(`${fn}: option '${name}' makes no sense with tensors: ${refused[name]}`);
}
