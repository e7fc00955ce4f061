/** A few losses in the page, with the modules handed over as `?given=` says: bytes, compiled, or not at all. */
import { backend, backendError, crossEntropy, initSync, mseLoss, useBackend } from 'losskit';
import { tell } from './report.js';

export interface ValuesReport {
  backend: string;
  error: string | null;
  /** What came of asking for each backend: 'ran', or why not. */
  forced: Record<'wasm-relaxed' | 'wasm' | 'js', string>;
  value: number;
  fused: number;
  grad: number[];
  half: number;
  large: number[];
  given?: string;
  thrown?: string;
}

const fetched = (name: string) => fetch(`/dist/${name}.wasm`);

async function give(how: string | null): Promise<void> {
  if (how === 'bytes') initSync({ float32: await (await fetched('float32')).arrayBuffer() });
  if (how === 'compiled') {
    const [float32, float64] = await Promise.all(
      ['float32', 'float64'].map((name) => WebAssembly.compileStreaming(fetched(name))),
    );
    initSync({ float32: float32!, float64: float64! });
  }
}

function attempt(name: 'wasm-relaxed' | 'wasm' | 'js'): string {
  try {
    useBackend(name);
    return 'ran';
  } catch (error) {
    return (error as Error).message;
  }
}

await tell<ValuesReport>(async (report) => {
  const given = new URLSearchParams(location.search).get('given');
  await give(given);
  if (given) report.given = given;
  const logits = new Float32Array([2, 1, 0, 0.5, 0.5, 3]);
  const targets = new Int32Array([0, 1]);
  const small = crossEntropy.valueAndGrad(logits, targets);
  const ones = new Float32Array(100_000).fill(1);
  const large = mseLoss.valueAndGrad(new Float64Array(100_000).fill(3), new Float64Array(ones));
  Object.assign(report, {
    backend: backend(),
    error: backendError()?.message ?? null,
    value: crossEntropy(logits, targets),
    fused: small.value,
    grad: [...small.grad],
    half: mseLoss(ones, new Float32Array(100_000).fill(0.5)),
    large: [large.value, large.grad[0]!, large.grad[99_999]!],
    forced: { 'wasm-relaxed': attempt('wasm-relaxed'), wasm: attempt('wasm'), js: attempt('js') },
  });
});
