/**
 * jax-js on WebAssembly as a contender: losses written with its functions, `jit` around them. Its arrays are made before anything is timed and
 * gradients stay in them; a call ends when value and gradient are there.
 */
import type { Contender, Data, Open } from '../contender.js';
import { peersFolder, peerVersion } from '../peerPackage.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- it is not among the packages of this one
type Jax = any;
type Value = Jax;

/** A value is used up by what takes it; `.ref` keeps it for one more. */
function lossOf({ nn, numpy: np }: Jax, { task }: Data): (x: Value, t: Value) => Value {
  const gentle = (x: Value) => np.log1p(np.exp(np.abs(x).neg()));
  const bce = (x: Value, t: Value) => nn.relu(x.ref).sub(x.ref.mul(t)).add(gentle(x));
  switch (task.loss) {
    case 'ce': {
      // Its oneHot takes rows of an identity matrix: 4 GiB from 32768 classes on.
      const classes = np.arange(task.classes).reshape([1, task.classes]);
      return (x, y) => {
        const target = classes.ref.equal(y.reshape([task.rows, 1]));
        return np
          .where(target, nn.logSoftmax(x), 0)
          .sum()
          .mul(-1 / task.rows);
      };
    }
    case 'bce':
      return (x, t) => bce(x, t).mean();
    case 'mse':
      return (x, t) => np.square(x.sub(t)).mean();
    case 'hinge':
      return (x, t) => nn.relu(x.mul(t).mul(-1).add(1)).mean();
    default:
      return (x, t) => {
        const p = nn.sigmoid(x.ref);
        // p + t − 2pt and 0.75 − t/2
        const wrong = p.ref.add(t.ref).sub(p.mul(t.ref).mul(2));
        const alpha = t.ref.mul(-0.5).add(0.75);
        return bce(x, t).mul(alpha).mul(np.square(wrong)).mean();
      };
  }
}

export const open: Open = async () => {
  const version = peerVersion('@jax-js/jax');
  const jax = (await import(`${peersFolder}node_modules/@jax-js/jax/dist/index.js`)) as Jax;
  await jax.init('wasm');
  jax.defaultDevice('wasm');
  return {
    about: `@jax-js/jax ${version}, wasm`,
    prepare(data) {
      const { task, x, t, y } = data;
      if (task.loss === 'linear') return 'not written';
      const shape = task.loss === 'ce' ? [task.rows, task.classes] : [task.rows];
      const input = jax.numpy.array(x, { shape });
      const target = jax.numpy.array(t ?? y);
      const loss = lossOf(jax, data);
      const call = jax.jit(task.grad ? jax.valueAndGrad(loss) : loss);
      let last: Value = null;
      return {
        async run() {
          last?.dispose();
          last = null;
          const got = call(input.ref, target.ref) as Value;
          const value = task.grad ? got[0] : got;
          if (task.grad) last = await got[1].blockUntilReady();
          return (await value.data())[0] as number;
        },
        gradients: async () => [await last.ref.data()],
      };
    },
  } satisfies Contender;
};
