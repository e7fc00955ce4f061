// The example of the README: node examples/quickstart.mjs
import { crossEntropy } from 'losskit';

const logits = new Float32Array([2, 1, 0, 0.5, 0.5, 3]); // two rows of three classes
const targets = new Int32Array([0, 1]);

console.log(crossEntropy(logits, targets));

const { value, grad } = crossEntropy.valueAndGrad(logits, targets, { labelSmoothing: 0.1 });
console.log(value, grad);
