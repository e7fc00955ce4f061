/**
 * `losskit` under the condition `workerd`: Cloudflare Workers forbid compiling from bytes and give an imported `.wasm` file as a compiled
 * module. The same surface, with these handed over before the first call.
 */
import float32Relaxed from './float32-relaxed.wasm';
import float32 from './float32.wasm';
import float64Relaxed from './float64-relaxed.wasm';
import float64 from './float64.wasm';
import { initSync } from './backend.js';

initSync({ float32, float64, float32Relaxed, float64Relaxed });

export * from './index.js';
