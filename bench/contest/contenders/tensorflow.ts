/**
 * TensorFlow.js as a contender, on the backend named by the argument. Its tensors are made before anything is timed and gradients stay in them;
 * reading the value ends a call (both backends work as they are called, so nothing is left undone).
 */
import type { Contender, Data, Open } from '../contender.js';
import { loadTensorflow, oneHot, type Tensor, tensorflowLinear, type Tf } from '../tensorflow.js';

/** The loss of a tensor, and the tensor. */
function lossOf(tf: Tf, { task, x, t, y }: Data): [(x: Tensor) => Tensor, Tensor] {
  if (task.loss === 'ce') {
    const target = oneHot(tf, y!, task.classes);
    // tf.losses.softmaxCrossEntropy takes 1.5 times as long.
    const loss = (logits: Tensor) => tf.neg(tf.mean(tf.sum(tf.mul(target, tf.logSoftmax(logits)), -1)));
    return [loss, tf.tensor2d(x, [task.rows, task.classes])];
  }
  const input = tf.tensor1d(x);
  const target = tf.tensor1d(t!);
  switch (task.loss) {
    case 'bce':
      return [(logits) => tf.losses.sigmoidCrossEntropy(target, logits), input];
    case 'mse':
      return [(values) => tf.losses.meanSquaredError(target, values), input];
    case 'hinge': {
      const bits = tf.add(tf.mul(target, 0.5), 0.5); // its labels are 0 and 1
      return [(scores) => tf.losses.hingeLoss(bits, scores), input];
    }
    default: {
      // Focal loss is not in it: torchvision's formula. What depends on the target alone is made beforehand.
      const [others, alpha] = [tf.sub(1, target), tf.sub(0.75, tf.mul(target, 0.5))];
      const loss = (logits: Tensor) => {
        const p = tf.sigmoid(logits);
        const gentle = tf.log1p(tf.exp(tf.neg(tf.abs(logits))));
        const bce = tf.add(tf.sub(tf.relu(logits), tf.mul(logits, target)), gentle);
        const wrong = tf.add(tf.mul(p, others), tf.mul(tf.sub(1, p), target));
        return tf.mean(tf.mul(tf.mul(alpha, bce), tf.square(wrong)));
      };
      return [loss, input];
    }
  }
}

function runs(tf: Tf, data: Data): () => { value: Tensor; grads: Tensor[] } {
  if (data.task.loss === 'linear') return tensorflowLinear(tf, data.x, data.t!, data.y!);
  const [loss, input] = lossOf(tf, data);
  if (!data.task.grad) return () => ({ value: tf.tidy(() => loss(input)), grads: [] });
  const both = tf.valueAndGrads(loss);
  return () => both([input]);
}

export const open: Open = async (argument) => {
  const { tf, version } = await loadTensorflow(argument as 'cpu' | 'wasm');
  return {
    about: `@tensorflow/tfjs ${version}, ${argument}`,
    prepare(data) {
      tf.disposeVariables();
      if (data.task.loss === 'linear' && argument === 'cpu') return 'takes minutes';
      const run = runs(tf, data);
      let last: Tensor[] = [];
      return {
        run() {
          tf.dispose(last);
          const { value, grads } = run();
          const number = value.dataSync()[0];
          value.dispose();
          last = grads;
          return number;
        },
        gradients: () => last.map((gradient) => gradient.dataSync()),
      };
    },
  } satisfies Contender;
};
